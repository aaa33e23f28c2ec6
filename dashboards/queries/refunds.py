"""What an order has to give back, and what its sources tell of refunds that were decided here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dashboards.reader import Reader, Where
from orderhouse.ledger import RefundRequest
from orderhouse.ledger.refund_requests import LIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The money of one order. Who may not see amounts is not shown them, but decides on them.

    Attributes:
        elsewhere_amount: agreed to or sent by the channel itself, and not through yet.
        counted: our requests that are in `refunded_amount` already.
    """

    order_id: str
    shop_id: str | None
    currency_code: str
    captured_amount: Decimal
    refunded_amount: Decimal
    elsewhere_amount: Decimal
    counted: frozenset[str]

    def here(self, requests: Iterable[RefundRequest]) -> Decimal:
        """What the house has spoken for and the snapshot does not have."""
        return sum(
            (one.amount for one in requests
             if one.status in LIVE and one.request_id not in self.counted), Decimal(0),
        )  # fmt: skip

    def rest(self, requests: Iterable[RefundRequest]) -> Decimal:
        """What can still be given back."""
        gone = self.refunded_amount + self.elsewhere_amount + self.here(requests)
        return max(self.captured_amount - gone, Decimal(0))


def account(reader: Reader, order_id: str) -> Account | None:
    """None: there is no such order, or it belongs to a shop that is not this person's."""
    if not order_id or not reader.count_of_order(order_id):
        return None
    [order] = reader.query(
        "select shop_id, currency_code, coalesce(captured_amount, 0) as captured, "
        "coalesce(refunded_amount, 0) as refunded from marts.fct_orders where order_id = ?",
        [order_id],
    )
    rows = reader.query(
        f"select refund_status, refund_kind, amount, {_number(reader)} as request_number "  # noqa: S608  constants
        "from marts.fct_refunds where order_id = ?",
        [order_id],
    )
    # Compensation is no refund of what was paid, so it is not in what the order has got back.
    counted = [
        row["request_number"]
        for row in rows
        if row["refund_status"] == "succeeded" and row["refund_kind"] != "compensation"
    ]
    elsewhere = [
        row["amount"] or 0
        for row in rows
        if row["request_number"] is None and row["refund_status"] in ("approved", "sent")
    ]
    return Account(
        order_id=order_id,
        shop_id=order["shop_id"],
        currency_code=str(order["currency_code"] or ""),
        captured_amount=Decimal(order["captured"]),
        refunded_amount=Decimal(order["refunded"]),
        elsewhere_amount=sum(map(Decimal, elsewhere), Decimal(0)),
        counted=frozenset(filter(None, counted)),
    )


def _number(reader: Reader) -> str:
    """A snapshot of before refunds were decided here has no number for them."""
    there = "request_number" in reader.snapshot.columns("fct_refunds")
    return "request_number" if there else "cast(null as varchar)"


def told(reader: Reader, numbers: Iterable[str]) -> dict[str, str]:
    """Request -> where its refund stands by the source's word, once the source has told of it."""
    if _number(reader) != "request_number":
        return {}
    scope = reader.scope("fct_refunds", Where())
    rows: list[dict[str, Any]] = reader.query(
        "select request_number, refund_status from marts.fct_refunds "  # noqa: S608  constants
        f"where {scope.sql} and request_number in (select unnest(?::varchar[])) "
        "and refund_id <> request_number",
        [*scope.params, sorted(numbers)],
    )
    return {row["request_number"]: row["refund_status"] for row in rows}
