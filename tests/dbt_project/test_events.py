"""Events that used to leave no trace, as told in `event_facts`; and what the axes can say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orderhouse.settings import PROJECT_ROOT
from orderhouse.terms import entries
from tests.dbt_project.event_facts import HOUR, LONG_AGO, T, told_at_last
from tests.dbt_project.facts import DAY, Fact, line, order, paid
from tests.dbt_project.fold import build, fingerprint, marts
from tests.dbt_project.worlds import World

# What each axis may say. Headlines in the order in which the first that fits is taken.
AXES = {
    "order": "PLACED CONFIRMED COMPLETED CANCELLED EXPIRED ARCHIVED",
    "payment": "UNPAID PARTIAL COD_DUE AUTHORIZED PAID OVERPAID PARTIALLY_REFUNDED REFUNDED FAILED"
    " CHARGEBACK NOT_REPORTED",
    "review": "NOT_STARTED AUTO_PASSED PENDING_MANUAL PENDING_FINANCE HELD BLOCKED PASSED",
    "fulfilment": "NONE RESERVED BACKORDER RELEASED PICKING PACKED PART_SHIPPED SHIPPED SHORT",
    "logistics": "NONE LABELLED COLLECTED IN_TRANSIT ARRIVED OUT_FOR_DELIVERY AT_PICKUP_POINT"
    " DELIVERED EXCEPTION RETURNING RETURNED LOST",
    "after_sales": "NONE REQUESTED APPROVED RETURNING RECEIVED QC_DONE REFUNDING RESHIPPING"
    " REPAIRING CLOSED_OK REJECTED WITHDRAWN ARBITRATION",
    "settlement": "UNSETTLED PART_SETTLED SETTLED DISPUTED",
    "headline": "CANCELLED BLOCKED AFTER_SALES COMPLETED DELIVERED IN_TRANSIT PART_SHIPPED UNPAID"
    " IN_REVIEW ON_HOLD TO_SHIP",
}


@pytest.fixture(scope="module")
def con(truth: World) -> Iterator[duckdb.DuckDBPyConnection]:
    with marts(truth) as con:
        yield con


def _events(con: Any, order_id: str, *types: str) -> list[tuple]:
    marks = ", ".join("?" for _ in types)
    return con.execute(
        "select event_type, occurred_at, detail_code, actor_type, amount::double "
        f"from marts.fct_order_events where order_id = ? and event_type in ({marks}) "
        "order by occurred_at, event_rank, event_id",
        [order_id, *types],
    ).fetchall()


def _order(con: Any, order_id: str, *columns: str) -> tuple:
    return con.execute(
        f"select {', '.join(columns)} from marts.fct_orders where order_id = ?", [order_id]
    ).fetchone()


def _passed(con: Any, order_id: str, axis: str) -> list[str]:
    """What the axis said one after the other."""
    rows = con.execute(
        f"select {axis}_status from marts.fct_order_states where order_id = ? "
        "order by state_number",
        [order_id],
    ).fetchall()
    said = [row[0] for row in rows]
    return [now for before, now in zip([None, *said], said, strict=False) if now != before]


def test_every_event_of_orders_and_money_happens_in_a_story(con: Any) -> None:
    """Those of stock and of the house itself have tests of their own."""
    page = (PROJECT_ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    sections = re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", page, flags=re.M | re.S)
    named = {
        name
        for title, rows in sections
        if title not in ("Stock", "Platform")
        for name in re.findall(r"^\| ([A-Z_]+) \| event", rows, flags=re.M)
    }
    happened = {
        row[0]
        for row in con.execute(
            "select event_type from marts.fct_order_events "
            "union select event_type from marts.fct_entity_events"
        ).fetchall()
    }
    assert len(named) > 80
    assert named - happened == set()
    assert {"COUNT_OPENED", "COUNT_REJECTED", "RESERVATION_RELEASED"} <= happened


@pytest.mark.parametrize("axis", AXES)
def test_every_value_of_an_axis_is_reached_and_no_other(con: Any, axis: str) -> None:
    rows = con.execute(f"select distinct {axis}_status from marts.fct_order_states").fetchall()
    assert {row[0] for row in rows} == set(AXES[axis].split())


@pytest.mark.parametrize("axis", AXES)
def test_every_value_of_an_axis_has_its_word_in_both_languages(axis: str) -> None:
    known = entries()
    missing = [value for value in AXES[axis].split() if f"{axis}:{value}" not in known]
    assert missing == []


def test_the_rest_of_a_price_tops_it_up(con: Any) -> None:
    found = _events(con, "tb-650", "PAYMENT_CAPTURED", "PAYMENT_TOPUP")
    assert [(row[0], row[4]) for row in found] == [("PAYMENT_CAPTURED", 60), ("PAYMENT_TOPUP", 40)]
    assert _passed(con, "tb-650", "payment") == ["UNPAID", "PARTIAL", "PAID"]


def test_the_same_price_twice_or_in_parts_at_once_is_no_top_up(con: Any) -> None:
    for one, status in (("tb-651", "OVERPAID"), ("tb-652", "PAID")):
        assert len(_events(con, one, "PAYMENT_CAPTURED")) == 2
        assert _events(con, one, "PAYMENT_TOPUP") == []
        assert _order(con, one, "payment_status") == (status,)


def test_a_chargeback_that_was_won_leaves_the_order_paid(con: Any) -> None:
    for one in ("tb-653", "tb-656"):  # told by the dispute, told by the bill
        found = _events(con, one, "CHARGEBACK_OPENED", "CHARGEBACK_CLOSED")
        assert [(row[0], row[1], row[4]) for row in found] == [
            ("CHARGEBACK_OPENED", T + DAY * 5, 100), ("CHARGEBACK_CLOSED", T + DAY * 9, 100),
        ]  # fmt: skip
        assert found[1][2] == "won"
        assert _passed(con, one, "payment") == ["UNPAID", "PAID", "CHARGEBACK", "PAID"]
        assert _passed(con, one, "settlement")[-2:] == ["DISPUTED", "SETTLED"]


def test_a_chargeback_that_was_lost_stays_and_is_no_dispute_any_more(con: Any) -> None:
    state = ("payment_status", "settlement_status", "refunded_amount")
    assert _order(con, "tb-654", *state) == ("CHARGEBACK", "SETTLED", 100)
    assert _order(con, "tb-655", *state) == ("CHARGEBACK", "DISPUTED", 0)
    for one in ("tb-653", "tb-654", "tb-655"):
        assert _events(con, one, "REFUND_REQUESTED", "REFUND_REJECTED", "REFUND_SUCCEEDED") == []


def test_a_remark_written_later_is_told_with_who_wrote_it(con: Any) -> None:
    assert _events(con, "tb-657", "ORDER_REMARKED") == [
        ("ORDER_REMARKED", T + HOUR * 3, "seller_remark", "staff", None)
    ]
    assert _order(con, "tb-657", "edit_count") == (0,)


def test_a_changed_estimate_is_told_and_a_repeated_one_is_not(con: Any) -> None:
    found = _events(con, "tb-658", "ETA_CHANGED")
    assert [row[1:4] for row in found] == [
        (T + DAY + HOUR * 20, "later", "carrier"), (T + DAY + HOUR * 100, "later", "carrier"),
    ]  # fmt: skip
    assert [row[1:4] for row in _events(con, "tb-659", "ETA_CHANGED")] == [
        (T + DAY, "earlier", "platform")
    ]


def test_the_clock_of_delivery_follows_what_the_carrier_told_on_the_way(con: Any) -> None:
    """The channel's own promise goes first; what is told after the arrival counts for nothing."""
    rows = con.execute(
        "select order_id, due_at from marts.fct_sla_clocks where sla_code = 'S18' "
        "and order_id in ('tb-658', 'tb-659') order by 1"
    ).fetchall()
    assert rows == [("tb-658", T + DAY * 4.5), ("tb-659", T + DAY * 4)]
    row = con.execute(
        "select expected_at from marts.fct_shipments where order_id = 'tb-658'"
    ).fetchone()
    assert row == (T + DAY * 4.5,)


