"""As first published beside what is known now, for whoever may see it, with the facts between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.queries.analysis import restated
from dashboards.queries.analysis.asked import Asked
from dashboards.queries.kpis import Kpi, Kpis, offered
from dashboards.queries.overview import Period, Slice
from dashboards.reader import Reader
from dashboards.warehouse import current_snapshot
from orderhouse.access import get_policy
from orderhouse.figures import Figures
from orderhouse.settings import get_settings
from pipelines.restated import remember
from tests.dashboards.test_pages import texts
from tests.support.homes import built_template, settings_of, templates_folder
from tests.support.people import NOW
from tests.support.snapshot import publish
from tests.support.world import World, build_world

Open = Callable[..., AppTest]
LATER = NOW + timedelta(days=1)
DAYS = Period(first=(NOW - timedelta(days=30)).date(), last=NOW.date())
RISE = Decimal(1000)


def _changed(world: World) -> tuple[date, str]:
    """One valid order of last week turns out to be dearer, and somebody says so a day later."""
    order = next(
        o for o in world.tables["fct_orders"]
        if o["is_valid"] and o["currency_code"] == "CNY" and o["shop_id"] == "tb-main"
        and timedelta(days=3) < NOW - o["placed_at"] < timedelta(days=20)
    )  # fmt: skip
    order["goods_amount"] += RISE
    like = next(e for e in world.tables["fct_order_events"] if e["order_id"] == order["order_id"])
    world.add(
        "fct_order_events",
        **like | {"event_id": "late", "event_type": "ORDER_EDITED",
                  "ingested_at": NOW + timedelta(hours=3)},
    )  # fmt: skip
    return order["placed_date"], order["order_id"]


@pytest.fixture
def day(home: Path) -> date:
    """A home that was published, then published again a day later with something late."""
    settings = get_settings()
    assert remember(settings, "b001", settings.serving_dir / "serving-b001.duckdb") > 0
    world = build_world()
    found, _ = _changed(world)
    path = publish(home, world, build_id="b002", at=LATER)
    assert remember(settings, "b002", path) > 0
    return found


def asking(roles: tuple[str, ...] = ("ops_lead",), mine: tuple[str, ...] | None = None) -> Asked:
    reader = Reader(current_snapshot(get_settings()), get_policy(), roles, mine)
    return Asked(reader=reader, wanted=Slice(period=DAYS, currency="CNY"), zone="Asia/Shanghai")


def store() -> Figures:
    return Figures(get_settings().serving_dir)


def kpi_of(asked: Asked, code: str) -> Kpi:
    return next(kpi for kpi in offered(asked.reader) if kpi.code == code)


def test_a_figure_that_rose_is_told_with_the_fact_that_came_late(day: date) -> None:
    asked = asking()
    found = restated.stories(asked, store(), offered(asked.reader))
    rows = {row["metric_code"]: row for row in restated.by_metric(found)}
    assert rows["net_sales"]["restated_count"] == 1
    assert "placed_orders" not in rows, "nothing about their number changed"
    run, kpi = Kpis(asked.reader, asked.zone, "CNY"), kpi_of(asked, "net_sales")
    days = restated.by_day(asked, store(), run, kpi, found)
    changed = [row for row in days if abs(row["difference_value"]) > 1e-9]
    assert [row["figure_date"] for row in changed] == [day]
    assert changed[0]["difference_value"] == pytest.approx(float(RISE))
    assert changed[0]["late_count"] == 1
    late = restated.late_facts(asked, store(), kpi, day)
    assert [(row["event_type"], row["event_count"]) for row in late] == [("ORDER_EDITED", 1)]
    for row in days:
        if row["figure_date"] != day:
            assert row["first_value"] == pytest.approx(row["now_value"])


def test_somebody_of_another_shop_is_told_nothing_of_it(day: date) -> None:
    asked = asking(mine=("tb-outlet",))
    found = restated.stories(asked, store(), offered(asked.reader))
    assert found
    assert "net_sales" in {code for code, _ in found}
    assert "net_sales" not in {row["metric_code"] for row in restated.by_metric(found)}
    of_shop = asking(mine=("tb-main",))
    told = restated.stories(of_shop, store(), offered(of_shop.reader))
    assert "net_sales" in {row["metric_code"] for row in restated.by_metric(told)}
    run, kpi = Kpis(of_shop.reader, of_shop.zone, "CNY"), kpi_of(of_shop, "net_sales")
    rows = restated.by_day(of_shop, store(), run, kpi, told)
    assert sum(row["difference_value"] for row in rows) == pytest.approx(float(RISE))


def test_what_a_build_remembers_is_what_the_app_tells_of_it(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    settings = settings_of(built_template(templates_folder(tmp_path_factory)))
    reader = Reader(
        current_snapshot(settings), get_policy(), ("ops_lead", "finance", "analyst"), None
    )
    run, kept = Kpis(reader, "Asia/Shanghai", "CNY"), Figures(settings.serving_dir)
    days = sorted(kept.days())
    assert len(days) == 35
    period = Period(first=days[0], last=days[-1])
    remembered = {figure.key: figure.value for figure in kept.between(period.first, period.last)}
    compared = 0
    for kpi in offered(reader):
        if not kpi.date_column:
            continue
        currency = "CNY" if run.is_by_currency(kpi) else ""
        for day, figure in run.by_day(kpi, Slice(period=period, currency="CNY"))[1]:
            known = remembered.get((kpi.code, day.isoformat(), "*", currency))
            told = None if not figure.rows or figure.value is None else float(figure.value)
            assert (known is None) == (told is None), (kpi.code, day)
            if told is not None:
                assert known == pytest.approx(told, rel=1e-5, abs=1e-5), (kpi.code, day)
                compared += 1
    assert compared > 1_000


def test_who_sees_no_money_is_told_no_sums_of_money(day: date) -> None:
    asked = asking(roles=("data_team",))
    found = restated.stories(asked, store(), offered(asked.reader))
    codes = {code for code, _ in found}
    assert "placed_orders" in codes
    assert not codes & {"net_sales", "gmv_placed"}


def test_a_metric_of_now_has_the_days_that_were_kept_of_it(day: date) -> None:
    asked = asking()
    kpi = kpi_of(asked, "on_hand")
    kept = restated.positions(asked, store(), kpi)
    now = Kpis(asked.reader, "Asia/Shanghai", "CNY").figure(kpi, asked.wanted).value
    assert [when - kept[0][0] for when, _ in kept] == [timedelta(0), timedelta(days=1)]
    assert now is not None and kept[-1][1] == float(now) > 0
    narrowed = replace(asked.wanted, categories=("shoes",))
    assert restated.positions(replace(asked, wanted=narrowed), store(), kpi) == []
    some = asking(mine=("tb-main",))
    assert restated.positions(some, store(), kpi) == [], "houses are nobody's shop"


def test_the_page_draws_the_days_that_were_kept(day: date, open_page: Open) -> None:
    page = open_page("metrics", "ops-lead", area="stock", metric="on_hand", period="last_30")
    assert not page.exception
    assert any("第一次发布" in text for text in texts(page))


def test_the_page_tells_which_metrics_changed(day: date, open_page: Open) -> None:
    at = open_page("analysis", "ops-lead", "en", view="restated", of="net_sales")
    assert not at.exception, at.exception
    shown = {metric.label: metric.value for metric in at.metric}
    assert int(shown["Metrics restated"]) >= 1
    assert any(f"Facts of {day}".replace("-", "\\-") in text for text in texts(at))
    cells = " ".join(frame.value.to_string() for frame in at.dataframe)
    assert "Net sales" in cells
    assert "CN¥1,000.00" in cells
