"""Stripe, through its REST API: pay back what was agreed to, from the charges of the order.

A refund carries its number as meta data. What has gone back under this number is looked up before
anything is made, and each call has an idempotency key of its own, so doing it again changes nothing
within the time in which the provider remembers keys, nor after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from orderhouse.coins import coins
from orderhouse.connections import StripeConnection
from orderhouse.ledger import Answer, Message
from orderhouse.settings import Settings, named
from pipelines.delivery.agreed import Agreed, agreed_of, split
from pipelines.delivery.calls import Caller, Refused, one_by_one
from pipelines.delivery.facts import OrderFacts, Payment, facts_of

NUMBER_META, ORDER_META = "orderhouse_refund", "orderhouse_order"
# A refund that came to nothing has not moved any money.
_VOID = frozenset({"failed", "canceled"})
_KINDS = {"ch_": "charge", "py_": "charge", "pi_": "payment_intent"}


class StripeTransport:
    """One refund at a time; stops at the first that finds nobody."""

    batch = 20

    def __init__(self, settings: Settings, connection: StripeConnection) -> None:
        self._settings = settings
        self._url = f"{connection.address.rstrip('/')}/v1/refunds"
        key = named(connection.key).get_secret_value()
        self._caller = Caller(
            timeout_seconds=connection.timeout_seconds,
            headers={"Authorization": f"Bearer {key}"} | _version(connection),
        )

    def send(self, messages: Sequence[Message]) -> list[Answer]:
        return one_by_one(messages, self._tell)

    def _tell(self, message: Message) -> Answer:
        facts = facts_of(self._settings, message.order_id)
        if facts is None:
            raise Refused("unknown_order")
        agreed, done = agreed_of(message), 0
        if facts.currency_code != agreed.currency_code:
            raise Refused("other_currency")
        wanted, first = coins(agreed.amount, agreed.currency_code), None
        room: list[tuple[tuple[str, str], Decimal]] = []
        for kind, number, amount in _payments(facts):
            made = list(self._made(message, kind, number))
            ours = [one for one in made if _number_of(one) == agreed.number]
            first = first or next((str(one["id"]) for one in ours), None)
            done += sum(int(one["amount"]) for one in ours)
            gone = sum(int(one["amount"]) for one in made)
            room.append(((kind, number), Decimal(coins(amount, agreed.currency_code) - gone)))
        if not room:
            raise Refused("no_payment")
        for (kind, number), part in split(Decimal(wanted - done), room):
            reference = self._make(message, agreed, {kind: number, "amount": str(int(part))})
            first = first or reference
        return Answer(outcome="answered", code="refunded", reference=first)

    def _made(self, message: Message, kind: str, number: str) -> Iterator[dict[str, Any]]:
        """Every refund of a payment that moved money or will."""
        asked: dict[str, str] = {kind: number, "limit": "100"}
        while True:
            body = self._call(message, "GET", params=asked)
            rows = body.get("data") or []
            yield from (one for one in rows if one.get("status") not in _VOID)
            if not body.get("has_more") or not rows:
                return
            asked = asked | {"starting_after": str(rows[-1]["id"])}

    def _make(self, message: Message, agreed: Agreed, asked: dict[str, str]) -> str | None:
        asked = asked | {
            f"metadata[{NUMBER_META}]": agreed.number,
            f"metadata[{ORDER_META}]": agreed.order_id,
        }
        # Another payment or another part is another call, not the same one said differently.
        key = "-".join((message.key, *(asked[name] for name in sorted(asked) if "[" not in name)))
        return self._call(message, "POST", key=key, data=asked).get("id")

    def _call(self, message: Message, method: str, key: str = "", **request: Any) -> dict[str, Any]:
        headers = {"Idempotency-Key": key} if key else {}
        body = self._caller.call(method, self._url, headers=headers, **request).body
        if not isinstance(body, dict):
            raise Refused("not_understood")
        return body

    def close(self) -> None:
        self._caller.close()


def _version(connection: StripeConnection) -> dict[str, str]:
    return {"Stripe-Version": connection.api_version} if connection.api_version else {}


def _number_of(refund: dict[str, Any]) -> str | None:
    return (refund.get("metadata") or {}).get(NUMBER_META)


def _payments(facts: OrderFacts) -> Iterator[tuple[str, str, Decimal]]:
    """The captures this provider knows, by its own numbers, the newest first."""
    for one in facts.payments:
        found = _stripe_number(one)
        if found is not None:
            yield *found, one.amount


def _stripe_number(payment: Payment) -> tuple[str, str] | None:
    """Charge or intent; what a shop notes of its provider says by its beginning what it is."""
    for number in (payment.number, payment.other_number):
        kind = _KINDS.get((number or "")[:3])
        if number and kind:
            return kind, number
    return None
