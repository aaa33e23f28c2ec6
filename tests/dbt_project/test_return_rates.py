"""Return rates at a maturity: the catalogue's SQL over five orders counted by hand."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime, timedelta

import duckdb
import pytest

from orderhouse.measures import at_moment
from orderhouse.settings import PROJECT_ROOT
from tests.support.kpis import BY_HAND
from tests.support.rows import Marts

SEED = PROJECT_ROOT / "dbt_project" / "seeds" / "metric_catalogue.csv"
METRICS = {row["metric_code"]: row for row in csv.DictReader(SEED.open(encoding="utf-8"))}
AS_OF = datetime(2026, 6, 30, 9)
DAYS = (7, 15, 30, 60)

# Order: days since it shipped; lines: (sku, pieces ordered, shipped, paid);
# what came back: (event, days after shipping, article named by, pieces).
ORDERS = {
    "kept": (70, [("A", 2, 2, 20)], []),
    # Both lines are of one article, at 10 and at 20: a piece of it is worth 15.
    "two prices": (
        70, [("A", 1, 1, 10), ("A", 1, 1, 20)],
        [("RETURN_RECEIVED", 7, "sku", 1), ("RETURN_RECEIVED", 16, "line", 1)],
    ),
    # One of two was shipped, and the warehouse says two came back: no more than left.
    "too many": (61, [("A", 2, 1, 30)], [("RETURN_RECEIVED", 40, "sku", 2)]),
    # Given back without a case; a receipt of another's article is nobody's piece of this order.
    "no case": (
        31, [("A", 4, 4, 40)],
        [("REFUND_SUCCEEDED", 5, "sku", 1), ("RETURN_RECEIVED", 6, "other", 3)],
    ),
    # Everything came back, but it is young: in no figure beyond the days it is old.
    "young": (10, [("A", 1, 1, 100)], [("RETURN_RECEIVED", 3, "sku", 1)]),
}  # fmt: skip
UNITS = {7: (1 + 1 + 1, 2 + 2 + 1 + 4 + 1), 15: (2, 9), 30: (3, 9), 60: (3, 5)}
VALUE = {7: (15 + 10 + 100, 20 + 30 + 15 + 40 + 100), 15: (25, 105), 30: (40, 105), 60: (45, 65)}


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute("create schema marts")
        con.execute(
            "create table marts.fct_orders (order_id text, shipped_at timestamp, "
            "shipped_quantity decimal(18, 4), currency_code text)"
        )
        con.execute(
            "create table marts.fct_order_lines (line_id text, order_id text, sku text, "
            "line_kind text, quantity decimal(18, 4), shipped_quantity decimal(18, 4), "
            "line_amount decimal(18, 4))"
        )
        con.execute(
            "create table marts.fct_order_events (order_id text, event_type text, "
            "occurred_at timestamp, line_id text, sku text, quantity decimal(18, 4), "
            "case_id text, detail_code text)"
        )
        for name, (age, lines, events) in ORDERS.items():
            shipped_at = AS_OF - timedelta(days=age)
            con.execute(
                "insert into marts.fct_orders values (?, ?, ?, 'CNY')",
                [name, shipped_at, sum(line[2] for line in lines)],
            )
            for number, (sku, ordered, shipped, paid) in enumerate(lines):
                con.execute(
                    "insert into marts.fct_order_lines values (?, ?, ?, 'goods', ?, ?, ?)",
                    [f"{name}/{number}", name, sku, ordered, shipped, paid],
                )
            for kind, days, named_by, pieces in events:
                con.execute(
                    "insert into marts.fct_order_events values (?, ?, ?, ?, ?, ?, null, ?)",
                    [name, kind, shipped_at + timedelta(days=days),
                     f"{name}/1" if named_by == "line" else None,
                     {"sku": "A", "line": None, "other": "Z"}[named_by], pieces,
                     "return" if kind == "REFUND_SUCCEEDED" else None],
                )  # fmt: skip
        yield con


def _rate(con: duckdb.DuckDBPyConnection, code: str) -> tuple[float, float]:
    metric = METRICS[code]
    asked = at_moment(
        f"select sum({metric['numerator']}), sum({metric['denominator']}) "
        f"from marts.{metric['relation']} as facts where {metric['row_filter']}",
        AS_OF,
    )
    [(over, under)] = con.execute(asked).fetchall()
    return float(over), float(under)


@pytest.mark.parametrize("days", DAYS)
def test_what_came_back_in_time_is_counted_over_what_is_old_enough(
    con: duckdb.DuckDBPyConnection, days: int
) -> None:
    assert _rate(con, f"return_unit_ratio_{days}d") == UNITS[days]
    assert _rate(con, f"return_value_ratio_{days}d") == pytest.approx(VALUE[days])


@pytest.mark.parametrize("days", DAYS)
def test_the_hand_computation_of_the_catalogue_agrees(
    con: duckdb.DuckDBPyConnection, days: int
) -> None:
    marts = Marts(con, AS_OF, "CNY")
    for kind in ("unit", "value"):
        code = f"return_{kind}_ratio_{days}d"
        over, under = _rate(con, code)
        assert BY_HAND[code](marts) == pytest.approx(over / under)


def test_an_order_too_young_for_a_maturity_moves_no_figure_of_it(
    con: duckdb.DuckDBPyConnection,
) -> None:
    def figures() -> list[tuple[float, float]]:
        return [
            _rate(con, f"return_{kind}_ratio_{days}d")
            for kind in ("unit", "value") for days in (15, 30, 60)
        ]  # fmt: skip

    before = figures()
    con.execute("begin")
    con.execute("delete from marts.fct_orders where order_id = 'young'")
    after = figures()
    con.execute("rollback")
    assert after == before
