"""What people say a code means holds wherever it stands, until they take it back."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.dbt_project.facts import DAY, START, Fact, decided, line, order, paid, scan, shown, step
from tests.dbt_project.fold import build, fingerprint, marts
from tests.dbt_project.worlds import World

ONE, HOUR = "tb-1200", DAY / 24
# Stream, whose code, the code, what it stands for, what it stands for instead.
CODES = (
    ("tracking_events", "sf", "X9", "DELIVERED", "IN_TRANSIT"),
    ("orders", "taobao", "卖家已备货", "CONFIRMED", "PLACED"),
    ("channel_status", "taobao", "已备货", "PAID", "SHIPPED"),
)


def _story() -> list[Fact]:
    return [
        order(ONE, START, status_raw="卖家已备货"), line(ONE), paid(ONE, START + HOUR),
        step(ONE, "handed_over", START + DAY, carrier="sf", tracking_number="SF1200"),
        scan("SF1200", "X9", START + DAY * 2),
        shown(ONE, "已备货", START + HOUR * 2),
    ]  # fmt: skip


def _said(code: tuple[str, ...], meaning: str, when: datetime) -> Fact:
    stream, party, raw, *_ = code
    return decided(
        f"file-{stream}", "map_code", when, queue_code="Q36", entity_type="file", order_id=None,
        code_stream=stream, code_party=party, code_raw=raw, code_meaning=meaning,
    )  # fmt: skip


def _unsaid(code: tuple[str, ...], said: datetime, when: datetime) -> Fact:
    name = f"file-{code[0]}"
    return decided(
        name, "undo", when, queue_code="Q36", entity_type="file", order_id=None,
        undoes_decision_id=f"{name}-map_code-{said:%d%H%M}",
    )  # fmt: skip


def _rows(world: World, sql: str) -> list[tuple[Any, ...]]:
    with marts(world) as con:
        return con.execute(sql).fetchall()


def _unknown(world: World) -> set[tuple[Any, ...]]:
    return set(_rows(world, "select stream, party, code from marts.fct_unknown_codes"))


def _arrived(world: World) -> list[tuple[Any, ...]]:
    return _rows(world, "select logistics_status, delivered_at is not null from marts.fct_orders")


def _seen(world: World) -> list[tuple[Any, ...]]:
    return _rows(world, "select detail_code from marts.fct_order_events "
                 "where event_type = 'CHANNEL_STATUS_SEEN'")  # fmt: skip


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(home=tmp_path_factory.mktemp("codes"))
    world.deliver(*_story())
    build(world)
    return world


def test_a_code_nobody_explains_is_listed_with_whose_it_is(told: World) -> None:
    assert _unknown(told) == {code[:3] for code in CODES}
    assert _arrived(told)[0][1] is False
    assert _seen(told) == [("UNKNOWN",)]


def test_an_explained_code_is_what_it_was_said_to_be_until_that_is_taken_back(
    told: World, tmp_path: Path
) -> None:
    before = fingerprint(told, lineage=False)
    first, second = START + DAY * 3, START + DAY * 4
    world = World(home=tmp_path)
    world.deliver(*_story())
    world.deliver(*[_said(code, code[4], first) for code in CODES])
    world.deliver(*[_said(code, code[3], second) for code in CODES])
    build(world)
    assert _unknown(world) == set()
    assert _arrived(world) == [("DELIVERED", True)]
    assert _seen(world) == [("PAID",)]

    # The last word is taken back: the one before it holds again; then that one too.
    world.deliver(*[_unsaid(code, second, START + DAY * 5) for code in CODES])
    build(world)
    assert (_unknown(world), _seen(world)) == (set(), [("SHIPPED",)])
    assert _arrived(world)[0][1] is False
    world.deliver(*[_unsaid(code, first, START + DAY * 6) for code in CODES])
    build(world)
    after = fingerprint(world, lineage=False)
    remembers = {"marts.fct_decisions", "marts.fct_entity_events", "marts.queue_items"}
    assert {name for name in before if before[name] != after[name]} <= remembers


def test_a_meaning_that_is_none_of_ours_explains_nothing(tmp_path: Path) -> None:
    world = World(home=tmp_path)
    world.deliver(*_story(), *[_said(code, "NOWHERE", START + DAY * 3) for code in CODES])
    build(world)
    assert _unknown(world) == {code[:3] for code in CODES}
    assert _arrived(world)[0][1] is False


def _goods(order_id: str, code: str | None, when: datetime) -> list[Fact]:
    """An order of a code, paid, of which one piece left, as the shop's code tells."""
    parcel = {"shipment_line_id": f"{order_id}-s1", "shipment_id": f"{order_id}-s",
              "order_id": order_id, "sku": code, "quantity": 1, "shipped_at": when + HOUR,
              **({} if code else {"line_id": f"{order_id}-l1"})}  # fmt: skip
    return [order(order_id, when), line(order_id, sku=code, observed_at=when),
            paid(order_id, when), ("shipment_lines", parcel)]  # fmt: skip


