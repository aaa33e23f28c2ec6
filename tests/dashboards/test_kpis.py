"""Metrics are what their rows say: by hand, by day, by channel, in any currency, for any reader."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from dashboards.queries.kpis import Kpi, Kpis, all_kpis, offered
from dashboards.queries.overview import CONVERTED, Period, Slice
from dashboards.reader import Reader
from dashboards.warehouse import Snapshot, current_snapshot
from orderhouse.access import get_policy
from orderhouse.settings import PROJECT_ROOT
from tests.support.homes import built_template, settings_of, templates_folder
from tests.support.kpis import BY_HAND
from tests.support.rows import Marts

WHOLE = Period(first=date(2025, 1, 1), last=date(2026, 12, 31))
SEED = PROJECT_ROOT / "dbt_project" / "seeds" / "metric_catalogue.csv"
CODES = [row["metric_code"] for row in csv.DictReader(SEED.open(encoding="utf-8"))]


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return current_snapshot(settings_of(built_template(templates_folder(tmp_path_factory))))


@pytest.fixture(scope="module")
def run(snapshot: Snapshot) -> Kpis:
    reader = Reader(snapshot, get_policy(), ("ops_lead", "finance", "analyst"), None)
    return Kpis(reader, "Asia/Shanghai", "CNY")


@pytest.fixture(scope="module")
def marts(run: Kpis) -> Iterator[Marts]:
    con: duckdb.DuckDBPyConnection = run.reader.snapshot.connection.cursor()
    yield Marts(con, run.as_of, "CNY")
    con.close()


def _kpi(run: Kpis, code: str) -> Kpi:
    return next(kpi for kpi in all_kpis(run.reader) if kpi.code == code)


def _slice(currency: str = "CNY", **given: tuple[str, ...]) -> Slice:
    return Slice(period=WHOLE, currency=currency, **given)


def test_every_metric_is_computed_by_hand_too() -> None:
    assert set(CODES) == set(BY_HAND)


@pytest.mark.parametrize("code", CODES)
def test_a_metric_is_what_it_is_by_hand(code: str, run: Kpis, marts: Marts) -> None:
    value, expected = run.figure(_kpi(run, code), _slice()).value, BY_HAND[code](marts)
    assert (value is None) == (expected is None)
    if expected is not None:
        assert float(value) == pytest.approx(float(expected), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("code", CODES)
def test_days_and_parts_add_up_to_the_whole_and_rows_to_what_is_counted(
    code: str, run: Kpis
) -> None:
    kpi, wanted = _kpi(run, code), _slice()
    figure, days = run.by_day(kpi, wanted)
    if kpi.date_column:
        assert sum(day.rows for _, day in days) == figure.rows
    for dimension in run.dimensions(kpi):
        parts = run.by(kpi, wanted, dimension)
        assert sum(part.rows for _, part in parts) == figure.rows
        if kpi.is_additive:
            assert sum(part.over for _, part in parts) == pytest.approx(figure.over)
    rows = run.rows(kpi, wanted, limit=1_000_000)
    assert len(rows) == figure.rows
    if kpi.is_additive:
        added = sum((row["counted_value"] or Decimal(0) for row in rows), Decimal(0))
        assert added == pytest.approx(figure.over)


def test_channels_share_a_sum_between_them(run: Kpis) -> None:
    kpi = _kpi(run, "placed_orders")
    names = [name for name, _ in run.by(kpi, _slice(), "channel")]
    parts = [run.figure(kpi, _slice(channels=(name,))).over for name in names]
    assert len(names) > 1
    assert sum(parts) == run.figure(kpi, _slice()).over


def test_currencies_are_added_only_at_the_rates_of_their_days(run: Kpis) -> None:
    kpi = _kpi(run, "gmv_placed")
    yuan, dollars = (run.figure(kpi, _slice(currency)).over for currency in ("CNY", "USD"))
    converted = _slice(CONVERTED)
    assert dollars > 0
    assert run.figure(kpi, converted).over == pytest.approx(yuan + dollars * Decimal("7.10"))
    assert run.without_rate(kpi, converted) == 0
    abroad = Kpis(run.reader, run.zone, "EUR")
    assert (
        abroad.without_rate(kpi, _slice(CONVERTED))
        == run.figure(_kpi(run, "placed_orders"), _slice()).over
    )


def test_a_share_of_orders_is_of_every_currency(run: Kpis) -> None:
    assert not run.is_by_currency(_kpi(run, "refund_order_ratio"))
    assert run.is_by_currency(_kpi(run, "take_rate"))


def test_who_sees_no_money_is_offered_no_metric_of_money(snapshot: Snapshot) -> None:
    policy = get_policy()
    blind = next(
        role for role in policy.roles
        if policy.may_open((role,), "metrics") and not policy.sees((role,), "money")
    )  # fmt: skip
    codes = {kpi.code for kpi in offered(Reader(snapshot, policy, (blind,), None))}
    assert "placed_orders" in codes
    assert not codes & {"gmv_placed", "net_sales", "take_rate", "compensation_cost_ratio"}


def test_a_person_of_one_shop_counts_only_that_shop(snapshot: Snapshot, run: Kpis) -> None:
    mine = Kpis(Reader(snapshot, get_policy(), ("ops_lead",), ("tb",)), run.zone, "CNY")
    kpi = _kpi(run, "placed_orders")
    assert mine.figure(kpi, _slice()).over == run.figure(kpi, _slice(shops=("tb",))).over
    assert 0 < mine.figure(kpi, _slice()).over < run.figure(kpi, _slice()).over


WORK = [
    "queue_touch_p50", "queue_handling_mean",
    "queue_claim_to_resolve_p50", "queue_snooze_count", "queue_false_alarm_ratio",
    "decision_undone_ratio",
]  # fmt: skip


@pytest.mark.parametrize("code", WORK)
def test_work_at_cases_is_what_it_is_by_hand(code: str, built: Path) -> None:
    """The demo business starts with nobody having decided anything; this one is at work."""
    reader = Reader(current_snapshot(settings_of(built)), get_policy(), ("ops_lead",), None)
    busy = Kpis(reader, "Asia/Shanghai", "CNY")
    con = reader.snapshot.connection.cursor()
    expected = BY_HAND[code](Marts(con, busy.as_of, "CNY"))
    assert float(busy.figure(_kpi(busy, code), _slice()).value) == pytest.approx(float(expected))
    con.close()
