"""A Shopify shop, through its Admin GraphQL API: cancel an order, pay a part back, show parcels.

Every call asks first what is so already, so doing it again changes nothing: an order is cancelled
once, a waybill is shown once, and a refund, whose note is its number, is made once.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from orderhouse.coins import written
from orderhouse.connections import CANCELS, ShopifyConnection
from orderhouse.ledger import Answer, Message
from orderhouse.settings import Settings, named
from pipelines.delivery.agreed import Agreed, agreed_of, split
from pipelines.delivery.calls import Caller, Refused, Unreachable, one_by_one
from pipelines.delivery.facts import OrderFacts, Parcel, facts_of

_ORDER = """
query($id: ID!) { order(id: $id) {
  id cancelledAt
  fulfillments(first: 100) { trackingInfo(first: 20) { number } }
  fulfillmentOrders(first: 50, query: "status:open") { nodes { id } }
} }
"""
_CANCEL = """
mutation($id: ID!, $refund: Boolean!, $reason: OrderCancelReason!, $note: String!) {
  orderCancel(orderId: $id, refundMethod: {originalPaymentMethodsRefund: $refund}, restock: true,
    reason: $reason, notifyCustomer: false, staffNote: $note) {
  job { id } orderCancelUserErrors { code } } }
"""
_SHIP = """
mutation($fulfillment: FulfillmentInput!) { fulfillmentCreate(fulfillment: $fulfillment) {
  fulfillment { id } userErrors { field } } }
"""
# What can still go back, by the payment it came from, and the refunds there are.
_REFUNDABLE = """
query($id: ID!) { order(id: $id) {
  id refunds(first: 250) { id note }
  suggestedRefund(suggestFullRefund: true) { suggestedTransactions {
    gateway parentTransaction { id } maximumRefundableSet { shopMoney { amount currencyCode } } } }
} }
"""
# Since API version 2026-04 a refund is made only under a key the shop remembers.
_REFUND = """
mutation($input: RefundInput!, $key: String!) {
  refundCreate(input: $input) @idempotent(key: $key) {
  refund { id } userErrors { field } } }
