"""Stock positions and the cut-line: which orders the stock still serves."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa

from dashboards.reader import Reader, Where

SHOWN = {
    "all": "true",
    "oversold": "oversold_quantity > 0",
    "drift": "drift_quantity <> 0",
    "out": "atp_quantity <= 0",
}


def positions(
    reader: Reader,
    decided: pa.Table,
    *,
    shown: str = "all",
    text: str = "",
    limit: int,
    offset: int = 0,
) -> list[dict[str, Any]]:
    """Positions as they stand now: the snapshot's, with what was agreed to since laid over them."""
    where = _where(shown, text)
    return reader.query(
        f"select * from ({_placed(reader)}) where {where.sql} "  # noqa: S608  constants and policy
        "order by oversold_quantity desc, sku, warehouse_id limit ? offset ?",
        [*where.params, limit, offset],
        {"decided": decided},
    )


def count(reader: Reader, decided: pa.Table, shown: str = "all", text: str = "") -> int:
    where = _where(shown, text)
    sql = f"select count(*) as n from ({_placed(reader)}) where {where.sql}"  # noqa: S608
    return reader.query(sql, where.params, {"decided": decided})[0]["n"]


# What was agreed to and is not in the snapshot, by some columns.
_FRESH = """(
    select {keys}, sum(quantity) as quantity, max(moved_at) as moved_at
    from decided
    where movement_id not in (
        select movement_id from marts.fct_stock_movements where source = 'ledger'
    )
    group by {keys}
)"""


def _placed(reader: Reader) -> str:
    """SQL of the positions with what was agreed to since; a place that is new comes with it."""
    more = "coalesce(fresh.quantity, 0)"
    sums = ("on_hand_quantity", "sellable_quantity", "atp_quantity")
    values = {name: f"coalesce(p.{name}, 0) + {more}" for name in sums} | {
        "sku": "coalesce(p.sku, fresh.sku)",
        "warehouse_id": "coalesce(p.warehouse_id, fresh.warehouse_id)",
        "oversold_quantity": "greatest(coalesce(p.reserved_hard_quantity, 0) + "
        f"coalesce(p.reserved_soft_quantity, 0) - coalesce(p.sellable_quantity, 0) - {more}, 0)",
        "last_moved_at": "greatest(p.last_moved_at, fresh.moved_at)",
    }
    names = reader.columns("fct_stock_positions")
    listed = ", ".join(f"{values.get(name, f'p.{name}')} as {name}" for name in names)
    return (
        f"select {listed}, fresh.quantity as decided_quantity, goods.product_name "  # noqa: S608
        "from marts.fct_stock_positions as p "
        f"full join {_FRESH.format(keys='sku, warehouse_id')} as fresh "
        "on p.sku = fresh.sku and p.warehouse_id = fresh.warehouse_id "
        "left join (select sku, max(product_name) as product_name from marts.dim_products "
        "group by sku) as goods on goods.sku = coalesce(p.sku, fresh.sku)"
    )


def _where(shown: str, text: str) -> Where:
    where = Where().also(SHOWN.get(shown, "true"))
    if text.strip():
        needle = text.strip().lower()
        where = where.also(
            "(contains(lower(sku), ?) or lower(warehouse_id) = ? "
            "or contains(lower(coalesce(product_name, '')), ?) or (sku, warehouse_id) in ("
            "select (sku, warehouse_id) from marts.fct_stock_bins "
            "where starts_with(lower(bin_id), ?)))",
            *[needle] * 4,
        )
    return where


def lots(
    reader: Reader, decided: pa.Table, sku: str, warehouse_id: str
) -> dict[str | None, Decimal]:
    """What lies at a place now, by batch; None: pieces of which no batch is known."""
    reader.columns("fct_stock_lots", ("lot", "on_hand_quantity"))
    rows = reader.query(
        f"""
        select lot, sum(quantity) as quantity from (
            select lot, on_hand_quantity as quantity from marts.fct_stock_lots
            where sku = ? and warehouse_id = ?
            union all
            select lot, quantity from {_FRESH.format(keys="sku, warehouse_id, lot")}
            where sku = ? and warehouse_id = ?
        ) group by lot order by lot nulls first
        """,  # noqa: S608  constants
        [sku, warehouse_id, sku, warehouse_id],
        {"decided": decided},
    )
    return {row["lot"]: row["quantity"] for row in rows}


def warehouses(reader: Reader) -> list[str]:
    reader.columns("fct_stock_positions", ("warehouse_id",))
    rows = reader.query("select distinct warehouse_id from marts.fct_stock_positions order by 1")
    return [row["warehouse_id"] for row in rows if row["warehouse_id"]]


def booked(reader: Reader, request_ids: Sequence[str]) -> dict[str, dict[str, Decimal]]:
    """request -> what the warehouse's own movements say of it, by kind of movement."""
    reader.columns("fct_stock_movements", ("reference", "quantity"))
    rows = reader.query(
        "select reference, movement_type, sum(quantity) as quantity "
        "from marts.fct_stock_movements "
        "where reference in (select unnest(?::varchar[])) and source <> 'ledger' "
        "group by reference, movement_type",
        [list(request_ids)],
    )
    found: dict[str, dict[str, Decimal]] = {}
    for row in rows:
        found.setdefault(row["reference"], {})[row["movement_type"]] = row["quantity"]
    return found


