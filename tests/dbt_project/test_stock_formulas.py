"""The figures of stock over the stories, each computed again from its parts (domain formulas)."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from math import sqrt
from typing import Any

import pytest

from tests.dbt_project.by_hand import Row
from tests.dbt_project.by_hand import place_of as _at
from tests.dbt_project.by_hand import rows_of as _rows
from tests.dbt_project.by_hand import seed_rows as _seed

DAY = timedelta(days=1)


POLICY = next(row for row in _seed("stock_policies") if row["sku"] == row["warehouse_id"] == "*")
RELIABILITY = {
    row["inbound_type"]: float(row["reliability_ratio"]) for row in _seed("inbound_reliability")
}


def test_sellable_promised_and_oversold_are_their_sums(whole: Any) -> None:
    """2, 3, 8: the damaged, held, frozen and expired do not sell; the promised is not free."""
    promised: dict[tuple[str, str, str], float] = defaultdict(float)
    for row in _rows(whole, "marts.fct_stock_reservations"):
        if row["is_active"]:
            promised[(*_at(row), row["reservation_type"])] += float(row["open_quantity"])
    rows = _rows(whole, "marts.fct_stock_positions")
    for row in rows:
        unsellable = sum(
            float(row[f"{kind}_quantity"]) for kind in ("damaged", "held", "frozen", "expired")
        )
        sellable = float(row["on_hand_quantity"]) - unsellable
        taken = promised[(*_at(row), "hard")] + promised[(*_at(row), "soft")]
        assert float(row["sellable_quantity"]) == sellable
        assert float(row["atp_quantity"]) == sellable - taken
        assert float(row["oversold_quantity"]) == max(0, taken - sellable)
    assert any(row["oversold_quantity"] > 0 for row in rows)


def test_what_will_be_there_counts_only_what_is_due_by_then(whole: Any) -> None:
    """7: purchases due in the lead time, as reliable as they are, transfers, returns that sell.

    What is reserved, also what waits for goods, is out of ATP already and is not taken off again.
    """
    atp = {
        _at(row): float(row["atp_quantity"]) for row in _rows(whole, "marts.fct_stock_positions")
    }
    inbound = _rows(whole, "marts.fct_stock_inbound")
    lead = timedelta(days=float(POLICY["lead_time_days"]))
    counted = 0
    for plan in _rows(whole, "marts.fct_stock_plans"):
        projected = atp[_at(plan)]
        for row in inbound:
            is_purchase = row["inbound_type"] not in ("transfer", "return")
            is_due = (row["due_at"] <= plan["planned_at"] + lead if row["due_at"]
                      else not is_purchase)  # fmt: skip
            if _at(row) == _at(plan) and is_due:
                counted += 1
                restock = float(POLICY["restock_ratio"]) if row["inbound_type"] == "return" else 1
                projected += float(row["quantity"]) * RELIABILITY[row["inbound_type"]] * restock
        assert float(plan["projected_quantity"]) == pytest.approx(projected, abs=1e-3)
    assert counted > 0


def _stockout_days(points: list[Row]) -> float:
    """Nothing to promise, while somebody waits for it or the last weeks sold some of it."""
    return sum(
        (p["until_at"] - p["point_at"]) / DAY
        for p in points
        if p["until_at"] and p["atp_quantity"] <= 0
        and (p["hard_quantity"] + p["soft_quantity"] > 0 or p["daily_quantity"] > 0)
    )  # fmt: skip


def _points(whole: Any) -> dict[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in _rows(whole, "folded.intermediate.int_stock__run"):
        found[_at(row)].append(row)
    return found


def test_a_day_is_out_of_stock_where_nothing_can_be_promised_of_what_sells(whole: Any) -> None:
    """11. That it may be sold out before anybody waits is a unit test of the mart."""
    points = _points(whole)
    for plan in _rows(whole, "marts.fct_stock_plans"):
        own = points[_at(plan)]
        out = _stockout_days(own)
        assert plan["stockout_days"] == pytest.approx(out, abs=0.01)
        active = sum((p["until_at"] - p["point_at"]) / DAY for p in own if p["until_at"])
        assert plan["active_days"] == pytest.approx(active, abs=0.01)
        lost = out * float(plan["daily_quantity"])
        assert float(plan["lost_estimate_quantity"]) == pytest.approx(lost, abs=0.05)


def test_pace_cover_and_reorder_follow_from_what_was_sold(whole: Any) -> None:
    """10: safety stock of demand and lead time together, reorder point, what to order."""
    sold: dict[tuple[str, str], dict[Any, float]] = defaultdict(dict)
    for row in _rows(whole, "marts.fct_stock_daily"):
        sold[_at(row)][row["stock_date"]] = float(row["sold_quantity"])
    last = {place: max(own, key=lambda p: p["point_at"]) for place, own in _points(whole).items()}
    atp = {
        _at(row): float(row["atp_quantity"]) for row in _rows(whole, "marts.fct_stock_positions")
    }
    lead, spread = float(POLICY["lead_time_days"]), float(POLICY["lead_time_sd_days"])
    for plan in _rows(whole, "marts.fct_stock_plans"):
        pace = float(last[_at(plan)]["daily_quantity"])
        since = _local(plan["planned_at"] - 28 * DAY)
        recent = [n for day, n in sold[_at(plan)].items() if day > since]
        recent += [0.0] * (28 - len(recent))
        mean = sum(recent) / 28
        deviation = sqrt(max(sum(n * n for n in recent) / 28 - mean * mean, 0))
        safety = float(POLICY["service_factor"]) * sqrt(lead * deviation**2 + pace**2 * spread**2)
        assert float(plan["safety_stock_quantity"]) == pytest.approx(safety, abs=1e-3)
        assert float(plan["reorder_point_quantity"]) == pytest.approx(
            pace * lead + safety, abs=1e-3
        )
        target = pace * float(POLICY["target_days"]) + safety
        wanted = max(0, target - float(plan["projected_quantity"]))
        assert float(plan["reorder_quantity"]) == pytest.approx(wanted, abs=1e-3)
        cover = atp[_at(plan)] / pace if pace else None
        assert plan["cover_days"] == (cover if cover is None else pytest.approx(cover))


def _local(moment: datetime) -> Any:
    return (moment + timedelta(hours=8)).date()


def test_age_sell_through_and_turnover_follow_from_what_was_sold(whole: Any) -> None:
    """12: since when nothing sold, sold of sold and left, sold over the mean of what lay there."""
    days: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in _rows(whole, "marts.fct_stock_daily"):
        days[_at(row)].append(row)
    points = _points(whole)
    for plan in _rows(whole, "marts.fct_stock_plans"):
        own = sorted(points[_at(plan)], key=lambda p: p["point_at"])
        sold = sum(float(row["sold_quantity"]) for row in days[_at(plan)])
        assert float(plan["sold_quantity"]) == sold
        moved = [row["stock_date"] for row in days[_at(plan)] if row["sold_quantity"] > 0]
        assert plan["last_sold_date"] == (max(moved) if moved else None)
        left = float(own[-1]["on_hand_quantity"])
        if sold + left > 0:
            assert plan["sell_through_ratio"] == pytest.approx(sold / (sold + left))
        spans = [(p["until_at"] - p["point_at"]) / DAY for p in own if p["until_at"]]
        lain = sum(float(p["on_hand_quantity"]) * d for p, d in zip(own, spans, strict=False))
        if lain > 0:
            turned = sold / (lain / sum(spans))
            assert plan["turnover_ratio"] == pytest.approx(turned, rel=0.01)