def test_cash_the_carrier_passed_on_settles_the_order(con: Any) -> None:
    assert [row[1:] for row in _events(con, "tb-660", "COD_REMITTED")] == [
        (T + DAY * 10, "sf", "carrier", 100)
    ]
    assert _passed(con, "tb-660", "settlement") == ["UNSETTLED", "SETTLED"]


def test_a_finished_order_is_put_away_when_its_time_for_after_sales_is_over(con: Any) -> None:
    window = DAY * 15
    quiet = _events(con, "tb-661", "ORDER_ARCHIVED")
    assert [row[1] for row in quiet] == [LONG_AGO + DAY * 10 + window]
    assert _order(con, "tb-661", "order_status", "headline_status") == ("ARCHIVED", "COMPLETED")
    argued = _events(con, "tb-662", "ORDER_ARCHIVED")
    assert [row[1] for row in argued] == [LONG_AGO + DAY * 30], "not before its case is closed"
    assert _events(con, "tb-663", "ORDER_ARCHIVED") == []
    state = ("order_status", "headline_status")
    assert _order(con, "tb-663", *state) == ("COMPLETED", "AFTER_SALES")


def test_time_that_passed_puts_away_orders_nobody_spoke_of(tmp_path: Path) -> None:
    """Build by build and all at once alike, though only news of another order shows the time."""
    old, new = "tb-690", "tb-691"
    done = LONG_AGO + DAY
    first: list[Fact] = [
        order(old, LONG_AGO, completed_at=done), line(old), paid(old, LONG_AGO + HOUR),
    ]  # fmt: skip
    world = World(home=tmp_path)
    found = []
    news = [order(new, done + DAY * 14), line(new)]
    for number, part in enumerate(([*first, *news], [paid(new, done + DAY * 16)])):
        world.deliver(*part)
        build(world, from_seq=number if number else None)
        with marts(world) as built:
            found.append(_order(built, old, "order_status")[0])
    in_steps = fingerprint(world)
    build(world)
    assert found == ["COMPLETED", "ARCHIVED"]
    assert {name for name, rows in fingerprint(world).items() if rows != in_steps[name]} == set()


