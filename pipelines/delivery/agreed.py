"""A refund agreed to in the house, as a message says it, and how it is spread over payments."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from orderhouse.ledger import Message
from pipelines.delivery.calls import Refused

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """What is paid back, under the number the receiver carries back.

    Attributes:
        key: the message's key in the form receivers recommend for one.
    """

    number: str
    order_id: str
    amount: Decimal
    currency_code: str
    key: str


def agreed_of(message: Message) -> Agreed:
    payload = message.payload
    return Agreed(
        number=str(payload["entity_id"]),
        order_id=str(message.order_id),
        amount=Decimal(str(payload["amount"])),
        currency_code=str(payload["currency_code"]),
        key=str(uuid.uuid5(uuid.NAMESPACE_URL, f"orderhouse:{message.key}")),
    )


def split(amount: Decimal, room: Iterable[tuple[T, Decimal]]) -> list[tuple[T, Decimal]]:
    """The amount over places that have so much each, in their order; the whole or nothing.

    Raises:
        Refused: they have less.
    """
    parts, rest = [], amount
    for place, most in room:
        part = min(rest, most)
        if part > 0:
            parts.append((place, part))
            rest -= part
    if rest > 0:
        raise Refused("above_refundable")
    return parts
