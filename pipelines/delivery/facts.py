"""What a channel has to be told about an order, from the served snapshot: its own number for it,
its parcels, what is to be paid back, through which payments. No personal data is read.

What the house itself is paying back counts as gone, also where the snapshot does not have it yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb

from orderhouse.ledger import open_ledger, refund_requests_of
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


_REFUNDS = """
    select request_number from marts.fct_refunds
    where order_id = ? and request_number is not null and refund_status = 'succeeded'
"""
_PAYMENTS = """
    select provider, provider_payment_id, merchant_payment_id, amount from marts.fct_payments
    where order_id = ? and payment_kind = 'capture' and payment_status = 'succeeded'
    order by paid_at desc, payment_id
"""


@dataclass(frozen=True, slots=True)
class Payment:
    """A capture. `number`: the provider's own, or what the shop calls it there."""

    provider: str | None
    number: str | None
    other_number: str | None
    amount: Decimal


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
    payments: tuple[Payment, ...] = ()


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
        payments = tuple(Payment(*found) for found in con.execute(_PAYMENTS, [order_id]).fetchall())
        counted = _counted(con, order_id)
    return OrderFacts(
        channel_order_id=str(row[0]),
        currency_code=row[2],
        paid_amount=row[3] - _under_way(settings, order_id, counted),
        parcels=parcels,
        payments=payments,
    )


def _counted(con: duckdb.DuckDBPyConnection, order_id: str) -> set[str]:
    """Our refunds that have gone through; an older snapshot has no column for them."""
    try:
        return {number for (number,) in con.execute(_REFUNDS, [order_id]).fetchall()}
    except duckdb.BinderException:
        return set()


def _under_way(settings: Settings, order_id: str, counted: set[str]) -> Decimal:
    """What was agreed to here and is not in the snapshot: a cancellation must not pay it too."""
    ledger = open_ledger(settings.ledger_address)
    try:
        requests = refund_requests_of(ledger, order_id=order_id)
    finally:
        ledger.close()
    return sum(
        (one.amount for one in requests
         if one.status == "approved" and one.request_id not in counted), Decimal(0),
    )  # fmt: skip