def _listing(*skus: str, when: datetime) -> list[Fact]:
    return [("products", {"sku": sku, "listed_at": when}) for sku in skus]


def _means(order_id: str, code: str, sku: str, when: datetime) -> Fact:
    return decided(
        order_id, "map_sku", when, queue_code="Q02", code_stream="order_lines", code_party="tb",
        code_raw=code, code_meaning=sku,
    )  # fmt: skip


def _lines(world: World) -> list[tuple[Any, ...]]:
    return _rows(world, "select order_id, shop_sku, sku, is_code_unknown, shipped_quantity::int "
                 "from marts.fct_order_lines order by order_id")  # fmt: skip


def _incomplete(world: World) -> dict[str, tuple[Any, ...]]:
    rows = _rows(
        world,
        "select order_id, closed_at, why from marts.queue_items where queue_code = 'Q02'",
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def _held(world: World) -> set[str]:
    rows = _rows(world, "select order_id from marts.fct_review_hits where rule_code = 'RV17'")
    return {order_id for (order_id,) in rows}


A, B, C = "tb-1201", "tb-1202", "tb-1203"


def test_goods_on_no_list_are_incomplete_until_the_list_has_them(tmp_path: Path) -> None:
    world = World(home=tmp_path)
    world.deliver(*_listing("SKU1", when=START - DAY), *_goods(A, "SKU1", START),
                  *_goods(B, "RED-L", START))  # fmt: skip
    build(world)
    assert _lines(world)[1] == (B, "RED-L", "RED-L", True, 1)
    assert (_held(world), set(_incomplete(world))) == ({B}, {B})
    assert '"name":"unknown_sku","value":"1"' in _incomplete(world)[B][1]
    world.deliver(*_listing("RED-L", when=START + DAY))
    build(world, from_seq=1)
    assert not _lines(world)[1][3]
    assert (_held(world), _incomplete(world)[B][0]) == (set(), START + DAY + DAY / 1440)
    in_steps = fingerprint(world)
    build(world)
    assert in_steps == fingerprint(world)


def test_before_there_is_a_list_no_code_is_unknown_and_then_all_others_are(tmp_path: Path) -> None:
    world = World(home=tmp_path)
    world.deliver(*_goods(A, "SKU1", START), *_goods(B, "RED-L", START))
    build(world)
    assert _incomplete(world) == {}
    world.deliver(*_listing("SKU1", when=START + DAY))
    build(world, from_seq=1)
    assert set(_incomplete(world)) == {B}
    in_steps = fingerprint(world)
    build(world)
    assert in_steps == fingerprint(world)


def test_a_code_of_goods_stands_for_what_was_said_wherever_the_shop_writes_it(
    tmp_path: Path,
) -> None:
    story = [*_listing("SKU1", "SKU2", when=START - DAY), *_goods(A, "RED-L", START),
             *_goods(B, "RED-L", START + HOUR), *_goods(C, None, START)]  # fmt: skip
    world, said = World(home=tmp_path), START + DAY
    world.deliver(*story)
    build(world)
    before = fingerprint(world, lineage=False)
    assert set(_incomplete(world)) == {A, B, C}

    world.deliver(_means(A, "RED-L", "SKU1", said), _means(C, f"{C}-l1", "SKU2", said))
    build(world)
    assert _lines(world) == [
        (A, "RED-L", "SKU1", False, 1), (B, "RED-L", "SKU1", False, 1), (C, None, "SKU2", False, 1)
    ]  # fmt: skip
    assert {name: item[0] for name, item in _incomplete(world).items()} == {
        A: said,
        B: said,
        C: said,
    }
    assert _held(world) == set()

    # What arrives later under the code is of the goods it stands for, folded in or folded anew.
    world.deliver(*_goods("tb-1204", "RED-L", START + DAY * 2))
    build(world, from_seq=2)
    in_steps = fingerprint(world)
    assert _lines(world)[3][2:] == ("SKU1", False, 1)
    assert "tb-1204" not in _incomplete(world)
    build(world)
    assert in_steps == fingerprint(world)

    undone = [
        decided(one, "undo", START + DAY * 3, queue_code="Q02",
                undoes_decision_id=f"{one}-map_sku-{said:%d%H%M}")
        for one in (A, C)
    ]  # fmt: skip
    taken_back = World(home=tmp_path / "taken_back")
    taken_back.deliver(*story)
    taken_back.deliver(_means(A, "RED-L", "SKU1", said), _means(C, f"{C}-l1", "SKU2", said))
    taken_back.deliver(*undone)
    build(taken_back)
    after = fingerprint(taken_back, lineage=False)
    for name in ("fct_order_lines", "fct_review_hits", "fct_reservation_moves"):
        assert before[f"marts.{name}"] == after[f"marts.{name}"]
    assert all(item[0] is None for item in _incomplete(taken_back).values())
