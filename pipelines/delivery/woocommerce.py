"""A WooCommerce shop, through its REST API (v3): cancel an order, pay it back, show its parcels.

Refunds carry the message's key as meta data, and are looked up by it before one is made; what was
decided as a refund has its number in the reason too, which comes back in every export; a status
and a list of waybills are set to what they should be, however often.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from orderhouse.coins import written
from orderhouse.connections import CANCELS, WooCommerceConnection
from orderhouse.ledger import Answer, Message
from orderhouse.settings import Settings, named
from pipelines.delivery.agreed import agreed_of
from pipelines.delivery.calls import Caller, Refused, one_by_one
from pipelines.delivery.facts import OrderFacts, facts_of

KEY_META = "_orderhouse_key"
# Where the shipment tracking extension keeps waybills.
TRACKING_META = "_wc_shipment_tracking_items"


class WooCommerceTransport:
    """One order a call; stops at the first that finds nobody."""

    batch = 20

    def __init__(self, settings: Settings, connection: WooCommerceConnection) -> None:
        self._settings, self._refunds = settings, connection.refunds
        self._orders = f"{connection.address.rstrip('/')}/wp-json/wc/v3/orders"
        key, secret = named(connection.key), named(connection.secret)
        self._caller = Caller(
            timeout_seconds=connection.timeout_seconds,
            auth=(key.get_secret_value(), secret.get_secret_value()),
        )

    def send(self, messages: Sequence[Message]) -> list[Answer]:
        return one_by_one(messages, self._tell)

    def _tell(self, message: Message) -> Answer:
        facts = facts_of(self._settings, message.order_id)
        # The number becomes part of an address, so it is a number or nothing.
        if facts is None or not facts.channel_order_id.isdigit():
            raise Refused("unknown_order")
        url = f"{self._orders}/{facts.channel_order_id}"
        if message.verb in CANCELS:
            return self._cancel(message, facts, url)
        if message.verb == "refund_approve":
            return self._refund(message, facts, url)
        return self._show(message, facts, url)

    def _call(self, message: Message, method: str, url: str, **request: Any) -> Any:
        headers = {"Idempotency-Key": message.key}
        return self._caller.call(method, url, headers=headers, **request).body

    def _cancel(self, message: Message, facts: OrderFacts, url: str) -> Answer:
        """Money first: an order that is cancelled and not paid back would look finished."""
        reference = None
        if self._refunds and facts.paid_amount > 0:
            amount = written(facts.paid_amount, facts.currency_code)
            reference = self._pay_back(message, url, {"amount": amount})
        self._call(message, "PUT", url, json={"status": "cancelled"})
        return Answer(outcome="answered", code="cancelled", reference=reference)

    def _refund(self, message: Message, facts: OrderFacts, url: str) -> Answer:
        agreed = agreed_of(message)
        if facts.currency_code != agreed.currency_code:
            raise Refused("other_currency")
        asked = {"amount": written(agreed.amount, agreed.currency_code), "reason": agreed.number}
        reference = self._pay_back(message, url, asked)
        return Answer(outcome="answered", code="refunded", reference=reference)

    def _pay_back(self, message: Message, url: str, asked: dict[str, Any]) -> str | None:
        """Makes a refund, or finds the one this message has made before."""
        made = self._call(message, "GET", f"{url}/refunds", params={"per_page": 100})
        for refund in made if isinstance(made, list) else ():
            keys = {meta.get("value") for meta in refund.get("meta_data") or ()
                    if meta.get("key") == KEY_META}  # fmt: skip
            if message.key in keys:
                return str(refund.get("id"))
        asked = asked | {
            "api_refund": True,
            "meta_data": [{"key": KEY_META, "value": message.key}],
        }
        done = self._call(message, "POST", f"{url}/refunds", json=asked)
        return str(done["id"]) if isinstance(done, dict) and "id" in done else None

    def _show(self, message: Message, facts: OrderFacts, url: str) -> Answer:
        if not facts.parcels:
            raise Refused("no_parcel")
        order = self._call(message, "GET", url)
        if not isinstance(order, dict):
            raise Refused("not_understood")
        shown = next(
            (meta["value"] for meta in order.get("meta_data") or ()
             if meta.get("key") == TRACKING_META and isinstance(meta.get("value"), list)), [],
        )  # fmt: skip
        numbers = {item.get("tracking_number") for item in shown}
        missing = [
            {"custom_tracking_provider": parcel.carrier or "",
             "tracking_number": parcel.tracking_number}
            for parcel in facts.parcels if parcel.tracking_number not in numbers
        ]  # fmt: skip
        if missing or order.get("status") != "completed":
            meta = [{"key": TRACKING_META, "value": [*shown, *missing]}]
            self._call(message, "PUT", url, json={"status": "completed", "meta_data": meta})
        return Answer(outcome="answered", code="shown", reference=str(order.get("id")))

    def close(self) -> None:
        self._caller.close()
