"""Service levels as the page reads them: every clock has one outcome, whenever it is read."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from dashboards.queries import service_levels as levels
from dashboards.reader import Reader
from dashboards.warehouse import current_snapshot
from orderhouse.access import get_policy
from orderhouse.settings import get_settings
from tests.support.people import NOW
from tests.support.snapshot import publish
from tests.support.world import build_world

LONG_AGO = datetime(2000, 1, 1)


@pytest.fixture
def reader(home: Path) -> Reader:
    return Reader(current_snapshot(get_settings()), get_policy(), ("ops_lead",), None)


@pytest.mark.parametrize("hours", [-24 * 30, -24, 0, 24, 24 * 30])
def test_every_clock_has_exactly_one_outcome_at_any_moment(reader: Reader, hours: int) -> None:
    told = levels.attainment(reader, NOW + timedelta(hours=hours), LONG_AGO)
    assert told
    for row in told:
        assert sum(row[f"{name}_count"] for name in levels.OUTCOMES) == row["clock_count"]


def test_a_broken_promise_stays_broken_as_time_goes_on(reader: Reader) -> None:
    broken = []
    for hours in range(0, 24 * 20, 24):
        told = levels.attainment(reader, NOW + timedelta(hours=hours), LONG_AGO)
        broken.append(sum(row["breached_count"] + row["met_late_count"] for row in told))
    assert broken == sorted(broken)
    assert broken[-1] > broken[0]


def test_the_listed_clocks_are_the_counted_ones(reader: Reader) -> None:
    for row in levels.attainment(reader, NOW, LONG_AGO):
        for outcome in levels.OPEN:
            listed = levels.open_clocks(reader, NOW, row["sla_code"], (outcome,), limit=10_000)
            counted = levels.open_count(reader, NOW, row["sla_code"], (outcome,))
            assert len(listed) == counted == row[f"{outcome}_count"]


def test_no_more_clocks_are_expected_to_break_than_are_due(reader: Reader) -> None:
    for row in levels.expected_breaches(reader, NOW - timedelta(days=1)):
        for hours in levels.HORIZONS:
            assert (row[f"breach_{hours}h_expected"] or 0) <= row[f"due_{hours}h_count"]


def test_somebody_of_one_shop_sees_the_clocks_of_that_shop(home: Path) -> None:
    of_one = Reader(current_snapshot(get_settings()), get_policy(), ("ops_lead",), ("tb-outlet",))
    for row in levels.attainment(of_one, NOW, LONG_AGO):
        listed = levels.open_clocks(of_one, NOW, row["sla_code"], levels.OPEN, limit=10_000)
        assert {clock["shop_id"] for clock in listed} <= {"tb-outlet"}
    assert levels.calibration(of_one, None) == []


def test_what_fell_due_after_the_last_file_is_not_called_broken(reader: Reader, home: Path) -> None:
    late = levels.open_clocks(reader, NOW, "S07", ("breached",), limit=10_000)
    due = sorted(clock["due_at"] for clock in late)
    heard = due[len(due) // 2]
    world = build_world()
    world.tables["agg_feed_horizons"] = [
        {"sla_code": "S07", "shop_id": shop, "known_until_at": heard, "feed_id": "wms/a/fulfilment"}
        for shop in {clock["shop_id"] for clock in late}
    ]
    publish(home, world, build_id="b002")
    behind = Reader(current_snapshot(get_settings()), get_policy(), ("ops_lead",), None)
    told = {row["sla_code"]: row for row in levels.attainment(behind, NOW, LONG_AGO)}["S07"]
    assert told["unheard_count"] == sum(moment > heard for moment in due) > 0
    assert told["breached_count"] == sum(moment <= heard for moment in due) > 0
