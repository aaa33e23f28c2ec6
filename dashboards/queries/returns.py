"""Which after-sales cases goods that came back may belong to, with what speaks for each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from dashboards.reader import Reader, Where

SHOWN = 8
# What speaks for a case, the strongest first; each outweighs all that come after it.
SIGNS = ("is_same_parcel", "is_same_order", "is_same_buyer", "has_sku")
COLUMNS = (
    "case_id", "order_id", "shop_id", "case_kind", "case_status", "sku", "reason",
    "return_tracking_number", "requested_quantity", "received_quantity", "requested_at",
    "closed_at",
)  # fmt: skip
# Alike only by their article, cases count while they wait for goods, and not for ever.
NEAR = timedelta(days=60)
LEAST_TEXT = 3

_SIGNS = """
    coalesce(fct_after_sales_cases.return_tracking_number = ? or fct_after_sales_cases.order_id in (
        select order_id from marts.fct_shipments where tracking_number = ?
    ), false) as is_same_parcel,
    coalesce(fct_after_sales_cases.order_id = ?, false) as is_same_order,
    coalesce(fct_after_sales_cases.order_id in (
        select theirs.order_id from marts.fct_orders as mine
        inner join marts.fct_orders as theirs
            on mine.buyer_id = theirs.buyer_id and mine.channel = theirs.channel
        where mine.order_id = ?
    ), false) as is_same_buyer,
    coalesce(fct_after_sales_cases.sku = ? or (
        fct_after_sales_cases.sku is null and fct_after_sales_cases.order_id in (
            select order_id from marts.fct_order_lines where sku = ?
        )
    ), false) as has_sku"""


def told(item: Mapping[str, Any], name: str) -> str | None:
    """What the case of the queue says of the goods."""
    facts = (item.get("why") or {}).get("facts", ())
    return next((fact["value"] for fact in facts if fact["name"] == name), None)


def order_of(reader: Reader, case_id: str) -> str | None:
    """The order of a case, as far as the reader may see it."""
    where = Where().also("case_id = ?", case_id)
    rows = reader.select("fct_after_sales_cases", ("order_id",), where, limit=1)
    return rows[0]["order_id"] if rows else None


def candidates(reader: Reader, item: Mapping[str, Any], text: str = "") -> list[dict[str, Any]]:
    """Cases for goods that arrived, the likeliest first; with a text, those it names."""
    arrived: datetime = item["opened_at"]
    where = Where().also("case_id is distinct from ?", told(item, "case_id"))
    needle = text.strip().lower()
    if needle:
        where = where.also(
            "(contains(lower(case_id), ?) or contains(lower(order_id), ?) or order_id in ("
            "select order_id from marts.fct_orders where lower(channel_order_id) = ?))",
            *[needle] * 3,
        )
    else:
        where = where.also(
            "(is_same_parcel or is_same_order or is_same_buyer or (has_sku and closed_at is null "
            "and received_at is null and requested_at between ? and ?))",
            arrived - NEAR, arrived + NEAR,
        )  # fmt: skip
    return _ranked(reader, item, where, arrived)


def _ranked(
    reader: Reader, item: Mapping[str, Any], where: Where, arrived: datetime
) -> list[dict[str, Any]]:
    sku, parcel, order_id = told(item, "sku"), told(item, "tracking_number"), item.get("order_id")
    names = ", ".join(reader.columns("fct_after_sales_cases", COLUMNS))
    scope = reader.scope("fct_after_sales_cases", Where())
    weight = " + ".join(
        f"{2 ** (len(SIGNS) - place)} * {sign}::integer" for place, sign in enumerate(SIGNS)
    )
    sql = (
        f"select {names}, {', '.join(SIGNS)} from (select *, {_SIGNS} "  # noqa: S608  constants
        f"from marts.fct_after_sales_cases where {scope.sql}) where {where.sql} "
        f"order by {weight} + (closed_at is null)::integer desc, "
        "abs(epoch(requested_at) - epoch(?::timestamp)) nulls last, case_id limit ?"
    )
    given = [parcel, parcel, order_id, order_id, sku, sku]
    return reader.query(sql, [*given, *scope.params, *where.params, arrived, SHOWN])
