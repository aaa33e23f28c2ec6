"""Fill rates: the catalogue's SQL over seven orders counted by hand, and over the stories."""

from __future__ import annotations

import csv

import duckdb
import pytest

from orderhouse.settings import PROJECT_ROOT
from tests.dbt_project.facts import START
from tests.dbt_project.fold import marts
from tests.dbt_project.worlds import World
from tests.support.kpis import BY_HAND
from tests.support.rows import Marts

SEED = PROJECT_ROOT / "dbt_project" / "seeds" / "metric_catalogue.csv"
METRICS = {row["metric_code"]: row for row in csv.DictReader(SEED.open(encoding="utf-8"))}
RATES = ("unit_fill_ratio", "line_fill_ratio", "order_fill_ratio")

# Order: status, ordered, shipped, cancelled; lines: (sku, ordered, shipped, cancelled); events.
ORDERS = {
    "whole": ("CONFIRMED", 3, 3, 0, [("A", 1, 1, 0), ("B", 2, 2, 0)], []),
    # One of two pieces of B was not there, came later and was sent.
    "short": ("CONFIRMED", 3, 3, 0, [("A", 1, 1, 0), ("B", 2, 2, 0)], [("PICK_SHORT", "B", "")]),
    "cut": ("CONFIRMED", 3, 2, 1, [("A", 1, 1, 0), ("B", 2, 1, 1)], []),
    "held": ("CONFIRMED", 1, 1, 0, [("A", 1, 1, 0)], [("HOLD_APPLIED", None, "stock")]),
    "refused": ("CANCELLED", 4, 0, 4, [("A", 4, 0, 4)], [("REVIEW_REJECTED", None, "")]),
    # Neither filled nor rejected: still waiting, and given up by its buyer.
    "waiting": ("CONFIRMED", 5, 0, 0, [("A", 5, 0, 0)], []),
    "regretted": ("CANCELLED", 2, 0, 2, [("A", 2, 0, 2)], [("ORDER_CANCELLED", None, "")]),
}
# Pieces 3+3+2+1 of those and 1+4; lines 2+1+1+0 of 2+2+2+1+1; orders: `whole` of five.
EXPECTED = {
    "unit_fill_ratio": (9, 14), "line_fill_ratio": (4, 8), "order_fill_ratio": (1, 5),
}  # fmt: skip

TABLES = {
    "fct_orders": "order_id text, order_status text, ordered_quantity int, shipped_quantity int, "
    "cancelled_quantity int",
    "fct_order_lines": "line_id text, order_id text, sku text, line_kind text, quantity int, "
    "shipped_quantity int, cancelled_quantity int",
    "fct_order_events": "order_id text, event_type text, line_id text, sku text, "
    "detail_code text, actor_type text",
}


def _rate(con: duckdb.DuckDBPyConnection, code: str) -> tuple[float, float]:
    metric = METRICS[code]
    assert (metric["date_column"], metric["date_basis"]) == ("placed_date", "placed")
    row = con.execute(
        f"select sum({metric['numerator']})::double, sum({metric['denominator']})::double "
        f"from marts.fct_orders as facts where {metric['row_filter']}"
    ).fetchone()
    assert row
    return row


@pytest.mark.parametrize("code", RATES)
def test_what_waits_or_is_regretted_is_neither_filled_nor_rejected(code: str) -> None:
    with duckdb.connect() as con:
        con.execute("create schema marts")
        for table, columns in TABLES.items():
            con.execute(f"create table marts.{table} ({columns})")
        for name, (status, ordered, shipped, cancelled, lines, events) in ORDERS.items():
            con.execute("insert into marts.fct_orders values (?, ?, ?, ?, ?)",
                        [name, status, ordered, shipped, cancelled])  # fmt: skip
            for sku, *pieces in lines:
                con.execute("insert into marts.fct_order_lines values (?, ?, ?, 'goods', ?, ?, ?)",
                            [f"{name}-{sku}", name, sku, *pieces])  # fmt: skip
            for event, sku, detail in events:
                con.execute("insert into marts.fct_order_events values (?, ?, null, ?, ?, ?)",
                            [name, event, sku, detail, "customer"])  # fmt: skip
        assert _rate(con, code) == EXPECTED[code]
        filled, of = EXPECTED[code]
        assert BY_HAND[code](Marts(con, START, "CNY")) == pytest.approx(filled / of)


@pytest.mark.parametrize("code", RATES)
def test_over_the_stories_the_rate_is_what_it_is_by_hand(truth: World, code: str) -> None:
    with marts(truth) as con:
        filled, of = _rate(con, code)
        assert filled / of == pytest.approx(BY_HAND[code](Marts(con, START, "CNY")))
