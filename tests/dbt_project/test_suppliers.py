"""Suppliers that ship in place of the house: their clock, their faults, and whose stock it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.dbt_project.facts import DAY
from tests.dbt_project.fold import marts
from tests.dbt_project.supplier_facts import HOUR, IN_CAMPAIGN, TOLD
from tests.dbt_project.worlds import World


@pytest.fixture(scope="module")
def con(truth: World) -> Iterator[duckdb.DuckDBPyConnection]:
    with marts(truth) as con:
        yield con


def _clock(con: Any, code: str, order_id: str) -> list[tuple]:
    return con.execute(
        "select started_at, due_at, stopped_at, cancelled_at from marts.fct_sla_clocks "
        "where sla_code = ? and order_id = ? order by episode_number",
        [code, order_id],
    ).fetchall()


def _items(con: Any, order_id: str) -> list[tuple]:
    rows = con.execute(
        "select opened_at, closed_at, why from marts.queue_items "
        "where queue_code = 'Q20' and order_id = ? order by opened_at",
        [order_id],
    ).fetchall()
    return [
        (opened, closed, {f["name"]: f["value"] for f in json.loads(why)["facts"]})
        for opened, closed, why in rows
    ]


def test_a_supplier_has_until_half_a_day_before_the_promise_to_the_buyer(con: Any) -> None:
    """However late it was told: the promise is 48 hours from the payment."""
    due = TOLD + DAY * 1.5
    assert _clock(con, "S14", "tb-500") == [(TOLD + HOUR, due, TOLD + HOUR * 9, None)]
    assert _clock(con, "S14", "tb-502") == [(TOLD + HOUR * 3, due, None, None)]


def test_who_is_given_another_supplier_is_no_longer_waited_for(con: Any) -> None:
    first, second = _clock(con, "S14", "tb-501")
    assert first == (TOLD + HOUR, TOLD + DAY * 1.5, None, TOLD + HOUR * 40)
    # The second was told after the time was up.
    assert second == (TOLD + HOUR * 41, TOLD + HOUR * 41, TOLD + HOUR * 50, None)


def test_a_late_supplier_is_work_from_its_deadline_until_it_ships_or_is_replaced(con: Any) -> None:
    (late,) = _items(con, "tb-502")
    assert late[:2] == (TOLD + DAY * 1.5, None)
    assert late[2]["supplier_id"] == "SUP2"
    assert float(late[2]["shipped_quantity"]) == 0
    assert [item[:2] for item in _items(con, "tb-501")] == [
        (TOLD + DAY * 1.5, TOLD + HOUR * 40),
        (TOLD + HOUR * 41, TOLD + HOUR * 50),
    ]


def test_in_a_campaign_suppliers_are_watched_from_the_warning_on(con: Any) -> None:
    (item,) = _items(con, "tb-506")
    started, due = IN_CAMPAIGN + HOUR, IN_CAMPAIGN + DAY * 1.5
    assert started < item[0] < due
    assert item[0] == started + (due - started) * 0.8
    assert item[2]["campaign_code"] == "618_2026"


def test_too_much_unapproved_and_too_dear_are_told_apart(con: Any) -> None:
    (over,), (early,), (dear,) = (_items(con, f"tb-{n}") for n in (503, 504, 505))
    at = TOLD + HOUR * 5
    assert (over[0], over[1], over[2]["supply_problem"]) == (at, TOLD + DAY * 2, "over_shipped")
    assert (early[0], early[1], early[2]["supply_problem"]) == (at, TOLD + HOUR * 8, "unapproved")
    assert (dear[0], dear[1], dear[2]["supply_problem"]) == (at, None, "price_differs")
    assert float(dear[2]["unit_price_amount"]) == 33


def test_what_was_approved_and_shipped_as_agreed_is_no_work(con: Any) -> None:
    assert _items(con, "tb-500") == []


def test_the_warehouse_is_not_waited_for_where_a_supplier_ships(con: Any) -> None:
    clocks = con.execute(
        "select order_id, sla_code, stopped_at, cancelled_at from marts.fct_sla_clocks "
        "where sla_code in ('S08', 'S09', 'S10') and order_id between 'tb-500' and 'tb-506' "
        "order by order_id"
    ).fetchall()
    assert {row[1] for row in clocks} <= {"S08"}
    assert all(row[2] is None and row[3] is not None for row in clocks)


def test_nothing_of_our_own_stock_is_kept_or_moved_for_a_supplier(con: Any) -> None:
    kept = con.execute(
        "select count(*) from marts.fct_stock_reservations "
        "where order_id between 'tb-500' and 'tb-506' and is_active"
    ).fetchone()
    wanted = con.execute(
        "select count(*) from marts.fct_stock_demand where order_id between 'tb-500' and 'tb-506'"
    ).fetchone()
    assert (kept, wanted) == ((0,), (0,))


def test_a_parcel_says_which_supplier_sent_it(con: Any) -> None:
    rows = con.execute(
        "select order_id, supplier_id, count(*) from marts.fct_shipments "
        "where order_id in ('tb-1', 'tb-500', 'tb-501') group by 1, 2 order by 1"
    ).fetchall()
    assert rows == [("tb-1", None, 1), ("tb-500", "SUP2", 2), ("tb-501", "SUP3", 1)]


def test_the_axis_of_fulfilment_goes_past_the_warehouse(con: Any) -> None:
    states = con.execute(
        "select distinct fulfilment_status from marts.fct_order_states where order_id = 'tb-500'"
    ).fetchall()
    assert {row[0] for row in states} == {"NONE", "RELEASED", "PART_SHIPPED", "SHIPPED"}


def test_pieces_shipped_are_held_against_pieces_ordered(con: Any) -> None:
    breaks = con.execute(
        "select order_id, break_type, left_amount, right_amount, party "
        "from marts.fct_recon_breaks where recon_code = 'RC11' order by order_id"
    ).fetchall()
    assert [row[:2] for row in breaks] == [
        ("tb-502", "TIMING"), ("tb-503", "QUANTITY_DIFF"), ("tb-506", "TIMING"),
    ]  # fmt: skip
    assert tuple(map(float, breaks[1][2:4])) == (2, 3)
    assert {row[4] for row in breaks} == {"SUP2"}
