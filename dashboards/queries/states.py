"""What each source says of the orders, side by side, and which pairs cannot both be true."""

from __future__ import annotations

from datetime import date
from typing import Any

from dashboards.queries.policies import source_states, state_conflicts
from dashboards.reader import Reader, Where

SOURCES = ("channel", "oms", "wms", "carrier", "finance")
RELATION = "fct_order_source_states"
ORDER_COLUMNS = (
    "order_id", "channel", "shop_id", *(f"{source}_state_code" for source in SOURCES),
    "conflict_since_at",
)  # fmt: skip


def matrix(reader: Reader, left: str, right: str, first: date) -> list[dict[str, Any]]:
    """left_state, right_state, order_count, conflict_code (null: both may be true)."""
    where = reader.scope(RELATION, Where().also("placed_date >= ?", first))
    rows = reader.query(
        f"select {left}_state_code as left_state, {right}_state_code as right_state, "  # noqa: S608
        f"count(*) as order_count from marts.{RELATION} where {where.sql} "
        f"and {left}_state_code is not null and {right}_state_code is not null "
        "group by all order by all",
        where.params,
    )
    wrong = {
        **{
            (row["left_source"], row["left_state"], row["right_source"], row["right_state"]): row
            for row in state_conflicts(reader.snapshot)
        }
    }
    for row in rows:
        there = wrong.get((left, row["left_state"], right, row["right_state"]))
        back = wrong.get((right, row["right_state"], left, row["left_state"]))
        found = there or back
        # Such a pair is wrong in one order only; whether it is, its orders say.
        row["conflict_code"] = found["conflict_code"] if found else None
    return rows


def in_turn(reader: Reader, source: str) -> list[str]:
    """What a source can say, in the order an order goes through it; what is not yet, first."""
    said = (row for row in source_states(reader.snapshot) if row["source_code"] == source)
    return list(dict.fromkeys(["NONE", "UNPAID", *(row["state_code"] for row in said)]))


def conflicts(reader: Reader, first: date) -> list[dict[str, Any]]:
    """Pairs in conflict that there are now: who says what, and of how many orders."""
    found = []
    for pair in state_conflicts(reader.snapshot):
        count = reader.count(RELATION, _pair(pair, first))
        if count:
            found.append({**pair, "order_count": count})
    return sorted(found, key=lambda pair: -pair["order_count"])


def orders(
    reader: Reader, pair: dict[str, Any], first: date, *, limit: int, offset: int = 0
) -> list[dict[str, Any]]:
    return reader.select(
        RELATION, ORDER_COLUMNS, _pair(pair, first), order="conflict_since_at, order_id",
        limit=limit, offset=offset,
    )  # fmt: skip


def _pair(pair: dict[str, Any], first: date) -> Where:
    left, right = pair["left_source"], pair["right_source"]
    where = Where().also("placed_date >= ?", first).also("conflict_count > 0")
    where = where.also(f"{left}_state_code = ?", pair["left_state"])
    where = where.also(f"{right}_state_code = ?", pair["right_state"])
    if pair["is_in_order"]:
        where = where.also(f"{right}_state_at > {left}_state_at")
    return where
