"""The ways of the orders of a world, from its events and the milestones of the repository."""

from __future__ import annotations

import csv
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

SEED = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds" / "milestones.csv"


def add_milestones(world: Any) -> None:
    with SEED.open(encoding="utf-8", newline="") as lines:
        kinds = {row["event_type"]: row for row in csv.DictReader(lines)}
    days = {row["order_id"]: row["placed_date"] for row in world.tables["fct_orders"]}
    events = [row for row in world.tables["fct_order_events"] if row["event_type"] in kinds]
    events.sort(key=lambda row: (row["order_id"], row["occurred_at"]))
    for order_id, found in groupby(events, key=lambda row: row["order_id"]):
        way = list(found)
        codes = [kinds[row["event_type"]]["milestone_code"] for row in way]
        steps = [(None, way[0]), *pairwise(way)]
        for number, (before, event) in enumerate(steps, start=1):
            kind = kinds[event["event_type"]]
            world.add(
                "fct_order_milestones", order_id=order_id, milestone_number=number,
                milestone_code=codes[number - 1],
                from_milestone_code=codes[number - 2] if before else None,
                reached_at=event["occurred_at"],
                waited_minutes=_minutes(before, event) if before else None,
                occurrence_count=1, waits_for=kind["waits_for"], is_work=kind["is_work"] == "true",
                is_last=number == len(way), variant_code=">".join(codes),
                channel=event["channel"], shop_id=event["shop_id"],
                warehouse_id=f"WH{len(order_id) % 2 + 1}", placed_date=days[order_id],
            )  # fmt: skip


def _minutes(before: dict[str, Any], event: dict[str, Any]) -> int:
    return int((event["occurred_at"] - before["occurred_at"]).total_seconds() // 60)
