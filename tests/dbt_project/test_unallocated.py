"""Confirmed lines that no warehouse was given: taken once from what shops may sell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.dbt_project.facts import DAY, START, Fact, line, moved, order, paid, step
from tests.dbt_project.fold import build, fingerprint, invoke, marts
from tests.dbt_project.worlds import World

ALONE, SET, TOO_MUCH, UNPAID = "tb-1010", "tb-1011", "tb-1012", "tb-1013"
T = START + DAY
FACTS: list[Fact] = [
    moved("PART", "opening", 20, T - DAY, "u1"),
    moved("FEW", "opening", 10, T - DAY, "u2"),
    ("kit_components", {"kit_sku": "PAIR", "component_sku": "PART", "component_quantity": 2,
                        "stated_at": T - DAY}),
    order(ALONE, T), line(ALONE, sku="PART", quantity=3, unit_price_amount=10),
    paid(ALONE, T + DAY / 24),
    order(SET, T), line(SET, sku="PAIR", quantity=1), paid(SET, T + DAY / 24),
    order(TOO_MUCH, T), line(TOO_MUCH, sku="FEW", quantity=14, unit_price_amount=7),
    paid(TOO_MUCH, T + DAY / 24),
    order(UNPAID, T), line(UNPAID, sku="PART", quantity=2),
]  # fmt: skip
GIVEN = [step(name, "stock_reserved", T + DAY / 4) for name in (ALONE, SET, TOO_MUCH)]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The shops have no warehouse of their own: each order waits for somebody to choose one."""
    world = World(home=tmp_path_factory.mktemp("unallocated"))
    world.open_window(full=True)
    invoke(world, "seed", is_full=True)
    with duckdb.connect(str(world.candidate)) as con:
        con.execute("update policies.channels set default_warehouse_id = null")
    world.deliver(*FACTS)
    build(world)
    return world


@pytest.fixture(scope="module")
def before(world: World) -> dict[str, list[tuple[Any, ...]]]:
    return _seen(world)


@pytest.fixture(scope="module")
def after(world: World, before: Any) -> Iterator[dict[str, list[tuple[Any, ...]]]]:
    world.deliver(*GIVEN)
    build(world, from_seq=1)
    yield _seen(world)


def _seen(world: World) -> dict[str, list[tuple[Any, ...]]]:
    asked = {
        "lines": "select order_id, sku, open_quantity::int, oversold_quantity::int "
        "from marts.fct_stock_unallocated order by order_id",
        "reserved": "select order_id, sku, open_quantity::int from marts.fct_stock_reservations "
        "where is_active and reservation_type = 'hard' order by order_id",
        "shops": "select sku, shop_id, online_quantity::int, available_quantity::int "
        "from marts.fct_channel_stock order by sku, shop_id",
        "oversold": "select sku, sum(oversold_quantity)::int from (select sku, oversold_quantity "
        "from marts.fct_stock_positions union all select sku, oversold_quantity "
        "from marts.fct_stock_unallocated) group by sku order by sku",
    }
    with marts(world) as con:
        return {name: con.execute(sql).fetchall() for name, sql in asked.items()}


def test_confirmed_lines_wait_and_what_no_warehouse_has_is_oversold(before: Any) -> None:
    assert before["lines"] == [
        (ALONE, "PART", 3, 0), (SET, "PART", 2, 0), (TOO_MUCH, "FEW", 14, 4),
    ]  # fmt: skip
    assert before["reserved"] == []


def test_each_shop_may_sell_that_much_less_and_of_the_set_what_its_part_allows(
    before: Any,
) -> None:
    """Twenty less five; the threshold of the articles is five, the buffer of a shop two."""
    assert [row for row in before["shops"] if row[1] == "tb"] == [
        ("FEW", "tb", 10 - 14 - 5, 0), ("PAIR", "tb", 15 // 2, 15 // 2 - 2),
        ("PART", "tb", 20 - 5 - 5, 20 - 5 - 5 - 2),
    ]  # fmt: skip
    assert {row[0]: row[2] for row in before["shops"] if row[1] == "tb"} == {
        row[0]: row[2] for row in before["shops"] if row[1] == "shopify"
    }


def test_who_is_given_a_warehouse_changes_nothing_for_the_shops(before: Any, after: Any) -> None:
    """With one warehouse the same pieces are promised, whether somebody chose it or not."""
    assert after["lines"] == []
    assert [row[:2] for row in after["reserved"]] == [row[:2] for row in before["lines"]]
    assert after["shops"] == before["shops"]
    assert after["oversold"] == before["oversold"]


def test_line_by_line_is_all_at_once(world: World, after: Any) -> None:
    in_steps = fingerprint(world)
    build(world)
    assert fingerprint(world) == in_steps
