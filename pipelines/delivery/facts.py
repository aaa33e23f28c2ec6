"""What a channel has to be told about an order, from the served snapshot: its own number for it,
its parcels, what is to be paid back. No personal data is read."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb

from orderhouse.settings import Settings
from pipelines.publish import current_build

_ORDER = """
    select channel_order_id, shop_id, currency_code,
        coalesce(captured_amount, 0) - coalesce(refunded_amount, 0)
    from marts.fct_orders where order_id = ?
"""
_PARCELS = """
    select carrier, tracking_number from marts.fct_shipments
    where order_id = ? and tracking_number is not null and shipped_at is not null
    order by shipped_at, shipment_id
"""


@dataclass(frozen=True, slots=True)
class Parcel:
    carrier: str | None
    tracking_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """One order as its channel knows it. `paid_amount` is what the buyer has paid and not got
    back."""

    channel_order_id: str
    currency_code: str | None
    paid_amount: Decimal
    parcels: tuple[Parcel, ...]


def facts_of(settings: Settings, order_id: str | None) -> OrderFacts | None:
    """What is served about an order; None when nothing is."""
    build_id = current_build(settings)
    if build_id is None or order_id is None:
        return None
    path = settings.serving_dir / f"serving-{build_id}.duckdb"
    with duckdb.connect(str(path), read_only=True) as con:
        row: Any = con.execute(_ORDER, [order_id]).fetchone()
        if row is None or row[0] is None:
            return None
        parcels = tuple(Parcel(*found) for found in con.execute(_PARCELS, [order_id]).fetchall())
    return OrderFacts(
        channel_order_id=str(row[0]), currency_code=row[2], paid_amount=row[3], parcels=parcels
    )
