"""RV01 as the fold sees it: a hold of type stock that keeps its place in the line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.dbt_project.facts import DAY, START
from tests.dbt_project.fold import marts
from tests.dbt_project.shortage_facts import REACHED, RELEASED, SEEN, UNDONE, WAITS
from tests.dbt_project.worlds import World


@pytest.fixture(scope="module")
def con(truth: World) -> Iterator[duckdb.DuckDBPyConnection]:
    with marts(truth) as con:
        yield con


def _states(con: Any) -> dict[str, tuple[str, str]]:
    rows = con.execute(
        "select order_id, headline_status, order_status from marts.fct_orders "
        "where order_id like 'tb-43_'"
    ).fetchall()
    return {row[0]: row[1:] for row in rows}


def test_an_order_that_stock_does_not_reach_is_on_hold_until_it_does(con: Any) -> None:
    assert _states(con) == {
        WAITS: ("ON_HOLD", "CONFIRMED"),
        REACHED: ("TO_SHIP", "CONFIRMED"),
        RELEASED: ("TO_SHIP", "CONFIRMED"),
        UNDONE: ("TO_SHIP", "CONFIRMED"),
    }


def test_the_hold_begins_when_the_shortage_was_seen_and_ends_when_stock_came(con: Any) -> None:
    rows = con.execute(
        "select order_id, event_type, occurred_at, detail_code from marts.fct_order_events "
        "where order_id in (?, ?) and event_type in ('HOLD_APPLIED', 'HOLD_RELEASED') "
        "order by order_id, occurred_at",
        [WAITS, REACHED],
    ).fetchall()
    assert rows == [
        (WAITS, "HOLD_APPLIED", SEEN, "stock"),
        (REACHED, "HOLD_APPLIED", SEEN, "stock"),
        (REACHED, "HOLD_RELEASED", START + DAY * 3.5, "stock"),
    ]


def test_a_hit_says_how_many_pieces_are_not_there(con: Any) -> None:
    rows = con.execute(
        "select order_id, effect, facts from marts.fct_review_hits where rule_code = 'RV01' "
        "order by order_id"
    ).fetchall()
    assert [row[:2] for row in rows] == [(name, "hold") for name in (WAITS, REACHED, RELEASED)]
    [fact] = json.loads(rows[0][2])
    assert (fact["name"], float(fact["value"])) == ("unavailable_quantity", 1)


def test_an_order_on_hold_for_stock_keeps_its_place_in_the_line(con: Any) -> None:
    rows = con.execute(
        "select order_id, is_held, is_served, shortfall_quantity from marts.fct_stock_demand "
        "where order_id like 'tb-43_' order by order_id"
    ).fetchall()
    assert rows == [
        (WAITS, True, False, 1),
        (REACHED, False, True, 0),
        (RELEASED, False, False, 1),
        (UNDONE, False, False, 1),
    ]


def test_it_stays_a_case_of_oversold_goods_while_it_is_on_hold(con: Any) -> None:
    rows = con.execute(
        "select order_id, closed_at is null from marts.queue_items "
        "where queue_code = 'Q11' and order_id like 'tb-43_' order by order_id"
    ).fetchall()
    assert (WAITS, True) in rows and (REACHED, True) not in rows
