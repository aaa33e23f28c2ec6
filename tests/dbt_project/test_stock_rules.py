"""Ledger, shops, sets, cut-line and counts, computed again by hand from their facts."""

from __future__ import annotations

from collections import defaultdict
from math import floor, inf
from typing import Any

from tests.dbt_project.by_hand import Row
from tests.dbt_project.by_hand import place_of as _at
from tests.dbt_project.by_hand import rows_of as _rows
from tests.dbt_project.by_hand import seed_rows as _seed

Place = tuple[str, str]
_STAY = {"freeze", "unfreeze", "qc_hold", "qc_release"}
_ADJUSTED = {"adjust", "count_gain", "count_loss", "scrap"}


def _policy(sku: str, warehouse_id: str, column: str) -> str:
    rows = {(row["sku"], row["warehouse_id"]): row for row in _seed("stock_policies")}
    wanted = ((sku, warehouse_id), (sku, "*"), ("*", "*"))
    return next(rows[key][column] for key in wanted if key in rows and rows[key][column])


def _atp(whole: Any) -> dict[Place, float]:
    """Sellable of the position less what open lines take of it."""
    left = {
        _at(row): float(row["sellable_quantity"])
        for row in _rows(whole, "marts.fct_stock_positions")
    }
    for line in _rows(whole, "marts.fct_stock_reservations"):
        if line["is_active"]:
            left[_at(line)] = left.get(_at(line), 0) - float(line["open_quantity"])
    return left


def _without_house(whole: Any) -> dict[str, float]:
    pieces: dict[str, float] = defaultdict(float)
    for line in _rows(whole, "marts.fct_stock_unallocated"):
        pieces[line["sku"]] += float(line["open_quantity"])
    return pieces


def _kits(whole: Any) -> dict[str, dict[str, float]]:
    kits: dict[str, dict[str, float]] = defaultdict(dict)
    for row in _rows(whole, "folded.staging.stg_kit_components"):
        if row["component_quantity"] > 0:
            kits[row["kit_sku"]][row["component_sku"]] = float(row["component_quantity"])
    return kits


def _sets(whole: Any, parts: dict[str, float], excluded: str) -> float | None:
    """6: in each house what the scarcest part allows, and no more than is left of each in all."""
    atp, asked = _atp(whole), _without_house(whole)
    houses = {place for _, place in atp if all((part, place) in atp for part in parts)}
    if not houses:
        return None
    made = sum(
        max(0, min(floor(atp[part, place] / each) for part, each in parts.items()))
        for place in houses - {excluded}
    )
    for part, each in parts.items():
        left = sum(max(n, 0) for (sku, place), n in atp.items() if (sku, place) != (part, excluded)
                   and sku == part) - asked[part]  # fmt: skip
        made = min(made, max(0, floor(left / each))) if asked[part] else made
    return made


def test_on_hand_is_the_sum_of_what_moved_and_of_nothing_twice(whole: Any) -> None:
    """1. What the house wrote itself counts; the warehouse's booking under its number does not."""
    moves = _rows(whole, "marts.fct_stock_movements")

    def booked(row: Row) -> tuple[Any, ...]:
        kind = "adjust" if row["movement_type"] in _ADJUSTED else row["movement_type"]
        return row["reference"], row["sku"], kind

    own = {
        booked(row) for row in moves
        if row["source"] == "ledger" and row["reference"] and row["reason"] != "lost_in_transit"
    }  # fmt: skip
    on_hand: dict[Place, float] = defaultdict(float)
    for row in moves:
        if row["source"] == "ledger" or booked(row) not in own:
            on_hand[_at(row)] += float(row["quantity"]) * (row["movement_type"] not in _STAY)
    rows = _rows(whole, "marts.fct_stock_positions")
    assert {_at(row): float(row["on_hand_quantity"]) for row in rows} == {
        _at(row): on_hand[_at(row)] for row in rows
    }
    assert set(on_hand) <= {_at(row) for row in rows}
    assert len({row["movement_type"] for row in moves}) > 3


def test_a_shop_may_sell_its_share_of_what_is_left_of_all_houses(whole: Any) -> None:
    """4, 5, 6: less threshold, safety stock, the excluded house and what no house was given."""
    atp, asked, kits = _atp(whole), _without_house(whole), _kits(whole)
    safety = {
        row["sku"]: float(row["safety_stock_quantity"] or 0)
        for row in _rows(whole, "folded.staging.stg_products")
    }
    rules = {(row["channel"], row["shop_id"]): row for row in _seed("channel_stock_policies")}
    rows = _rows(whole, "marts.fct_channel_stock")
    for row in rows:
        own = rules.get((row["channel"], row["shop_id"]), {})
        rule = {name: own.get(name) or rules["*", "*"][name] for name in rules["*", "*"]}
        excluded = rule["excluded_warehouse_id"]
        if row["sku"] in kits:
            online = _sets(whole, kits[row["sku"]], excluded)
            assert online is not None and row["is_kit"]
        else:
            houses = {place: n for (sku, place), n in atp.items() if sku == row["sku"]}
            threshold = max(float(_policy(row["sku"], p, "threshold_quantity")) for p in houses)
            online = sum(n for place, n in houses.items() if place != excluded) - (
                threshold
                + max(float(rule["safety_quantity"]), safety.get(row["sku"], 0))
                + asked[row["sku"]]
            )
        assert float(row["online_quantity"]) == online
        share = floor(online * float(rule["channel_ratio"])) - float(rule["buffer_quantity"])
        assert float(row["available_quantity"]) == max(0, share)
    assert any(row["is_kit"] for row in rows) and any(row["available_quantity"] > 0 for row in rows)