def demand(reader: Reader, sku: str, warehouse_id: str) -> list[dict[str, Any]]:
    """Open lines for one stock position in the order in which they are served."""
    where = Where().also("sku = ?", sku).also("warehouse_id = ?", warehouse_id)
    return reader.select("fct_stock_demand", None, where, order="running_quantity, line_id")


def unserved(reader: Reader, order_id: str) -> list[dict[str, Any]]:
    """Lines of an order that their warehouse cannot serve, the most short first."""
    where = (
        Where().also("order_id = ?", order_id).also("not is_served").also("shortfall_quantity > 0")
    )
    return reader.select("fct_stock_demand", None, where, order="shortfall_quantity desc, line_id")


def elsewhere(
    reader: Reader, decided: pa.Table, sku: str, warehouse_id: str
) -> list[dict[str, Any]]:
    """Other warehouses that can promise some of an article, the fullest first."""
    where = Where().also("sku = ?", sku).also("warehouse_id <> ?", warehouse_id)
    where = where.also("atp_quantity > 0")
    return reader.query(
        f"select warehouse_id, atp_quantity from ({_placed(reader)}) "  # noqa: S608  constants
        f"where {where.sql} order by atp_quantity desc, warehouse_id",
        where.params,
        {"decided": decided},
    )


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
            "drift_quantity", "in_flight_quantity", "drift_since_date", "agreed_at",
        ),
    ),
    "lots": (
        "fct_stock_lots",
        "lot_expires_at nulls last, sku, lot nulls last",
        (
            "sku", "warehouse_id", "lot", "on_hand_quantity", "decided_quantity",
            "damaged_quantity", "frozen_quantity", "held_quantity", "lot_expires_at",
            "drift_quantity",
        ),
    ),
    "bins": (
        "fct_stock_bins",
        "sku, warehouse_id, bin_id nulls last, lot nulls first",
        (
            "sku", "product_name", "warehouse_id", "bin_id", "lot", "on_hand_quantity",
            "damaged_quantity", "frozen_quantity", "snapshot_at",
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
            "sku", "channel", "shop_id", "unallocated_quantity", "available_quantity",
            "published_quantity", "published_at",
        ),
    ),
}  # fmt: skip
_KEPT = {"drifts": "is_drift"}


# Columns of a part that its relation does not have.
ADDED = ("product_name", "decided_quantity")


def part(
    reader: Reader, decided: pa.Table, code: str, *, text: str = "", limit: int
) -> list[dict[str, Any]]:
    """Rows of one of `PARTS`, those of the searched article when something is searched: by its
    code or its name, and where it lies by the bin."""
    relation, order, names = PARTS[code]
    where = Where().also(_KEPT.get(code, "true"))
    if needle := text.strip().lower():
        ways = [
            "contains(lower(sku), ?)",
            "sku in (select sku from marts.dim_products where contains(lower(product_name), ?))",
            *(["starts_with(lower(bin_id), ?)"] if "bin_id" in names else []),
        ]
        where = where.also(f"({' or '.join(ways)})", *[needle] * len(ways))
    if "decided_quantity" in names:
        return reader.query(
            f"select * from ({_in_batches(reader)}) where {where.sql} order by {order} limit ?",  # noqa: S608
            [*where.params, limit],
            {"decided": decided},
        )
    rows = reader.select(relation, None, where, order=order, limit=limit)
    return _named(reader, rows) if "product_name" in names else rows


def _in_batches(reader: Reader) -> str:
    """SQL of the batches with what was agreed to since; a batch that is new comes with it."""
    values = {
        "on_hand_quantity": "coalesce(p.on_hand_quantity, 0) + coalesce(fresh.quantity, 0)",
    } | {name: f"coalesce(p.{name}, fresh.{name})" for name in ("sku", "warehouse_id", "lot")}
    names = reader.columns("fct_stock_lots")
    listed = ", ".join(f"{values.get(name, f'p.{name}')} as {name}" for name in names)
    return (
        f"select {listed}, fresh.quantity as decided_quantity "  # noqa: S608
        "from marts.fct_stock_lots as p "
        f"full join {_FRESH.format(keys='sku, warehouse_id, lot')} as fresh "
        "on p.sku = fresh.sku and p.warehouse_id = fresh.warehouse_id "
        "and coalesce(p.lot, '') = coalesce(fresh.lot, '')"
    )


def _named(reader: Reader, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with the name of their article."""
    skus = sorted({row["sku"] for row in rows})
    where = Where().also("sku in (select unnest(?::varchar[]))", skus)
    articles = reader.select("dim_products", ("sku", "product_name"), where)
    known = {article["sku"]: article["product_name"] for article in articles}
    return [row | {"product_name": known.get(row["sku"])} for row in rows]