def test_a_cancelled_order_says_who_gave_it_up_and_why_where_its_channel_does(con: Any) -> None:
    closing = ("ORDER_CANCELLED", "ORDER_EXPIRED_UNPAID")
    assert {
        order_id: [(row[0], row[2], row[3]) for row in _events(con, order_id, *closing)]
        for order_id in ("tb-990", "tb-991", "tb-992", "shopify-993")
    } == {
        "tb-990": [("ORDER_EXPIRED_UNPAID", "expired", "platform")],
        "tb-991": [("ORDER_CANCELLED", "buyer", "customer")],
        "tb-992": [("ORDER_CANCELLED", None, None)],
        "shopify-993": [("ORDER_CANCELLED", "stock", "staff")],
    }
    assert _order(con, "tb-990", "order_status", "headline_status") == ("EXPIRED", "CANCELLED")


def test_an_order_held_for_stock_is_a_backorder_until_it_has_some(con: Any) -> None:
    assert _passed(con, "tb-664", "fulfilment") == ["NONE", "BACKORDER", "NONE", "RESERVED"]
    assert _order(con, "tb-665", "fulfilment_status") == ("BACKORDER",)


def test_stock_that_was_let_go_in_time_is_not_reserved_any_more(con: Any) -> None:
    assert _passed(con, "tb-666", "fulfilment") == ["NONE", "RESERVED", "NONE"]


def test_a_deposit_leaves_the_rest_due_in_cash(con: Any) -> None:
    payment, headline = _order(con, "tb-667", "payment_status", "headline_status")
    assert (payment, headline != "UNPAID") == ("COD_DUE", True)


def test_an_order_that_was_split_says_so(con: Any) -> None:
    assert [row[1] for row in _events(con, "tb-668", "ORDER_SPLIT")] == [T + HOUR * 3]


def test_a_delivery_tells_who_signed_where_the_carrier_does(con: Any) -> None:
    said = {row[2] for row in _events(con, "tb-668", "DELIVERED")}
    assert said == {"SIGNED_LOCKER", "SIGNED_AFTER_EXCEPTION"}
    rows = con.execute(
        "select distinct logistics_status, last_state_code from marts.fct_shipments "
        "where order_id = 'tb-668'"
    ).fetchall()
    assert rows == [("DELIVERED", "DELIVERED")]


def test_a_parcel_said_not_to_have_come_is_disputed_until_that_is_settled(con: Any) -> None:
    rows = con.execute(
        "select order_id, is_disputed from marts.fct_shipments "
        "where order_id in ('tb-1', 'tb-16', 'tb-658') order by 1"
    ).fetchall()
    assert rows == [("tb-1", False), ("tb-16", True), ("tb-658", False)]


def test_an_order_a_rule_stops_is_stopped_and_not_said_to_wait_for_review(con: Any) -> None:
    rows = con.execute(
        "select count(*), count(*) filter (where orders.review_status = 'BLOCKED') "
        "from marts.fct_order_events as events "
        "inner join marts.fct_orders as orders using (order_id) "
        "where event_type = 'ORDER_BLOCKED'"
    ).fetchone()
    assert rows[0] > 0
    assert rows[1] > 0
    stages = con.execute(
        "select distinct detail_code from marts.fct_order_events "
        "where event_type = 'REVIEW_ENTERED'"
    ).fetchall()
    assert ("block",) not in stages


def test_no_story_of_these_orders_breaks_a_rule_of_the_process(con: Any) -> None:
    told = {fact["order_id"] for _, fact in told_at_last() if fact.get("order_id")}
    rows = con.execute(
        "select distinct deviation_code, order_id from marts.fct_order_states where is_deviation"
    ).fetchall()
    assert {row for row in rows if row[1] in told} == set()
