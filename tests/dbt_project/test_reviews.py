"""Rules of review, holds and the two stages, in the world of `business`."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from orderhouse.access import get_policy
from tests.dbt_project.facts import DAY, START
from tests.dbt_project.fold import PROJECT, marts
from tests.dbt_project.review_facts import EXPECTED, MINUTE
from tests.dbt_project.worlds import World

T = START + DAY * 20
PAID = T + 2 * MINUTE


@pytest.fixture(scope="module")
def con(truth: World) -> Iterator[duckdb.DuckDBPyConnection]:
    with marts(truth) as con:
        yield con


def _rows(con: Any, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    return con.execute(sql, list(values)).fetchall()


def _states(con: Any, order: str) -> list[str]:
    """Review states of an order, one after the other."""
    found = _rows(
        con,
        "select review_status from marts.fct_order_states where order_id = ? order by state_number",
        order,
    )
    return [row[0] for n, row in enumerate(found) if n == 0 or row[0] != found[n - 1][0]]


def _items(con: Any, queue: str, order: str) -> list[tuple[Any, ...]]:
    return _rows(
        con,
        "select opened_at, closed_at from marts.queue_items "
        "where queue_code = ? and order_id = ? order by opened_at",
        queue, order,
    )  # fmt: skip


def _seed(name: str) -> list[dict[str, str]]:
    with (PROJECT / "seeds" / f"{name}.csv").open(encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def test_every_rule_stops_its_order_and_lets_the_near_miss_through(con: Any) -> None:
    hits: dict[str, set[str]] = {name: set() for name in EXPECTED}
    for order, rule in _rows(con, "select order_id, rule_code from marts.fct_review_hits"):
        if order in hits:
            hits[order].add(rule)
    assert hits == EXPECTED


def test_every_rule_of_the_seed_has_an_order_it_stops(con: Any) -> None:
    fired = {row[0] for row in _rows(con, "select distinct rule_code from marts.fct_review_hits")}
    assert {row["rule_code"] for row in _seed("review_rules")} - fired == set()


def test_a_rule_says_what_it_measured_and_against_what(con: Any) -> None:
    [(facts,)] = _rows(
        con,
        "select facts from marts.fct_review_hits where order_id = 'shopify-534' "
        "and rule_code = 'RV08'",
    )
    assert [(f["name"], f["value"], f["threshold"]) for f in json.loads(facts)] == [
        ("placed_in_90_days_count", "4.0000", "4.0000"),
        ("refunded_in_90_days_ratio", "0.7500", "0.5000"),
    ]


def test_a_dear_order_needs_a_person_and_then_finance(con: Any) -> None:
    assert _states(con, "shopify-602") == [
        "NOT_STARTED", "PENDING_MANUAL", "PENDING_FINANCE", "PENDING_MANUAL", "PENDING_FINANCE",
        "PASSED",
    ]  # fmt: skip
    assert _items(con, "Q08", "shopify-602") == [
        (T + DAY / 24, T + DAY / 12), (T + DAY / 8, T + DAY / 6),
    ]  # fmt: skip
    assert len(_items(con, "Q07", "shopify-602")) == 2
    clocks = _rows(
        con,
        "select sla_code, budget_minutes, stopped_at from marts.fct_sla_clocks "
        "where order_id = 'shopify-602' and sla_code = 'S05' order by started_at",
    )
    assert [(code, budget) for code, budget, _ in clocks] == [("S05", 120), ("S05", 120)]
    [(confirmed,)] = _rows(
        con, "select confirmed_at from marts.fct_orders where order_id = 'shopify-602'"
    )
    assert confirmed == T + DAY / 6


def test_a_payment_that_does_not_match_is_for_finance_alone(con: Any) -> None:
    assert _states(con, "tb-9")[-1] == "PENDING_FINANCE"
    assert _items(con, "Q07", "tb-9") == []
    assert len(_items(con, "Q08", "tb-9")) == 1


def test_a_hold_of_a_rule_ends_by_itself_and_the_order_goes_on(con: Any) -> None:
    events = _rows(
        con,
        "select event_type, detail_code, occurred_at from marts.fct_order_events "
        "where order_id = 'shopify-615' and event_type in "
        "('HOLD_APPLIED', 'HOLD_RELEASED', 'REVIEW_PASSED', 'ORDER_CONFIRMED') "
        "order by occurred_at, event_type",
    )
    entered = T + DAY + 2 * MINUTE
    assert events == [
        ("HOLD_APPLIED", "merge", entered),
        ("HOLD_RELEASED", "merge", entered + 30 * MINUTE),
        ("ORDER_CONFIRMED", "paid", entered + 30 * MINUTE),
        ("REVIEW_PASSED", "auto", entered + 30 * MINUTE),
    ]
    assert _states(con, "shopify-615") == ["NOT_STARTED", "HELD", "AUTO_PASSED"]


def test_a_released_order_returns_to_where_it_was_held_from(con: Any) -> None:
    assert _states(con, "shopify-620") == ["NOT_STARTED", "AUTO_PASSED", "HELD", "AUTO_PASSED"]
    assert _states(con, "shopify-624") == ["NOT_STARTED", "AUTO_PASSED", "HELD", "AUTO_PASSED"]
    # Held by a person out of manual review: back to manual review.
    states = _states(con, "tb-3")
    assert states == ["NOT_STARTED", "PENDING_MANUAL", "HELD", "PENDING_MANUAL"]


def test_who_may_not_release_a_hold_does_not(con: Any) -> None:
    assert _states(con, "shopify-622")[-1] == "HELD"


def test_a_hold_is_late_after_the_age_of_its_type(con: Any) -> None:
    budgets = dict(
        _rows(
            con,
            "select entity_id, budget_minutes from marts.fct_sla_clocks where sla_code = 'S06' "
            "and order_id in ('shopify-500', 'shopify-611', 'shopify-568')",
        )
    )
    assert budgets == {
        "shopify-500-address": 1440, "shopify-611-duplicate": 240, "shopify-568-mapping": 480,
    }  # fmt: skip
    assert _items(con, "Q09", "shopify-500") == [(PAID + DAY, None)]
    # Ended in time, or by itself.
    assert _items(con, "Q09", "shopify-615") == []
    # While it lasts nobody can say when the order is due.
    [(due,)] = _rows(
        con,
        "select due_at from marts.fct_sla_clocks where order_id = 'shopify-500' "
        "and sla_code = 'S07'",
    )
    assert due is None


def test_who_is_on_a_list_is_blocked_until_somebody_decides(con: Any) -> None:
    assert _states(con, "shopify-520") == ["NOT_STARTED", "BLOCKED"]
    assert _items(con, "Q10", "shopify-520") == [(PAID, None)]
    assert _items(con, "Q07", "shopify-520") == []
    assert len(_items(con, "Q10", "shopify-514")) == 1  # five accounts, one address


def test_twins_are_one_case_until_they_are_merged(con: Any) -> None:
    assert _items(con, "Q03", "shopify-611") == [(T + 11 * MINUTE, None)]
    assert _items(con, "Q03", "shopify-619") == [(T + 7 * MINUTE, T + DAY)]


def test_a_trusted_buyer_is_not_looked_at(con: Any) -> None:
    assert _states(con, "shopify-639")[-1] == "AUTO_PASSED"
    assert _states(con, "shopify-649")[-1] == "PENDING_MANUAL"


def test_the_policy_and_the_seed_agree_on_who_releases_what() -> None:
    policy = get_policy()
    able = policy.verbs["release_hold"].roles
    for row in _seed("hold_types"):
        wanted = {role for role in able or () if policy.may_release(role, row["hold_type"])}
        assert set(row["release_roles"].split("|")) == wanted, row["hold_type"]


def test_the_promise_to_ship_waits_for_the_holds_the_seed_says() -> None:
    paused = {row["hold_type"] for row in _seed("hold_types") if row["pauses_ship"] == "true"}
    events = [row for row in _seed("sla_events") if row["sla_code"] == "S07"]
    for role in ("pause", "resume"):
        assert {row["detail_code"] for row in events if row["role"] == role} == paused


def test_edits_are_counted_and_judged_by_whose_they_are(con: Any) -> None:
    edits = _rows(
        con,
        "select event_type, detail_code, actor_type from marts.fct_order_events "
        "where order_id = 'shopify-703' and event_type like 'ORDER_%ED' and event_rank in (13, 14) "
        "order by occurred_at",
    )
    assert edits == [
        ("ORDER_ADDRESS_CHANGED", "buyer_address", "customer"),
        *[("ORDER_EDITED", "quantity", "customer")] * 3,
        ("ORDER_EDITED", "too_often", "customer"),
        ("ORDER_EDITED", "too_often", "customer"),
    ]
    assert _rows(
        con,
        "select order_id, edit_count from marts.fct_orders "
        "where order_id in ('shopify-700', 'shopify-702', 'shopify-703', 'shopify-500') order by 1",
    ) == [("shopify-500", 0), ("shopify-700", 1), ("shopify-702", 1), ("shopify-703", 6)]
    assert _deviations(con, "shopify-703") == {"BUYER_CHANGED_ADDRESS", "EDITED_TOO_OFTEN"}


def test_an_edit_after_the_release_is_a_deviation(con: Any) -> None:
    assert _deviations(con, "shopify-700") == {"EDITED_AFTER_RELEASE"}
    assert _deviations(con, "shopify-701") == set()
    assert _deviations(con, "shopify-702") == {"EDITED_AFTER_RELEASE"}


def _deviations(con: Any, order: str) -> set[str]:
    found = _rows(
        con, "select deviation_code from marts.fct_order_states where order_id = ?", order
    )
    return {code for (code,) in found if code}
