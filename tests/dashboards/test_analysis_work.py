"""Rules, causes and staff are what plain loops make them; a campaign's effect is found again."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboards.queries.analysis import campaigns, causes, rules, staff
from dashboards.queries.analysis.asked import Asked
from dashboards.queries.kpis import Kpis, all_kpis
from dashboards.queries.overview import Period
from dashboards.reader import Reader
from dashboards.warehouse import Snapshot, current_snapshot
from orderhouse.access import get_policy
from orderhouse.settings import PROJECT_ROOT, get_settings
from tests.dashboards.test_analysis import MONTHS, ZONE, asking, local, marts, snapshot, within
from tests.support.people import NOW
from tests.support.rows import Marts, Row, median, minutes, quantile

__all__ = ["marts", "snapshot"]  # fixtures of the built business
SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
DONE = ("AUTO_PASSED", "PASSED", "REJECTED")


def _proofs(rule: str) -> list[tuple[str, str]]:
    rows = list(csv.DictReader((SEEDS / "review_outcomes.csv").open(encoding="utf-8")))
    own = [row for row in rows if row["rule_code"] == rule]
    used = own or [row for row in rows if row["rule_code"] == "*"]
    return [(row["event_type"], row["detail_code"]) for row in used if row["event_type"] != "none"]


def _proven(marts: Marts, rule: str) -> set[str]:
    proofs = _proofs(rule)
    return {
        e["order_id"]
        for e in marts.events
        if any(e["event_type"] == kind and detail in ("*", e["detail_code"])
               for kind, detail in proofs)
    }  # fmt: skip


def test_rules_are_judged_by_what_came_of_their_orders(snapshot: Snapshot, marts: Marts) -> None:
    placed = {o["order_id"]: o for o in marts.orders if within(o["placed_date"], MONTHS)}
    ripe = {
        key for key, o in placed.items()
        if o["review_status"] in DONE and o["placed_at"] <= marts.as_of - timedelta(days=14)
    }  # fmt: skip
    waits = _waits(marts)
    hits: dict[str, list[Row]] = defaultdict(list)
    for hit in marts.rows("fct_review_hits"):
        if hit["order_id"] in placed:
            hits[hit["rule_code"]].append(hit)
    rows = {row["rule_code"]: row for row in rules.rules(asking(snapshot))}
    assert set(rows) == set(hits)
    for code, row in rows.items():
        mine = {hit["order_id"] for hit in hits[code]}
        held = {hit["order_id"] for hit in hits[code] if hit["effect"] != "pass"}
        proven = _proven(marts, code) & ripe
        is_provable = bool(_proofs(code))
        judged = mine & ripe if is_provable else set()
        assert row["hit_count"] == len(mine)
        assert row["judged_count"] == len(judged)
        assert row["proven_count"] == len(mine & proven)
        assert row["precision_ratio"] == (len(mine & proven) / len(judged) if judged else None)
        assert row["recall_ratio"] == (len(mine & proven) / len(proven) if proven else None)
        decided = {o for o in held if placed[o]["review_status"] in ("PASSED", "REJECTED")}
        kept = {
            o for o in decided - _proven(marts, code)
            if placed[o]["review_status"] == "PASSED" and placed[o]["edit_count"] == 0
        }  # fmt: skip
        assert row["false_hold_ratio"] == (len(kept) / len(decided) if decided else None)
        took = [waits[o] for o in held if o in waits]
        assert float(row["delay_minutes"] or 0) == pytest.approx(sum(took))
        assert row["median_minutes"] == (pytest.approx(median(took)) if took else None)
        money = sum(placed[o]["payable_amount"] for o in held
                    if placed[o]["currency_code"] == "CNY")  # fmt: skip
        assert (row["held_amount"] or 0) == money
        listed = rules.orders(asking(snapshot), code, row["rule_version"], limit=10_000)
        assert {order["order_id"] for order in listed} == mine
        assert {o["order_id"] for o in listed if o["outcome_codes"]} == mine & _proven(marts, code)
    blind = rules.rules(asking(snapshot, role="data_team"))
    assert [row["hit_count"] for row in blind] == [row["hit_count"] for row in rows.values()]
    assert {row["held_amount"] for row in blind} == {None}
    assert any(row["recall_ratio"] for row in rows.values())
    assert rows["RV16"]["precision_ratio"] is None, "how work is done is proven by nothing"


def _waits(marts: Marts) -> dict[str, float]:
    entered: dict[str, datetime] = {}
    for e in marts.events:
        if e["event_type"] in ("REVIEW_ENTERED", "ORDER_BLOCKED"):
            at = entered.get(e["order_id"], e["occurred_at"])
            entered[e["order_id"]] = min(at, e["occurred_at"])
    ended: dict[str, datetime] = {}
    for e in marts.events:
        key = e["order_id"]
        is_end = e["event_type"] in ("REVIEW_PASSED", "REVIEW_REJECTED") and key in entered
        if is_end and e["occurred_at"] >= entered[key]:
            ended[key] = max(ended.get(key, e["occurred_at"]), e["occurred_at"])
    return {key: minutes(at, ended.get(key, marts.as_of)) for key, at in entered.items()}


@pytest.mark.parametrize("part", causes.PARTS)
def test_the_parts_of_broken_promises_add_up_to_the_metric(snapshot: Snapshot, part: str) -> None:
    asked = asking(snapshot)
    rows = causes.causes(asked, part)
    run = Kpis(asked.reader, ZONE, "CNY")
    kpi = next(kpi for kpi in all_kpis(asked.reader) if kpi.code == "sla_breach_minutes")
    whole = float(run.figure(kpi, asked.wanted).over)
    assert whole > 0
    assert sum(float(row["over_minutes"]) for row in rows) == pytest.approx(whole)
    assert sum(float(row["expected_minutes"]) for row in rows) == pytest.approx(whole)
    assert sum(float(row["excess_hours"]) for row in rows) == pytest.approx(0, abs=1e-6)
    assert rows[-1]["cumulative_ratio"] == pytest.approx(1)
    told = causes.total(asked)
    assert float(told["over_minutes"]) == pytest.approx(whole)
    if part in ("sla_code", "channel", "hour_number", "milestone_code"):
        assert sum(row["clock_count"] for row in rows) == told["clock_count"]
    for row in rows[:5]:
        listed = causes.clocks(asked, part, row["part"], limit=100_000)
        assert len(listed) == row["breach_count"]
        shares = sum(float(c["over_minutes"]) * float(c["weight_ratio"]) for c in listed)
        assert shares == pytest.approx(float(row["over_minutes"]))


def _carriers(marts: Marts) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for parcel in marts.parcels:
        found[parcel["order_id"]].add(parcel["carrier"])
        found[parcel["shipment_id"]].add(parcel["carrier"])
    return found


def _categories(marts: Marts) -> dict[str, set[str]]:
    known = {article["sku"]: article["category"] for article in marts.rows("dim_products")}
    found: dict[str, set[str]] = defaultdict(set)
    for line in marts.rows("fct_order_lines"):
        if line["line_kind"] == "goods" and known.get(line["sku"]):
            found[line["order_id"]].add(known[line["sku"]])
    return found


@pytest.mark.parametrize(("part", "parts_of"), [("carrier", _carriers), ("category", _categories)])
def test_expected_is_the_mean_of_the_promise_and_channel(
    snapshot: Snapshot, marts: Marts, part: str, parts_of: Callable
) -> None:
    over: dict[tuple[str, str], list[float]] = defaultdict(list)
    parts = parts_of(marts)
    mine: list[tuple[Row, float]] = []
    for clock in marts.due():
        if within(local(clock["due_at"]).date(), MONTHS):
            end = min(clock["stopped_at"] or marts.as_of, marts.as_of)
            beyond = max(0.0, minutes(clock["due_at"], end))
            over[clock["sla_code"], clock["channel"]].append(beyond)
            mine.append((clock, beyond))
    mean = {key: sum(values) / len(values) for key, values in over.items()}
    actual, expected = defaultdict(float), defaultdict(float)
    for clock, beyond in mine:
        is_parcel = clock["entity_type"] == "shipment" and part == "carrier"
        found = parts.get(clock["entity_id"] if is_parcel else clock["order_id"]) or {None}
        for code in found:
            actual[code] += beyond / len(found)
            expected[code] += mean[clock["sla_code"], clock["channel"]] / len(found)
    rows = {row["part"]: row for row in causes.causes(asking(snapshot), part)}
    assert set(rows) == set(actual)
    assert len(rows) > 1
    for code, row in rows.items():
        assert float(row["over_minutes"]) == pytest.approx(actual[code])
        excess = (actual[code] - expected[code]) / 60
        assert float(row["excess_hours"]) == pytest.approx(excess, abs=1e-6)


DESKS = {
    "review": (("REVIEW_PASSED", "REVIEW_REJECTED"), ("REVIEW_ENTERED", "ORDER_BLOCKED"),
               "order_id", {"REVIEW_ENTERED", "ORDER_BLOCKED"}),
    "after_sales": (("AS_APPROVED", "AS_REJECTED"), ("AS_REQUESTED",), "case_id",
                    {"AS_APPROVED", "AS_REJECTED", "PLATFORM_INTERVENED"}),
    "complaint": (("COMPLAINT_RESOLVED",), ("COMPLAINT_OPENED",), "entity_id",
                  {"COMPLAINT_ESCALATED", "COMPLAINT_OPENED"}),
}  # fmt: skip


@pytest.mark.parametrize("kind", DESKS)
def test_work_at_the_desks_is_counted_by_hand(snapshot: Snapshot, marts: Marts, kind: str) -> None:
    done, begun, key, again = DESKS[kind]
    of: dict[Any, list[Row]] = defaultdict(list)
    for e in marts.events:
        of[e[key], e["order_id"]].append(e)
    took, wrong, scores = defaultdict(list), defaultdict(int), defaultdict(list)
    for e in marts.events:
        is_staff = e["actor_id"] and (e["actor_type"] or "staff") == "staff"
        if e["event_type"] not in done or not is_staff or e["source"] == "ledger":
            continue
        if not within(local(e["occurred_at"]).date(), MONTHS):
            continue
        near = of[e[key], e["order_id"]]
        starts = [n["occurred_at"] for n in near
                  if n["event_type"] in begun and n["occurred_at"] <= e["occurred_at"]]  # fmt: skip
        took[e["actor_id"]].append(minutes(max(starts), e["occurred_at"]) if starts else None)
        wrong[e["actor_id"]] += any(
            n["event_type"] in again and n["event_type"] != e["event_type"]
            and n["occurred_at"] > e["occurred_at"]
            for n in near
        )  # fmt: skip
        if kind == "complaint":
            said = [float(n["quantity"]) for n in near
                    if n["event_type"] == "SATISFACTION_SCORED" and n["quantity"]]  # fmt: skip
            scores[e["actor_id"]] += [sum(said) / len(said)] if said else []
    rows = {r["actor_id"]: r for r in staff.staff(asking(snapshot)) if r["work_kind"] == kind}
    assert set(rows) == set(took)
    assert rows, f"the demo business has {kind}"
    for actor, row in rows.items():
        known = [value for value in took[actor] if value is not None]
        assert row["handled_count"] == len(took[actor])
        assert row["wrong_count"] == wrong[actor]
        assert row["accuracy_ratio"] == pytest.approx(1 - wrong[actor] / len(took[actor]))
        assert row["median_minutes"] == (pytest.approx(median(known)) if known else None)
        assert row["p90_minutes"] == (pytest.approx(quantile(known, 0.9)) if known else None)
        assert row["is_small"] == (len(took[actor]) < 30)
        assert row["score_count"] == len(scores[actor])
        if scores[actor]:
            mean = sum(scores[actor]) / len(scores[actor])
            assert float(row["score_mean"]) == pytest.approx(mean, abs=1e-3)


@pytest.fixture
def busy(home: Path) -> Iterator[tuple[Asked, Marts]]:
    """The made-up business, in which people claimed, settled, put off and took back."""
    reader = Reader(current_snapshot(get_settings()), get_policy(), ("ops_lead",), None)
    days = Period(first=(NOW - timedelta(days=40)).date(), last=NOW.date())
    con = reader.snapshot.connection.cursor()
    wanted = asking(reader.snapshot, days)
    yield replace(wanted, reader=reader), Marts(con, NOW, "CNY")
    con.close()


def test_decisions_at_cases_are_counted_by_hand(busy: tuple[Asked, Marts]) -> None:
    asked, world = busy
    steps = world.rows("fct_decisions")
    undone = {step["undoes_decision_id"] for step in steps}
    took, claims, wrong = defaultdict(list), defaultdict(int), defaultdict(int)
    for step in steps:
        claims[step["actor_id"]] += step["verb"] == "claim"
        if step["verb"] in ("claim", "release", "snooze", "assign", "escalate", "undo"):
            continue
        own = [s["decided_at"] for s in steps
               if s["verb"] == "claim" and s["item_id"] == step["item_id"]
               and s["actor_id"] == step["actor_id"]
               and s["decided_at"] <= step["decided_at"]]  # fmt: skip
        took[step["actor_id"]].append(minutes(max(own), step["decided_at"]) if own else None)
        wrong[step["actor_id"]] += step["decision_id"] in undone
    rows = {r["actor_id"]: r for r in staff.staff(asked) if r["work_kind"] == "decision"}
    assert sum(wrong.values()) > 0
    for actor, row in rows.items():
        assert row["claim_count"] == claims[actor]
        assert row["handled_count"] == len(took[actor])
        assert row["wrong_count"] == wrong[actor]
        known = [value for value in took[actor] if value is not None]
        assert row["median_minutes"] == (pytest.approx(median(known)) if known else None)


def _rows(promoted: list[tuple[int, int, int]], other: list[tuple[int, int, int]]) -> list[dict]:
    return [
        {"campaign_group": group, "placebo_quantity": cells[0], "before_quantity": cells[1],
         "during_quantity": cells[2]}
        for group, known in ((campaigns.PROMOTED, promoted), (campaigns.OTHER, other))
        for cells in known
    ]  # fmt: skip


def test_a_known_uplift_is_found_again_and_a_shared_rise_is_none(snapshot: Snapshot) -> None:
    asked = asking(snapshot)
    plain = [(20 + n, 20 + n, 30 + 3 * (n % 4)) for n in range(20)]
    lifted = [(placebo, before, during * 2) for placebo, before, during in plain]
    found = campaigns.effect(asked, _rows(lifted, plain), "x")
    assert found.uplift == pytest.approx(1.0)
    assert found.low < 1.0 < found.high
    assert found.low > 0
    assert found.placebo == pytest.approx(0)
    same = campaigns.effect(asked, _rows(plain, plain), "x")
    assert same.uplift == pytest.approx(0)
    assert same.low < 0 < same.high
    assert campaigns.effect(asked, _rows(lifted, plain), "x") == found, "drawn the same each time"


@pytest.mark.parametrize(
    ("promoted", "other", "missing"),
    [
        ([(9, 9, 9)] * 4, [(9, 9, 9)] * 9, ("promoted_articles",)),
        ([(9, 9, 9)] * 9, [], ("other_articles",)),
        ([(9, 1, 9)] * 6, [(9, 9, 9)] * 9, ("promoted_units",)),
        ([(9, 1, 9)] * 6, [(9, 9, 1)] * 6, ("promoted_units", "other_units")),
    ],
)
def test_too_little_gives_no_number_but_says_what_is_missing(
    snapshot: Snapshot, promoted: list, other: list, missing: tuple[str, ...]
) -> None:
    found = campaigns.effect(asking(snapshot), _rows(promoted, other), "x")
    assert (found.uplift, found.missing) == (None, missing)


def test_a_campaign_is_compared_with_the_same_weekdays_outside_any_campaign(
    snapshot: Snapshot, marts: Marts
) -> None:
    asked = asking(snapshot)
    found = {window.code: window for window in campaigns.windows(asked)}
    assert set(found) == {"618_2026", "flash_2026"}, "the third is still to come"
    spans = [(w.starts_at, w.ends_at) for w in found.values()]
    for window in found.values():
        for by in (window.shift, window.earlier):
            assert by % timedelta(weeks=1) == timedelta(0)
            first, last = window.span(by)
            assert not any(first < end and begin < last for begin, end in spans)
        assert window.earlier > window.shift >= window.ends_at - window.starts_at
    window = found["618_2026"]
    rows = campaigns.articles(asked, window)
    listed = {
        row["sku"] for row in csv.DictReader((SEEDS / "campaign_articles.csv").open())
        if row["campaign_code"] == window.code
    }  # fmt: skip
    assert {r["sku"] for r in rows if r["campaign_group"] == "promoted"} <= listed
    assert not {r["sku"] for r in rows if r["campaign_group"] == "other"} & listed
    valid = {o["order_id"]: o["placed_at"] for o in marts.valid}
    for era, by in (("during", timedelta(0)), ("before", window.shift)):
        first, last = window.span(by)
        sold: dict[str, Any] = defaultdict(int)
        for line in marts.rows("fct_order_lines"):
            at = valid.get(line["order_id"])
            if at and first <= at < last and line["line_kind"] == "goods" and line["sku"]:
                sold[line["sku"]] += line["quantity"] - line["cancelled_quantity"]
        assert {r["sku"]: r[f"{era}_quantity"] for r in rows if r[f"{era}_quantity"]} == dict(sold)
        days = campaigns.by_day(asked, window)
        assert sum(day[f"{era}_quantity"] for day in days) == sum(sold.values())
    assert date(2026, 6, 18) == local(window.starts_at).date()
