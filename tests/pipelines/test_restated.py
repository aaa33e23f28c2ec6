"""What was published of a day stays as it was; what it became is added, once a build."""

from __future__ import annotations

import sqlite3
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from orderhouse.figures import Figures
from orderhouse.settings import Settings
from pipelines.publish import Gate, publish
from pipelines.restated import remember

GREEN = [Gate(name="all", ok=True, detail="")]
FIRST = datetime(2026, 6, 10, 9, 0)  # in Shanghai the tenth is not over: the ninth is the last
CATALOGUE = """
    create or replace table policies.metric_catalogue as select * from (values
        ('orders', 'count', 'sum', 'fct_orders', 'placed_date', '', '1', '', 1),
        ('sales', 'money', 'sum', 'fct_orders', 'placed_date', 'is_valid', 'payable_amount', '', 2),
        ('aov', 'money', 'sum', 'fct_orders', 'placed_date', 'is_valid', 'payable_amount', '1', 3),
        ('ripe', 'ratio', 'sum', 'fct_orders', 'placed_date', 'placed_at <= as_of', 'is_valid',
            '1', 4),
        ('middle', 'money', 'p50', 'fct_orders', 'placed_date', '', 'payable_amount', '', 5),
        ('by_event', 'count', 'sum', 'fct_refunds', 'succeeded_at', '', '1', '', 6),
        ('buyers', 'count', 'distinct', 'fct_orders', 'placed_date', '', '1', 'buyer', 7),
        ('stock', 'quantity', 'sum', 'fct_stock', '', '', 'pieces', '', 8)
    ) as t (metric_code, kind, aggregate, relation, date_column, row_filter, numerator, denominator,
        position)
"""
Order = tuple[str, str, str, float, bool, str]
ORDERS: list[Order] = [
    ("a", "tb", "CNY", 100.0, True, "2026-06-08"),
    ("b", "tb", "CNY", 50.0, True, "2026-06-09"),
    ("c", "us", "USD", 10.0, True, "2026-06-09"),
    ("d", "tb", "CNY", 30.0, False, "2026-06-09"),
    ("e", "tb", "CNY", 70.0, True, "2026-06-10"),
]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", now=FIRST)


def put(
    settings: Settings, build_id: str, orders: list[Order], now: datetime, pieces: int = 7
) -> int:
    """Publishes a business of these orders at a moment, and remembers it."""
    at = settings.model_copy(update={"now": now})
    at.candidate_path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(at.candidate_path)) as con:
        con.execute("create schema if not exists marts")
        con.execute("create schema if not exists policies")
        con.execute(CATALOGUE)
        con.execute(
            "create or replace table policies.analysis_limits as "
            "select 'restated_days' as limit_code, 5::decimal(18, 4) as limit_value"
        )
        con.execute(
            "create or replace table marts.fct_orders (order_id varchar, shop_id varchar, "
            "currency_code varchar, payable_amount decimal(18, 4), is_valid boolean, "
            "placed_date date, placed_at timestamp, buyer varchar)"
        )
        con.execute(
            "create or replace table marts.fct_refunds "
            "(order_id varchar, currency_code varchar, succeeded_at timestamp)"
        )
        for order in orders:
            con.execute(
                "insert into marts.fct_orders values (?, ?, ?, ?, ?, ?::date, ?::timestamp, 'b')",
                [*order, order[-1]],
            )
        con.execute("create or replace table marts.fct_stock as select 'a' as sku, 0 as pieces")
        con.execute("update marts.fct_stock set pieces = ?", [pieces])
        if not pieces:
            con.execute("delete from marts.fct_stock")
        # 17:00 UTC is the next day in the zone of the reports.
        con.execute("insert into marts.fct_refunds values ('a', 'CNY', '2026-06-07 17:00:00')")
    path = publish(at, build_id, GREEN, input_hash="x", as_of=None, is_full=False)
    return remember(at, build_id, path)


def told(settings: Settings, code: str, day: int, shop: str = "*", currency: str = "") -> list:
    of = date(2026, 6, day)
    return [
        f.value for f in Figures(settings.serving_dir).between(of, of, code)
        if (f.shop_id, f.currency_code) == (shop, currency)
    ]  # fmt: skip


