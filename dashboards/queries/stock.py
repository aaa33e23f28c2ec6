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
