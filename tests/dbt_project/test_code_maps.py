"""What people say a code means holds for every record of it, until they take it back."""

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