def test_a_day_is_remembered_when_it_is_over_and_as_it_was(settings: Settings) -> None:
    assert put(settings, "b1", ORDERS, FIRST) > 0
    assert told(settings, "orders", 9) == [3.0]
    assert told(settings, "orders", 10) == [], "the tenth is not over"
    assert told(settings, "orders", 9, shop="us") == [1.0]
    assert told(settings, "sales", 9, currency="CNY") == [50.0]
    assert told(settings, "sales", 9, currency="USD") == [10.0]
    assert told(settings, "ripe", 9) == [pytest.approx(2 / 3)]
    assert told(settings, "middle", 9, currency="CNY") == [40.0]
    assert told(settings, "middle", 9, shop="tb", currency="CNY") == [], "middles do not add up"
    assert told(settings, "by_event", 8) == [1.0]
    assert told(settings, "by_event", 8, shop="tb") == [1.0], "a refund has its order's shop"
    assert told(settings, "buyers", 9) == [1.0]
    assert set(Figures(settings.serving_dir).days()) == {date(2026, 6, day) for day in range(5, 10)}


def test_the_same_build_and_later_builds_of_the_day_add_nothing(settings: Settings) -> None:
    put(settings, "b1", ORDERS, FIRST)
    before = Figures(settings.serving_dir).path.read_bytes()
    assert put(settings, "b2", [*ORDERS, ORDERS[0]], FIRST + timedelta(hours=2)) == 0
    assert Figures(settings.serving_dir).path.read_bytes() == before


def test_what_changed_is_added_and_the_first_publication_stays(settings: Settings) -> None:
    put(settings, "b1", ORDERS, FIRST)
    late: Order = ("late", "tb", "CNY", 25.0, True, "2026-06-09")
    put(settings, "b2", [*ORDERS, late], FIRST + timedelta(days=1))
    assert told(settings, "orders", 9) == [3.0, 4.0]
    assert told(settings, "sales", 9, currency="CNY") == [50.0, 75.0]
    assert told(settings, "aov", 9, currency="CNY") == [50.0, 37.5]
    assert told(settings, "sales", 9, currency="USD") == [10.0], "what did not change is not again"
    assert told(settings, "orders", 8) == [1.0]
    assert told(settings, "orders", 10) == [1.0]
    put(settings, "b3", ORDERS[2:], FIRST + timedelta(days=2))
    assert told(settings, "sales", 9, currency="CNY") == [50.0, 75.0, None], "nothing is a figure"


def test_what_lies_there_is_kept_for_the_day_that_closed_and_never_changes(
    settings: Settings,
) -> None:
    put(settings, "b1", ORDERS, FIRST, pieces=7)
    put(settings, "b2", ORDERS, FIRST + timedelta(hours=2), pieces=8)
    put(settings, "b3", ORDERS, FIRST + timedelta(days=1), pieces=5)
    put(settings, "b4", ORDERS, FIRST + timedelta(days=2), pieces=0)
    assert told(settings, "stock", 8) == [], "nobody knows what lay there before"
    assert told(settings, "stock", 9) == [7.0]
    assert told(settings, "stock", 10) == [5.0]
    assert told(settings, "stock", 11) == [], "nothing that could be counted"
    assert told(settings, "orders", 9) == [3.0]


def test_rows_are_only_ever_added(settings: Settings) -> None:
    put(settings, "b1", ORDERS, FIRST)
    with sqlite3.connect(Figures(settings.serving_dir).path) as db:
        for statement in ("update figures set over_value = '1'", "delete from figures"):
            with pytest.raises(sqlite3.IntegrityError, match="only added"):
                db.execute(statement)


def test_a_file_that_cannot_be_written_spoils_no_publish(settings: Settings) -> None:
    settings.serving_dir.mkdir(parents=True)
    Figures(settings.serving_dir).path.write_bytes(b"this is no database at all, and long enough")
    assert put(settings, "b1", ORDERS, FIRST) == 0
    assert (settings.serving_dir / "current").read_text() == "serving-b1.duckdb\n"
    Figures(settings.serving_dir).path.unlink()
    assert put(settings, "b2", ORDERS, FIRST) > 0, "the next publish remembers the days"


def test_policies_without_metrics_are_no_reason_to_fail(settings: Settings) -> None:
    settings.candidate_path.parent.mkdir(parents=True)
    with duckdb.connect(str(settings.candidate_path)) as con:
        con.execute("create schema marts")
        con.execute("create table marts.numbers as select 1 as value")
    path = publish(settings, "b1", GREEN, input_hash="x", as_of=None, is_full=False)
    assert remember(settings, "b1", path) == 0
    assert not Figures(settings.serving_dir).path.exists()