"""
_REASONS = {"suspected_fraud": "FRAUD", "customer_cancelled": "CUSTOMER"}


class ShopifyTransport:
    """One order a call; stops at the first that finds nobody."""

    batch = 20

    def __init__(self, settings: Settings, connection: ShopifyConnection) -> None:
        self._settings, self._refunds = settings, connection.refunds
        root = connection.address.rstrip("/")
        self._url = f"{root}/admin/api/{connection.api_version}/graphql.json"
        token = named(connection.token).get_secret_value()
        self._caller = Caller(
            timeout_seconds=connection.timeout_seconds, headers={"X-Shopify-Access-Token": token}
        )

    def send(self, messages: Sequence[Message]) -> list[Answer]:
        return one_by_one(messages, self._tell)

    def _tell(self, message: Message) -> Answer:
        facts = facts_of(self._settings, message.order_id)
        if facts is None:
            raise Refused("unknown_order")
        number = facts.channel_order_id
        order_id = number if "/" in number else f"gid://shopify/Order/{number}"
        order = self._ask(message, _ORDER, {"id": order_id}).get("order")
        if not isinstance(order, dict):
            raise Refused("unknown_order")
        if message.verb in CANCELS:
            return self._cancel(message, facts, order)
        if message.verb == "refund_approve":
            return self._refund(message, agreed_of(message), order["id"])
        return self._show(message, facts, order)

    def _cancel(self, message: Message, facts: OrderFacts, order: dict[str, Any]) -> Answer:
        if order.get("cancelledAt"):
            return Answer(outcome="answered", code="cancelled")
        values = {
            "id": order["id"],
            "refund": self._refunds and facts.paid_amount > 0,
            "reason": _REASONS.get(message.payload.get("reason_code") or "", "OTHER"),
            "note": message.key,
        }
        done = self._ask(message, _CANCEL, values).get("orderCancel") or {}
        if done.get("orderCancelUserErrors"):
            raise Refused("not_done")
        job = (done.get("job") or {}).get("id")
        return Answer(outcome="answered", code="cancelled", reference=job)

    def _refund(self, message: Message, agreed: Agreed, order_id: str) -> Answer:
        order = self._ask(message, _REFUNDABLE, {"id": order_id}).get("order") or {}
        made = next(
            (one["id"] for one in order.get("refunds") or ()
             if agreed.number in str(one.get("note") or "")), None,
        )  # fmt: skip
        if made is None:
            suggested = (order.get("suggestedRefund") or {}).get("suggestedTransactions") or []
            values = {"input": _refund_of(order_id, agreed, suggested), "key": agreed.key}
            done = self._ask(message, _REFUND, values).get("refundCreate")
            if not done or done.get("userErrors"):
                raise Refused("not_done")
            made = (done.get("refund") or {}).get("id")
        number = str(made).rpartition("/")[2] if made else None
        return Answer(outcome="answered", code="refunded", reference=number)

    def _show(self, message: Message, facts: OrderFacts, order: dict[str, Any]) -> Answer:
        if not facts.parcels:
            raise Refused("no_parcel")
        shown = {
            info.get("number")
            for fulfillment in order.get("fulfillments") or ()
            for info in fulfillment.get("trackingInfo") or ()
        }
        missing = [parcel for parcel in facts.parcels if parcel.tracking_number not in shown]
        reference = self._ship(message, order, missing) if missing else None
        return Answer(outcome="answered", code="shown", reference=reference)

    def _ship(self, message: Message, order: dict[str, Any], parcels: list[Parcel]) -> str | None:
        """One fulfilment with every waybill that is missing, of all that is still open."""
        nodes = (order.get("fulfillmentOrders") or {}).get("nodes") or []
        if not nodes:
            raise Refused("not_done")
        fulfillment = {
            "lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": node["id"]} for node in nodes],
            "trackingInfo": {
                "company": parcels[0].carrier,
                "numbers": [parcel.tracking_number for parcel in parcels],
            },
            "notifyCustomer": False,
        }
        done = self._ask(message, _SHIP, {"fulfillment": fulfillment}).get("fulfillmentCreate")
        if not done or done.get("userErrors"):
            raise Refused("not_done")
        return (done.get("fulfillment") or {}).get("id")

    def _ask(self, message: Message, query: str, values: dict[str, Any]) -> dict[str, Any]:
        """One call. GraphQL says in the body what REST says by status."""
        reply = self._caller.call(
            "POST", self._url, json={"query": query, "variables": values},
            headers={"Idempotency-Key": message.key},
        )  # fmt: skip
        body = reply.body if isinstance(reply.body, dict) else {}
        codes = {
            (error.get("extensions") or {}).get("code")
            for error in body.get("errors") or ()
            if isinstance(error, dict)
        }
        if "THROTTLED" in codes:
            raise Unreachable("throttled")
        if body.get("errors") or not isinstance(body.get("data"), dict):
            raise Refused("not_understood")
        return body["data"]

    def close(self) -> None:
        self._caller.close()


def _refund_of(order_id: str, agreed: Agreed, suggested: list[dict[str, Any]]) -> dict[str, Any]:
    """The refund as the shop takes it: what was agreed, from the payments that have it."""
    room: list[tuple[dict[str, Any], Decimal]] = []
    for one in suggested:
        most = (one.get("maximumRefundableSet") or {}).get("shopMoney") or {}
        if most.get("currencyCode") != agreed.currency_code:
            raise Refused("other_currency")
        room.append((one, Decimal(str(most["amount"]))))
    return {
        "orderId": order_id,
        "note": agreed.number,
        "notify": False,
        "transactions": [
            {
                "orderId": order_id,
                "kind": "REFUND",
                "gateway": one["gateway"],
                "parentId": (one.get("parentTransaction") or {}).get("id"),
                "amount": written(amount, agreed.currency_code),
            }
            for one, amount in split(agreed.amount, room)
        ],
    }
