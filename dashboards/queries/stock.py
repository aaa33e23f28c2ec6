"""Stock positions and the cut-line: which orders the stock still serves."""

from __future__ import annotations

from typing import Any

from dashboards.reader import Reader, Where

SHOWN = {
    "all": "true",
    "oversold": "oversold_quantity > 0",
    "drift": "drift_quantity <> 0",
    "out": "atp_quantity <= 0",
}


def positions(
    reader: Reader, *, shown: str = "all", text: str = "", limit: int, offset: int = 0
) -> list[dict[str, Any]]:
    return reader.select(
        "fct_stock_positions",
        None,
        _where(shown, text),
        order="oversold_quantity desc, sku, warehouse_id",
        limit=limit,
        offset=offset,
    )


def count(reader: Reader, shown: str = "all", text: str = "") -> int:
    return reader.count("fct_stock_positions", _where(shown, text))


def _where(shown: str, text: str) -> Where:
    where = Where().also(SHOWN.get(shown, "true"))
    if text.strip():
        needle = text.strip().lower()
        where = where.also("(contains(lower(sku), ?) or lower(warehouse_id) = ?)", needle, needle)
    return where


def demand(reader: Reader, sku: str, warehouse_id: str) -> list[dict[str, Any]]:
    """Open lines for one stock position in the order in which they are served."""
    where = Where().also("sku = ?", sku).also("warehouse_id = ?", warehouse_id)
    return reader.select("fct_stock_demand", None, where, order="running_quantity, line_id")


def daily(reader: Reader, sku: str, warehouse_id: str) -> list[dict[str, Any]]:
    where = Where().also("sku = ?", sku).also("warehouse_id = ?", warehouse_id)
    return reader.select("fct_stock_daily", None, where, order="stock_date", limit=400)


# Tables of the second half of the page: relation, order, columns.
PARTS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "plans": (
        "fct_stock_plans",
        "reorder_quantity desc, sku, warehouse_id",
        (
            "sku", "warehouse_id", "daily_quantity", "cover_days", "safety_stock_quantity",
            "reorder_point_quantity", "projected_quantity", "reorder_quantity", "last_sold_date",
        ),
    ),
    "inbound": (
        "fct_stock_inbound",
        "due_at nulls last, sku, inbound_id",
        (
            "sku", "warehouse_id", "inbound_type", "supplier_id", "quantity", "expected_quantity",
            "due_at",
        ),
    ),
    "drifts": (
        "fct_stock_drifts",
        "taken_at desc, abs(drift_quantity) desc, sku",
        (
            "sku", "warehouse_id", "taken_at", "snapshot_quantity", "ledger_quantity",
            "drift_quantity", "drift_since_date", "agreed_at",
        ),
    ),
    "lots": (
        "fct_stock_lots",
        "lot_expires_at nulls last, sku, lot nulls last",
        (
            "sku", "warehouse_id", "lot", "on_hand_quantity", "damaged_quantity",
            "frozen_quantity", "held_quantity", "lot_expires_at", "drift_quantity",
        ),
    ),
    "counts": (
        "fct_stock_counts",
        "counted_at desc, sku",
        (
            "count_id", "sku", "warehouse_id", "book_quantity", "counted_quantity",
            "variance_quantity", "count_status", "counted_at", "decided_at",
        ),
    ),
    "shops": (
        "fct_channel_stock",
        "coalesce(published_quantity, 0) - available_quantity desc, sku, shop_id",
        (
            "sku", "channel", "shop_id", "available_quantity", "published_quantity",
            "published_at",
        ),
    ),
}  # fmt: skip
_KEPT = {"drifts": "is_drift"}


def part(reader: Reader, code: str, *, text: str = "", limit: int) -> list[dict[str, Any]]:
    """Rows of one of `PARTS`, those of the searched article when something is searched."""
    relation, order, _ = PARTS[code]
    where = Where().also(_KEPT.get(code, "true"))
    if text.strip():
        where = where.also("contains(lower(sku), ?)", text.strip().lower())
    return reader.select(relation, None, where, order=order, limit=limit)