def test_what_is_promised_and_nowhere_to_be_had_is_oversold(whole: Any) -> None:
    """8: in each house, and of the lines without one what all houses together do not have."""
    atp, asked = _atp(whole), _without_house(whole)
    expected: dict[str, float] = defaultdict(float)
    for (sku, _), left in atp.items():
        expected[sku] += max(0, -left)
    for sku, pieces in asked.items():
        expected[sku] += max(0, pieces - sum(max(n, 0) for (s, _), n in atp.items() if s == sku))
    found: dict[str, float] = defaultdict(float)
    for relation in ("fct_stock_positions", "fct_stock_unallocated"):
        for row in _rows(whole, f"marts.{relation}"):
            found[row["sku"]] += float(row["oversold_quantity"])
    assert {k: n for k, n in found.items() if n} == {k: n for k, n in expected.items() if n}
    assert any(expected.values())


def test_the_cut_line_is_the_first_line_that_the_running_sum_does_not_reach(whole: Any) -> None:
    """9: dearer first, then who paid first; short by what is missing, covered by what comes."""
    sellable = {
        _at(row): float(row["sellable_quantity"])
        for row in _rows(whole, "marts.fct_stock_positions")
    }
    waiting: dict[Place, list[Row]] = defaultdict(list)
    for row in _rows(whole, "marts.fct_stock_reservations"):
        if row["is_active"] and row["reservation_type"] == "hard":
            waiting[_at(row)].append(row)
    coming: dict[Place, list[Row]] = defaultdict(list)
    for row in _rows(whole, "marts.fct_stock_inbound"):
        if row["due_at"]:
            coming[_at(row)].append(row)
    expected = {}
    for place, lines in waiting.items():
        running, there = 0.0, sellable.get(place, 0)
        lines.sort(key=lambda r: (
            -r["priority_number"], r["paid_at"], r["order_id"], r["line_number"] or inf,
            r["line_id"],
        ))  # fmt: skip
        for row in lines:
            running += float(row["open_quantity"])
            short = max(0, min(float(row["open_quantity"]), running - max(there, 0)))
            covered, sum_coming = None, 0.0
            for delivery in sorted(coming[place], key=lambda r: (r["due_at"], r["inbound_id"])):
                sum_coming += float(delivery["expected_quantity"])
                if running > there and covered is None and sum_coming >= running - there:
                    covered = delivery["due_at"]
            expected[row["line_id"], row["sku"]] = (running <= there, running, short, covered)
    found = {
        (row["line_id"], row["sku"]): (
            row["is_served"], float(row["running_quantity"]), float(row["shortfall_quantity"]),
            row["covered_at"],
        )
        for row in _rows(whole, "marts.fct_stock_demand")
    }  # fmt: skip
    assert found == expected
    assert {served for served, *_ in found.values()} == {True, False}


def test_counts_are_judged_line_by_line_and_never_netted(whole: Any) -> None:
    """13: a line within its class's share of the books is right; what is missing is lost."""
    tolerance = {
        row["abc_class"]: float(row["tolerance_ratio"]) for row in _seed("stock_tolerances")
    }
    cost = {row["sku"]: row["cost_amount"] for row in _rows(whole, "marts.dim_products")}
    told = [row for row in _rows(whole, "folded.staging.stg_stock_counts")
            if row["count_step"] == "counted"]  # fmt: skip
    expected = {}
    for row in told:
        off = float(row["counted_quantity"] - row["book_quantity"])
        allowed = tolerance[_policy(*_at(row), "abc_class")] * max(float(row["book_quantity"]), 0)
        price = cost.get(row["sku"])
        worth = None if price is None else off * float(price)
        expected[row["count_line_id"]] = (off, abs(off) <= allowed, worth)
    found = {
        row["count_line_id"]: (
            float(row["variance_quantity"]), row["is_within_tolerance"],
            None if row["variance_amount"] is None else float(row["variance_amount"]),
        )
        for row in _rows(whole, "marts.fct_stock_counts")
    }  # fmt: skip
    assert found == expected
    assert {right for _, right, _ in found.values()} == {True, False}
