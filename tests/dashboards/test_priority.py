"""The priority of a case: its parts, their limits, and how it moves with the clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from dashboards.overlay import overlay_table
from dashboards.queries import priority
from dashboards.queries import queue as queue_query
from dashboards.queries.queue import Desk, QueueFilter
from dashboards.reader import Reader
from dashboards.warehouse import current_snapshot
from orderhouse.access import get_policy
from orderhouse.ledger import Ledger
from orderhouse.settings import get_settings
from tests.support.people import NOW

ALL = QueueFilter(queues=tuple(f"Q{number:02d}" for number in range(1, 38)))


def desk_at(ledger: Ledger, now: datetime, role: str = "ops_lead") -> Desk:
    reader = Reader(current_snapshot(get_settings()), get_policy(), (role,), None)
    overlay = overlay_table(ledger, reader.snapshot, now)
    return Desk(reader=reader, overlay=overlay, user_id="u", now=now)


@pytest.fixture
def desk(home: Path, ledger: Ledger) -> Desk:
    return desk_at(ledger, NOW)


def test_the_score_is_the_sum_of_its_parts_and_each_keeps_its_limit(desk: Desk) -> None:
    rows = queue_query.page(desk, ALL, limit=10_000)
    assert rows
    for row in rows:
        parts = {name: row[f"{name}_points"] for name in priority.PARTS}
        assert row["priority"] == sum(parts.values())
        assert all(0 <= parts[name] <= most for name, most in priority.PARTS.items())


def test_the_most_urgent_case_comes_first(desk: Desk) -> None:
    scores = [row["priority"] for row in queue_query.page(desk, ALL, limit=10_000)]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) > 1


def test_no_case_becomes_less_urgent_by_waiting(desk: Desk, ledger: Ledger) -> None:
    now = {row["item_id"]: row for row in queue_query.page(desk, ALL, limit=10_000)}
    later = queue_query.page(replace(desk, now=NOW + timedelta(days=2)), ALL, limit=10_000)
    for row in later:
        if (before := now.get(row["item_id"])) is not None:
            assert row["age_points"] >= before["age_points"]
            assert row["breach_points"] >= before["breach_points"] or before["breach_points"] < 200


def test_a_broken_promise_has_all_points_of_its_part(desk: Desk) -> None:
    rows = queue_query.page(desk, ALL, limit=10_000)
    broken = [row for row in rows if row["due_at"] is not None and row["due_at"] <= NOW]
    far = [row for row in rows if row["due_at"] is None or row["due_at"] > NOW + timedelta(hours=4)]
    assert broken
    assert far
    assert {row["breach_points"] for row in broken} == {200}
    assert {row["breach_points"] for row in far} == {0}


def test_orders_of_buyers_who_kept_coming_back_come_before_others(desk: Desk) -> None:
    """Five orders completed and not given back, as the rule for loyal buyers asks."""
    kept = {
        row["buyer"]
        for row in desk.reader.query(
            "select coalesce(channel || '|' || buyer_id, buyer_phone_index) as buyer "
            "from marts.fct_orders where order_status = 'COMPLETED' and refunded_amount = 0 "
            "group by buyer having count(*) >= 5"
        )
    }
    loyal = {
        row["order_id"]
        for row in desk.reader.query(
            "select order_id, coalesce(channel || '|' || buyer_id, buyer_phone_index) as buyer "
            "from marts.fct_orders"
        )
        if row["buyer"] in kept
    }
    rows = queue_query.page(desk, ALL, limit=10_000)
    told = {row["item_id"]: row["vip_points"] for row in rows}
    assert told == {row["item_id"]: 50 * (row["order_id"] in loyal) for row in rows}
    assert 0 < sum(points > 0 for points in told.values()) < len(told)


def test_the_score_does_not_tell_an_amount_to_who_may_not_see_it(
    home: Path, ledger: Ledger
) -> None:
    rows = queue_query.page(desk_at(ledger, NOW, "inventory"), ALL, limit=10_000)
    assert {row["value_points"] for row in rows} == {0}
