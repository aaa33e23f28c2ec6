"""Work done in the app counts like what any source tells: it stops clocks and moves cases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.dbt_project.fold import marts
from tests.dbt_project.work_facts import DAY, HOUR, T
from tests.dbt_project.worlds import World


@pytest.fixture(scope="module")
def con(truth: World) -> Iterator[duckdb.DuckDBPyConnection]:
    with marts(truth) as con:
        yield con


def _clock(con: Any, sla: str, entity: str) -> tuple[Any, ...]:
    rows = con.execute(
        "select stopped_at, paused_minutes from marts.fct_sla_clocks "
        "where sla_code = ? and entity_id = ?",
        [sla, entity],
    ).fetchall()
    assert len(rows) == 1, rows
    return rows[0]


def _one(con: Any, sql: str) -> tuple[Any, ...]:
    found = con.execute(sql).fetchall()
    assert len(found) == 1, found
    return found[0]


def test_carrier_and_customer_spoken_to_in_the_app_meet_the_promise(con: Any) -> None:
    assert _clock(con, "S16", "tb-870-SF870")[0] == T + HOUR * 3
    # The parcel itself is stuck until it moves on.
    assert _one(con, "select closed_at from marts.queue_items where queue_code = 'Q23' "
                "and order_id = 'tb-870'") == (T + DAY,)  # fmt: skip


def test_what_is_taken_back_was_never_said(con: Any) -> None:
    assert _clock(con, "S16", "tb-871-SF871")[0] is None
    assert _one(con, "select count(*) from marts.fct_order_events where order_id = 'tb-871' "
                "and event_type = 'CUSTOMER_CONTACTED'") == (0,)  # fmt: skip


def test_a_claim_filed_and_a_missing_parcel_settled_stop_their_clocks(con: Any) -> None:
    assert _clock(con, "S19", "tb-872-SF872")[0] == T + DAY
    assert _clock(con, "S17", "tb-873")[0] == T + DAY


def test_a_case_agreed_to_in_the_app_moves_on(con: Any) -> None:
    stopped, paused = _clock(con, "S20", "tb-874-C")
    assert (stopped, paused) == (T + HOUR * 6, 4 * 60)
    assert _clock(con, "S22", "tb-874-C")[0] == T + DAY * 2 + HOUR
    assert _one(con, "select approved_at, inspected_at, passed_quantity from "
                "marts.fct_after_sales_cases where case_id = 'tb-874-C'") == (
        T + HOUR * 6, T + DAY * 2 + HOUR, 2)  # fmt: skip
    # The account is asked for: the week for the money stands still.
    assert _one(con, "select due_at from marts.fct_sla_clocks where sla_code = 'S23' "
                "and entity_id = 'tb-874-C'") == (None,)  # fmt: skip


def test_a_refund_is_agreed_to_and_tried_again_in_the_app(con: Any) -> None:
    assert _clock(con, "S25A", "tb-R875")[0] == T + HOUR * 2
    assert _clock(con, "S26", "tb-R875") == (T + HOUR * 12, 6 * 60)
    assert _one(con, "select refund_status, approved_at, sent_at, amount, shop_id "
                "from marts.fct_refunds where refund_id = 'tb-R875'") == (
        "sent", T + HOUR * 2, T + HOUR * 12, 100, "tb")  # fmt: skip


def test_a_complaint_is_answered_planned_for_and_scored_in_the_app(con: Any) -> None:
    assert _clock(con, "S28", "K876")[0] == T + HOUR
    assert _clock(con, "S29", "K876")[0] == T + HOUR * 2
    assert _one(con, "select quantity from marts.fct_order_events where order_id = 'tb-876' "
                "and event_type = 'SATISFACTION_SCORED'") == (4,)  # fmt: skip
    assert _clock(con, "S27", "K877")[0] == T + HOUR * 3


def test_waiting_for_the_customer_does_not_count_against_who_decides(con: Any) -> None:
    assert _clock(con, "S11", "tb-878") == (T + HOUR * 10, 6 * 60)


def test_a_customer_who_never_answers_is_waited_for_a_day_and_no_longer(con: Any) -> None:
    assert _clock(con, "S11", "tb-879") == (None, 24 * 60)
    assert _one(con, "select due_at from marts.fct_sla_clocks where sla_code = 'S11' "
                "and entity_id = 'tb-879'") == (T + HOUR * 2 + DAY * 2,)  # fmt: skip


def test_an_order_blocked_in_review_is_stopped_and_not_confirmed(con: Any) -> None:
    assert _clock(con, "S04", "tb-877")[0] == T + HOUR
    states = con.execute(
        "select order_id, headline_status, review_status, confirmed_at from marts.fct_orders "
        "where order_id in ('tb-877', 'tb-8770') order by 1"
    ).fetchall()
    assert states == [
        ("tb-877", "BLOCKED", "BLOCKED", None),
        ("tb-8770", "IN_REVIEW", "PENDING_MANUAL", None),
    ]


def test_errors_and_matters_between_departments_are_answered_in_the_app(con: Any) -> None:
    assert _clock(con, "S30", "E870")[0] == T + HOUR / 2
    assert _clock(con, "S31", "I870")[0] == T + HOUR * 5


def test_a_count_is_decided_in_the_app(con: Any) -> None:
    assert _clock(con, "S33", "C870-1")[0] == T + HOUR
    assert _clock(con, "S33", "C870-2")[0] is None
    states = con.execute(
        "select count_line_id, count_status from marts.fct_stock_counts "
        "where count_id = 'C870' order by 1"
    ).fetchall()
    assert states == [("C870-1", "approved"), ("C870-2", "counted")]


def test_a_total_beside_its_bins_or_batches_is_counted_once(con: Any) -> None:
    found = con.execute(
        "select sku, snapshot_quantity, drift_quantity from marts.fct_stock_positions "
        "where sku in ('SKU872', 'SKU873') order by 1"
    ).fetchall()
    assert [(sku, int(n), int(drift)) for sku, n, drift in found] == [
        ("SKU872", 12, 0), ("SKU873", 9, 0)]  # fmt: skip
    lots = con.execute(
        "select lot, snapshot_quantity from marts.fct_stock_lots where sku = 'SKU872' "
        "and snapshot_quantity is not null order by 1"
    ).fetchall()
    assert [(lot, int(n)) for lot, n in lots] == [("A", 8), ("B", 4)]
    assert _one(con, "select count(*) from marts.fct_stock_bins where sku = 'SKU872'") == (3,)


def test_an_article_of_the_last_class_may_drift_by_a_twentieth(con: Any) -> None:
    drifting = con.execute(
        "select sku from marts.fct_stock_drifts where is_drift and sku like 'SKU87%'"
    ).fetchall()
    assert drifting == [("SKU875",)]
