"""Promises measured from parcels: percentiles of what happened, never of too few."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl

from pipelines import lanes

START = datetime(2026, 3, 1)


def _snapshot(path: Path, parcels: list[tuple[str, str | None, int]]) -> Path:
    """A snapshot with one parcel per (carrier, region, minutes to the door)."""
    with duckdb.connect(str(path)) as con:
        con.execute("create schema marts")
        con.execute("create schema policies")
        con.execute(
            "create table policies.thresholds (threshold_code text, threshold_value double)"
        )
        con.execute("insert into policies.thresholds values ('silence_floor_minutes', 60)")
        con.execute("create table marts.fct_orders (order_id text, ship_region text)")
        con.execute(
            "create table marts.fct_shipments (shipment_id text, order_id text, carrier text, "
            "shipped_at timestamp, delivered_at timestamp)"
        )
        con.execute(
            "create table marts.fct_order_events (event_id text, event_rank int, event_type text, "
            "shipment_id text, detail_code text, occurred_at timestamp)"
        )
        for number, (carrier, region, minutes) in enumerate(parcels):
            name, end = f"p{number}", START + timedelta(minutes=minutes)
            con.execute("insert into marts.fct_orders values (?, ?)", [name, region])
            con.execute(
                "insert into marts.fct_shipments values (?, ?, ?, ?, ?)",
                [name, name, carrier, START, end],
            )
            con.execute(
                "insert into marts.fct_order_events values "
                "(?, 1, 'TRACK_SCAN', ?, 'IN_TRANSIT', ?), (?, 2, 'DELIVERED', ?, null, ?)",
                [f"{name}a", name, START, f"{name}b", name, end],
            )
    return path


def test_nine_of_ten_parcels_come_within_what_is_measured(tmp_path: Path) -> None:
    minutes = [100 + 7 * number for number in range(50)]
    path = _snapshot(tmp_path / "s.duckdb", [("sf", "Hubei", value) for value in minutes])
    rows = {row[:2]: row[2] for row in lanes.measure(path)["delivery_lanes"].iter_rows()}
    assert set(rows) == {("sf", "Hubei"), ("sf", "*"), ("*", "*")}
    for budget in rows.values():
        assert sum(value <= budget for value in minutes) >= 0.9 * len(minutes)
        assert sum(value < budget - 7 for value in minutes) <= 0.9 * len(minutes)


def test_too_few_parcels_say_nothing_of_their_lane(tmp_path: Path) -> None:
    few = [("yto", "Tibet", 9000)] * (lanes.LEAST - 1) + [("sf", "Hubei", 500)] * lanes.LEAST
    measured = lanes.measure(_snapshot(tmp_path / "s.duckdb", few))
    assert "yto" not in set(measured["delivery_lanes"]["carrier"])
    assert "yto" not in set(measured["sla_stage_budgets"]["carrier"])


def test_a_parcel_to_nowhere_known_counts_for_its_carrier_only(tmp_path: Path) -> None:
    parcels = [("sf", None, 500)] * lanes.LEAST
    rows = lanes.measure(_snapshot(tmp_path / "s.duckdb", parcels))["delivery_lanes"].rows()
    assert [row[:2] for row in rows] == [("*", "*"), ("sf", "*")]


def test_silence_is_never_shorter_than_the_floor(tmp_path: Path) -> None:
    measured = lanes.measure(_snapshot(tmp_path / "s.duckdb", [("sf", "Hubei", 5)] * lanes.LEAST))
    assert set(measured["sla_stage_budgets"]["budget_minutes"]) == {60}


def test_measured_rows_replace_theirs_and_leave_the_others(tmp_path: Path) -> None:
    kept = "carrier,ship_region,budget_minutes\n*,*,10080\nems,*,7777\n"
    (tmp_path / "delivery_lanes.csv").write_text(kept)
    (tmp_path / "sla_stage_budgets.csv").write_text("carrier,norm_state,budget_minutes\n*,*,1\n")
    path = _snapshot(tmp_path / "s.duckdb", [("sf", "Hubei", 500)] * lanes.LEAST)
    lanes.write(lanes.measure(path), tmp_path)
    rows = pl.read_csv(tmp_path / "delivery_lanes.csv").rows()
    assert rows == [("*", "*", 500), ("ems", "*", 7777), ("sf", "*", 500), ("sf", "Hubei", 500)]
