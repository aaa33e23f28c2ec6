"""The overview shows what the catalogue's metrics come to, in each currency and in one for all."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from dashboards.queries.kpis import Kpis, all_kpis
from dashboards.queries.overview import CONVERTED, METRICS, Period, Sales, Slice
from dashboards.reader import Reader
from dashboards.warehouse import current_snapshot
from orderhouse.access import get_policy
from tests.support.homes import built_template, settings_of, templates_folder

WHOLE = Period(first=date(2025, 1, 1), last=date(2026, 12, 31))
CURRENCIES = ("CNY", "USD", CONVERTED)
SHOWN = [
    (metric.code, currency)
    for metric in METRICS
    for currency in (CURRENCIES if metric.kind == "money" else (CONVERTED,))
]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    snapshot = current_snapshot(settings_of(built_template(templates_folder(tmp_path_factory))))
    return Reader(snapshot, get_policy(), ("ops_lead", "finance", "analyst"), None)


@pytest.fixture(scope="module")
def sales(reader: Reader) -> Sales:
    return Sales(reader, "CNY")


@pytest.mark.parametrize(("code", "currency"), SHOWN)
def test_a_figure_is_the_one_of_the_catalogue(
    code: str, currency: str, sales: Sales, reader: Reader
) -> None:
    """Amounts in each currency; orders of every currency where amounts are converted."""
    wanted = Slice(period=WHOLE, currency=currency)
    metric = next(metric for metric in METRICS if metric.code == code)
    kpi = next(kpi for kpi in all_kpis(reader) if kpi.code == code)
    expected = Kpis(reader, "Asia/Shanghai", "CNY").figure(kpi, wanted).value
    assert expected
    assert metric.value(sales.totals(wanted)) == pytest.approx(expected)


@pytest.mark.parametrize("currency", CURRENCIES)
def test_days_and_shops_add_up_to_the_whole(currency: str, sales: Sales) -> None:
    wanted = Slice(period=WHOLE, currency=currency)
    whole = sales.totals(wanted)
    for parts in (sales.by_day(wanted), sales.by_shop(wanted)):
        for name, value in whole.items():
            added = sum((Decimal(part[name]) for part in parts), Decimal(0))
            assert added == pytest.approx(Decimal(value)), name


def test_an_order_without_a_rate_is_counted_but_in_no_amount_and_that_is_said(
    reader: Reader, sales: Sales
) -> None:
    wanted = Slice(period=WHOLE, currency=CONVERTED)
    abroad = Sales(reader, "EUR")
    whole = sales.totals(wanted)
    assert sales.without_rate(wanted) == 0
    assert abroad.without_rate(wanted) == whole["placed_count"]
    assert abroad.totals(wanted)["placed_count"] == whole["placed_count"]
    assert abroad.totals(wanted)["placed_amount"] == 0
