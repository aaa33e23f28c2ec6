"""Statements with suppliers as the fold sees them: lines, balances, clocks, work, differences."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from tests.dbt_project.facts import DAY
from tests.dbt_project.fold import marts
from tests.dbt_project.supplier_facts import HOUR, TOLD
from tests.dbt_project.worlds import World, at

T = TOLD + DAY * 10


@pytest.fixture(scope="module")
def con(truth: World) -> Iterator[duckdb.DuckDBPyConnection]:
    with marts(truth) as con:
        yield con


def _lines(con: Any) -> dict[str, tuple]:
    rows = con.execute(
        "select line_kind || ':' || order_id || ':' || coalesce(sku, ''), amount, line_status, "
        "statement_id, reconciled_at from marts.fct_supplier_lines where supplier_id = 'SUP2'"
    ).fetchall()
    return {row[0]: row[1:] for row in rows}


def test_goods_returns_and_compensation_are_lines_of_one_account(con: Any) -> None:
    lines = _lines(con)
    assert {name: float(row[0]) for name, row in lines.items() if "tb-507" in name} == {
        "shipment:tb-507:SKU1": 60, "return:tb-507:SKU1": -30, "compensation:tb-507:SKU1": -6,
    }  # fmt: skip


def test_each_line_has_the_status_and_date_of_its_statement(con: Any) -> None:
    lines = _lines(con)
    assert lines["return:tb-507:SKU1"][1:] == ("reconciled", "st-1", T + HOUR * 3)
    assert lines["shipment:tb-503:SKU1"][1:] == ("in_statement", "st-2", None)
    # Rejected in one statement, chosen again in another.
    assert lines["shipment:tb-505:SKU1"][1:] == ("in_statement", "st-3", None)
    assert lines["shipment:tb-507:SKU1"][1:] == ("unreconciled", None, None)


def test_a_statement_is_what_its_steps_add_up_to(con: Any) -> None:
    rows = con.execute(
        "select statement_id, statement_status, total_amount, line_count, submitted_at, "
        "decided_at, decided_by, paid_at, reject_count from marts.fct_supplier_statements "
        "order by statement_id"
    ).fetchall()
    assert rows == [
        ("st-1", "paid", Decimal(34), 4, T + HOUR, T + HOUR * 3, "zhao", T + DAY * 5, 0),
        ("st-2", "draft", Decimal(90), 1, None, None, None, None, 1),
        ("st-3", "submitted", Decimal(66), 1, T + DAY * 2 + HOUR, None, None, None, 0),
    ]


def test_what_remains_is_shipped_less_returned_borne_and_reconciled(con: Any) -> None:
    row = con.execute(
        "select shipped_amount, returned_amount, compensation_amount, reconciled_amount, "
        "in_statement_amount, remaining_amount, unreconciled_amount "
        "from marts.agg_supplier_balances where supplier_id = 'SUP2' and currency_code = 'CNY'"
    ).fetchone()
    shipped, back, borne, done, held, remaining, free = map(float, row)
    assert (shipped, back, borne, done) == (60 + 10 + 90 + 60 + 66 + 60, 30, 6, 34)
    assert remaining == shipped - back - borne - done
    assert remaining == held + free


def test_a_statement_is_decided_in_two_business_days(con: Any) -> None:
    rows = con.execute(
        "select entity_id, episode_number, stopped_at from marts.fct_sla_clocks "
        "where sla_code = 'S35' order by entity_id, episode_number"
    ).fetchall()
    assert rows == [
        ("st-1", 1, T + HOUR * 3), ("st-2", 1, T + HOUR * 2), ("st-3", 1, None),
    ]  # fmt: skip
    due = con.execute(
        "select due_at from marts.fct_sla_clocks where sla_code = 'S35' and entity_id = 'st-3'"
    ).fetchone()
    # Submitted on Friday 3 April at 11:00 in China; Monday is a holiday. Eighteen hours of office.
    assert due == (at("2026-04-08 03:00"),)


def _work(con: Any) -> set[tuple]:
    rows = con.execute(
        "select entity_id, opened_at, closed_at, why from marts.queue_items "
        "where queue_code = 'Q34'"
    ).fetchall()
    return {
        (
            next(f["value"] for f in json.loads(why)["facts"] if f["name"] == "statement_problem"),
            entity_id,
            opened,
            closed,
        )
        for entity_id, opened, closed, why in rows
    }


def test_statements_are_work_to_build_to_approve_and_to_put_right(con: Any) -> None:
    work = _work(con)
    end_of_month = at("2026-03-31 16:00") + DAY * 5
    assert ("to_build", "SUP2|CNY|2026-03", end_of_month, None) in work
    assert ("to_approve", "st-3", T + DAY * 2 + HOUR, None) in work
    assert ("to_approve", "st-1", T + HOUR, T + HOUR * 3) in work
    assert ("rejected", "st-2", T + HOUR * 2, T + DAY) in work


def test_what_a_supplier_states_is_held_against_what_we_have(con: Any) -> None:
    breaks = con.execute(
        "select break_type, split_part(match_key, '|', 1), difference_amount, order_id "
        "from marts.fct_recon_breaks where recon_code = 'RC10' and break_type <> 'TIMING' "
        "order by break_type, difference_amount"
    ).fetchall()
    assert [(kind, what, float(gap)) for kind, what, gap, _ in breaks] == [
        ("AMOUNT_DIFF", "shipment", -2.0),
        ("DUPLICATE", "shipment", -60.0),
        ("LEFT_ONLY", "compensation", -6.0),
        ("RIGHT_ONLY", "shipment", -44.0),
    ]
    assert sum(problem == "disputed" for problem, *_ in _work(con)) == 4


def test_the_two_sides_differ_by_exactly_the_breaks(con: Any) -> None:
    rows = con.execute(
        "select sum(left_amount) - sum(right_amount) - sum(break_amount) "
        "from marts.agg_recon_totals where recon_code = 'RC10' group by currency_code"
    ).fetchall()
    assert rows
    assert all(row[0] == 0 for row in rows)
