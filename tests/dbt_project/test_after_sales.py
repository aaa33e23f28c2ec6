"""After-sales as told in `business`: cases, goods that come back, refunds that fail, promises."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.dbt_project.facts import DAY, START
from tests.dbt_project.fold import marts
from tests.dbt_project.worlds import World, at

T = START + DAY * 2


@pytest.fixture(scope="module")
def con(truth: World) -> Iterator[duckdb.DuckDBPyConnection]:
    with marts(truth) as con:
        yield con


def _rows(con: duckdb.DuckDBPyConnection, sql: str, *values: Any) -> list[dict[str, Any]]:
    cursor = con.execute(sql, list(values))
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _case(con: duckdb.DuckDBPyConnection, case_id: str) -> dict[str, Any]:
    return _rows(con, "select * from marts.fct_after_sales_cases where case_id = ?", case_id)[0]


def _clock(con: duckdb.DuckDBPyConnection, sla: str, entity: str) -> list[dict[str, Any]]:
    return _rows(
        con,
        "select * from marts.fct_sla_clocks where sla_code = ? and entity_id = ? "
        "order by episode_number",
        sla,
        entity,
    )


def _items(con: duckdb.DuckDBPyConnection, queue: str) -> dict[str, dict[str, Any]]:
    rows = _rows(con, "select * from marts.queue_items where queue_code = ?", queue)
    return {f"{row['entity_id']}#{row['episode_number']}": row for row in rows}


def test_waiting_for_evidence_stops_the_decision_clock_each_time(con: Any) -> None:
    clock = _clock(con, "S20", "tb-20-C")[0]
    assert clock["paused_minutes"] == 36 * 60
    assert clock["due_at"] == T + DAY * 5.5
    assert clock["stopped_at"] == T + DAY * 5.25
    item = _items(con, "Q26")["tb-20-C#1"]
    assert (item["opened_at"], item["closed_at"]) == (T + DAY * 3, T + DAY * 5.25)


def test_goods_are_matched_by_their_waybill_and_inspected_in_part(con: Any) -> None:
    case = _case(con, "tb-20-C")
    assert (case["case_kind"], case["case_status"]) == ("exchange", "CLOSED_OK")
    counted = [case[f"{kind}_quantity"] for kind in ("requested", "received", "passed", "failed")]
    assert counted == [2, 2, 1, 1]
    assert case["closed_at"] == T + DAY * 10
    assert _clock(con, "S22", "tb-20-C")[0]["stopped_at"] == T + DAY * 9
    assert _clock(con, "S23", "tb-20-C")[0]["stopped_at"] == T + DAY * 10
    # The law's refund clock is for returns, not for exchanges.
    assert _clock(con, "S24", "tb-20-C") == []


def test_goods_nobody_announced_wait_until_somebody_asks(con: Any) -> None:
    items = _items(con, "Q27")
    early = items["rr-tb-21#1"]
    assert (early["opened_at"], early["closed_at"]) == (T + DAY * 3, T + DAY * 4)
    assert early["entity_type"] == "return"
    unknown = items["rr-tb-0#1"]
    assert (unknown["order_id"], unknown["closed_at"]) == (None, None)
    logged = _rows(con, "select * from marts.fct_entity_events where entity_type = 'return'")
    assert {row["entity_id"] for row in logged} == {"rr-tb-0", "rr-tb-901"}


def test_wrong_goods_are_not_the_return(con: Any) -> None:
    wrong = _items(con, "Q27")["rr-wrong#1"]
    assert wrong["closed_at"] == T + DAY * 6.5  # the case ended with its refund
    facts = {fact["name"]: fact["value"] for fact in json.loads(wrong["why"])["facts"]}
    assert facts["return_problem"] == "wrong_item"
    assert _case(con, "tb-21-C")["received_quantity"] == 1


def test_a_refund_that_names_no_case_is_that_of_the_only_return(con: Any) -> None:
    refund = _rows(con, "select * from marts.fct_refunds where refund_id = 'tb-R21'")[0]
    assert refund["case_id"] == "tb-21-C"
    order = _rows(con, "select * from marts.fct_orders where order_id = 'tb-21'")[0]
    assert (order["returned_quantity"], order["after_sales_status"]) == (1, "CLOSED_OK")


def test_compensation_is_split_to_the_last_cent_and_is_no_refund(con: Any) -> None:
    case = _case(con, "tb-22-C")
    parts = [case[f"{who}_amount"] for who in ("supplier", "ecom", "platform", "compensation")]
    assert parts == [20, 6, 4, 30]
    assert case["compensation_paid_amount"] == 30
    order = _rows(con, "select * from marts.fct_orders where order_id = 'tb-22'")[0]
    assert (order["refunded_amount"], order["payment_status"]) == (0, "PAID")


def test_the_platform_takes_a_case_over_and_its_ruling_ends_it(con: Any) -> None:
    case = _case(con, "tb-22-C")
    assert (case["case_status"], case["liable_party"]) == ("CLOSED_OK", "seller")
    states = [
        row["after_sales_status"]
        for row in _rows(
            con,
            "select after_sales_status, state_number from marts.fct_order_states "
            "where order_id = 'tb-22' and event_type in ('AS_REQUESTED', 'PLATFORM_INTERVENED', "
            "'ARBITRATED') order by state_number",
        )
    ]
    assert states == ["REQUESTED", "ARBITRATION", "CLOSED_OK"]


def test_a_failed_refund_is_late_each_time_it_is_not_tried_again(con: Any) -> None:
    first, second = _clock(con, "S26", "tb-R23")
    assert (first["paused_minutes"], first["stopped_at"]) == (24 * 60, T + DAY * 2)
    assert first["due_at"] == T + DAY * 2.5
    assert second["due_at"] == T + DAY * 3.5
    late = _items(con, "Q28")["tb-R23#1"]
    assert (late["entity_type"], late["opened_at"], late["closed_at"]) == (
        "refund", T + DAY * 3.5, T + DAY * 4.5,
    )  # fmt: skip
    assert _clock(con, "S25A", "tb-R23")[0]["stopped_at"] == T + DAY * 0.3


def test_money_that_should_not_have_gone_back_is_named(con: Any) -> None:
    told = {
        (row["order_id"], json.loads(row["why"])["facts"][0]["value"]): row
        for row in _rows(con, "select * from marts.queue_items where queue_code = 'Q29'")
    }
    times = {key: (row["opened_at"], row["closed_at"]) for key, row in told.items()}
    assert times == {
        # Paid again, it is right again.
        ("tb-40", "over_refund"): (T + DAY * 4, T + DAY * 6),
        ("tb-41", "double_refund"): (T + DAY * 4, None),
        ("tb-41", "refunded_not_returned"): (T + DAY * 10, None),
        # The parcel turned round; the other one arrived, which mends nothing.
        ("tb-42", "shipped_after_refund"): (T + DAY, T + DAY * 3),
        ("tb-43", "refunded_in_transit"): (T + DAY * 1.5, None),
        ("tb-214", "refunded_in_transit"): (at("2026-03-05 07:00"), None),
        ("tb-44", "refund_without_case"): (T + DAY * 4, T + DAY * 5),
        ("tb-23", "refund_without_case"): (T + DAY * 5, None),
        ("tb-713", "refunded_not_returned"): (T + DAY * 14, None),
        # Paid back by their cases.
        ("tb-950", "refunded_in_transit"): (at("2026-03-11 02:00"), None),
        ("tb-952", "refund_without_case"): (at("2026-03-07 03:00"), None),
    }
    # What was paid twice is one mistake: the order as a whole was not refunded beyond it.
    assert told[("tb-41", "double_refund")]["at_risk_amount"] == 50


def test_a_complaint_waits_for_its_answer_and_a_major_one_for_its_plan(con: Any) -> None:
    items = _items(con, "Q30")
    told = {
        key: (row["order_id"], row["severity"], row["opened_at"], row["due_at"], row["closed_at"])
        for key, row in items.items()
        if not key.startswith("K87")  # answered in the app: see test_work_done
    }
    day, hour = T + DAY, DAY / 24
    assert told == {
        "P50#1": ("tb-50", 2, day, day + DAY, T + DAY * 2.5),
        # Raised, it is another promise: four hours to answer, a day for the plan.
        "P51#1": ("tb-51", 2, day, day + DAY, T + DAY * 1.5),
        "P51#2": ("tb-51", 1, T + DAY * 1.5, T + DAY * 1.5 + hour * 4, T + DAY * 2),
        # Answered in time, and still without a plan; it is about no order.
        "P0#1": (None, 1, day, day + DAY, None),
        "tb-52-complaint-050200#1": ("tb-52", 2, day, day + DAY, T + DAY * 1.25),
    }
    assert _clock(con, "S27", "P50")[0]["stopped_at"] == T + DAY * 2.5
    assert _clock(con, "S27", "P51")[0]["cancelled_at"] == T + DAY * 1.5
    assert _clock(con, "S28", "P0")[0]["stopped_at"] == T + DAY * 1.1
    assert _clock(con, "S29", "P0")[0]["stopped_at"] is None
