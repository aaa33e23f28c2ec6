"""The process as the page reads it: every hop and every order counted once, whatever the slice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.queries import process
from dashboards.reader import Reader
from dashboards.warehouse import current_snapshot
from orderhouse.access import get_policy
from orderhouse.settings import get_settings
from tests.support.people import NOW
from tests.support.world import build_world

Open = Callable[..., AppTest]
WHOLE = process.Slice(first=(NOW - timedelta(days=400)).date(), last=NOW.date())


@pytest.fixture
def reader(home: Path) -> Reader:
    return Reader(current_snapshot(get_settings()), get_policy(), ("ops_lead",), None)


def test_the_hops_share_the_whole_time_and_the_channels_share_the_hops(reader: Reader) -> None:
    whole = process.hops(reader, WHOLE)
    assert sum(row["share_ratio"] for row in whole) == pytest.approx(1)
    assert [row["total_minutes"] for row in whole] == sorted(
        (row["total_minutes"] for row in whole), reverse=True
    )
    parts = [
        row
        for channel in ("taobao", "shopify")
        for row in process.hops(reader, replace(WHOLE, channels=(channel,)))
    ]
    for name in ("order_count", "total_minutes"):
        assert sum(row[name] for row in parts) == sum(row[name] for row in whole)
    told = process.summary(reader, WHOLE)
    assert told["total_minutes"] == sum(row["total_minutes"] for row in whole)


def test_the_listed_orders_are_the_counted_ones(reader: Reader) -> None:
    for row in process.hops(reader, WHOLE):
        hop = (row["from_milestone_code"], row["milestone_code"])
        listed = process.hop_orders(reader, WHOLE, hop, limit=10_000)
        assert len(listed) == row["order_count"]
        assert sum(order["waited_minutes"] for order in listed) == row["total_minutes"]
        assert sum(day["order_count"] for day in process.hop_days(reader, WHOLE, hop)) == len(
            listed
        )
    for row in process.variants(reader, WHOLE, limit=100):
        listed = process.variant_orders(reader, WHOLE, row["variant_code"], limit=10_000)
        assert len(listed) == row["order_count"]
        assert row["example_order_id"] in {order["order_id"] for order in listed}
    for row in process.deviations(reader, WHOLE):
        listed = process.deviation_orders(reader, WHOLE, row["deviation_code"], limit=10_000)
        assert len(listed) == row["event_count"]
        assert len({order["order_id"] for order in listed}) == row["order_count"]


def test_every_order_went_exactly_one_way(reader: Reader) -> None:
    ways = process.variants(reader, WHOLE, limit=1_000)
    assert sum(row["order_count"] for row in ways) == len(build_world().tables["fct_orders"])
    assert sum(row["share_ratio"] for row in ways) == pytest.approx(1)


def test_somebody_of_one_shop_sees_the_ways_of_that_shop(home: Path) -> None:
    of_one = Reader(current_snapshot(get_settings()), get_policy(), ("ops_lead",), ("tb-outlet",))
    ways = process.variants(of_one, WHOLE, limit=1_000)
    for row in ways:
        orders = process.variant_orders(of_one, WHOLE, row["variant_code"], limit=10_000)
        assert {order["shop_id"] for order in orders} == {"tb-outlet"}
    whole = Reader(current_snapshot(get_settings()), get_policy(), ("ops_lead",), None)
    assert (
        0
        < process.summary(of_one, WHOLE)["order_count"]
        < (process.summary(whole, WHOLE)["order_count"])
    )
    assert sum(row["order_count"] for row in process.deviations(of_one, WHOLE)) <= sum(
        row["order_count"] for row in process.deviations(whole, WHOLE)
    )


@pytest.mark.parametrize("view", ["hops", "variants", "deviations"])
def test_the_address_says_what_is_shown(open_page: Open, view: str) -> None:
    at = open_page("process", "ops-lead", "zh", view=view, days="365", channel="taobao")
    assert not at.exception
    assert at.multiselect(key="process_channel").value == ["taobao"]
    masters, orders = at.dataframe[0].value, at.dataframe[-1].value
    assert len(masters) and len(orders)
    assert set(orders["channel"]) == {"淘宝"}


def test_a_period_without_orders_has_no_figures(reader: Reader) -> None:
    empty = process.Slice(first=WHOLE.first - timedelta(days=9), last=WHOLE.first)
    assert process.summary(reader, empty)["order_count"] == 0
    assert process.hops(reader, empty) == process.variants(reader, empty, limit=9) == []
    assert process.deviations(reader, empty) == process.standing(reader, empty) == []
