"""A refund people decide: one asks with an amount, above a post's limit another agrees, it is sent.

    new -> approved                                  within what the post may pay back alone
     |---> proposed -> approved | refused | withdrawn
           approved -> withdrawn                     stopped before it left the house
                    -> failed                        the money did not go and will not

The number goes out with the message and comes back in what the channel or provider reports, so the
refund of the source is this refund and no second one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from orderhouse.coins import places
from orderhouse.ledger.errors import Invalid

# Of what the channel carries back; the fold finds its refund of our request by it.
NUMBER = re.compile(r"OHR-[0-9A-F]{12}")
ASK, STOP = "refund_ask", "refund_stop"
# The money is spoken for: it has gone, will go, or may be agreed to at any moment.
LIVE = ("proposed", "approved")
# verb -> the states it begins in.
BEGINS: Mapping[str, frozenset[str]] = {
    ASK: frozenset({"new"}),
    "refund_approve": frozenset({"proposed"}),
    "refund_refuse": frozenset({"proposed"}),
    "refund_withdraw": frozenset({"proposed"}),
    STOP: frozenset(LIVE),
    "refund_void": frozenset({"approved"}),
}
_ENDS = {
    "refund_refuse": "refused", "refund_withdraw": "withdrawn", STOP: "withdrawn",
    "refund_void": "failed",
}  # fmt: skip
# Why money goes back, in the words of the stream `refunds`; the others say only their reason.
KINDS: Mapping[str, str] = {
    "order_cancelled": "cancel",
    "out_of_stock": "cancel",
    "goods_returned": "return",
    "goodwill": "goodwill",
    "compensation": "compensation",
}
_MOST = Decimal(10) ** 12


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequest:
    """One request as its steps so far add up.

    Attributes:
        is_alone: one person decided it, within the limit of their post.
    """

    request_id: str
    version: int = 0
    status: str = "new"
    order_id: str | None = None
    shop_id: str | None = None
    case_id: str | None = None
    amount: Decimal = Decimal(0)
    currency_code: str = ""
    reason_code: str | None = None
    is_alone: bool = False
    asked_by: str | None = None
    asked_at: datetime | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    last_action_id: str | None = None

    @property
    def refund_kind(self) -> str | None:
        return KINDS.get(self.reason_code or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing done to a request. `waits`: it needs a second person."""

    verb: str
    actor_id: str
    action_id: str
    now: datetime
    reason_code: str | None
    order_id: str | None = None
    args: Mapping[str, Any] = field(default_factory=dict)


def money(value: Any) -> Decimal:
    """An amount as it is stored: finite, not below zero, with at most four places."""
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise Invalid("refund.bad_amount") from error
    if not number.is_finite() or not 0 <= number < _MOST or number != round(number, 4):
        raise Invalid("refund.bad_amount")
    return number


def moved(state: RefundRequest, step: Step) -> RefundRequest:
    """The state after a step. Pure: what the chain says, replayed, gives the same states."""
    if state.status not in BEGINS[step.verb]:
        raise Invalid("refund.wrong_state", verb=step.verb, state=state.status)
    after = replace(state, version=state.version + 1, last_action_id=step.action_id)
    if step.verb == ASK:
        return _asked(after, step)
    status = _ENDS.get(step.verb, "approved")
    return replace(after, status=status, decided_by=step.actor_id, decided_at=step.now)


def _asked(after: RefundRequest, step: Step) -> RefundRequest:
    args = step.args
    if not NUMBER.fullmatch(after.request_id):
        raise Invalid("refund.bad_number")
    currency = str(args.get("currency_code") or "")
    if not step.order_id or not re.fullmatch(r"[A-Z]{3}", currency):
        raise Invalid("refund.needs_order")
    amount = money(args.get("amount"))
    if amount == 0 or amount != round(amount, places(currency)):
        raise Invalid("refund.bad_amount")
    waits = bool(args.get("waits"))
    return replace(
        after,
        status="proposed" if waits else "approved",
        order_id=step.order_id,
        shop_id=args.get("shop_id"),
        case_id=args.get("case_id") or None,
        amount=amount,
        currency_code=currency,
        reason_code=step.reason_code,
        is_alone=not waits,
        asked_by=step.actor_id,
        asked_at=step.now,
        decided_by=None if waits else step.actor_id,
        decided_at=None if waits else step.now,
    )


def told_of(state: RefundRequest) -> dict[str, str]:
    """What a receiver needs to pay it, and what the chain keeps beside a decision about it."""
    told = {
        "amount": f"{state.amount:f}",
        "currency_code": state.currency_code,
        "case_id": state.case_id,
        "shop_id": state.shop_id,
    }
    return {name: value for name, value in told.items() if value is not None}
