"""Compensation agreed to in the app: who bears it, up to how much, and what the fold is told of it.

A compensation is borne by the supplier, the shop and the platform, and their parts are the whole of
it. The fold is told the step an after-sales system would tell, so everything that follows from one
follows from the other. What was taken back is the same step over nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import or_, select

from orderhouse.access import Policy
from orderhouse.ledger.engine import Ledger
from orderhouse.ledger.errors import Invalid
from orderhouse.ledger.history import rows_after
from orderhouse.ledger.tables import AUDIT_LOG
from orderhouse.ledger.verbs import PARTS

AGREEING = ("compensate", "make_good", "agree_compensation")
# Steps of our own never meet the numbers a source gives its steps.
_ATTEMPTS_FROM = 1_000_000
_CENT = Decimal("0.01")


def parts_of(args: Mapping[str, Any]) -> dict[str, Decimal]:
    """What each bears. A part is money: no less than nothing, in whole cents."""
    found = {}
    for name in PARTS:
        try:
            part = Decimal(str(args.get(name) or 0))
        except ArithmeticError as error:
            raise Invalid("ledger.needs_parts") from error
        if not part.is_finite() or part < 0 or part != part.quantize(_CENT):
            raise Invalid("ledger.needs_parts")
        found[name] = part
    return found


def check_split(args: Mapping[str, Any], currency: str | None) -> None:
    """The parts are the whole, and a supplier bears one only of what it supplied."""
    parts = parts_of(args)
    total = Decimal(str(args["amount"]))
    if sum(parts.values()) != total:
        raise Invalid("ledger.parts_differ", parts=f"{sum(parts.values()):.2f}", total=f"{total}")
    if not currency or args.get("currency_code") != currency:
        raise Invalid("ledger.needs_currency")
    if parts["supplier_amount"] and not args.get("supplier_id"):
        raise Invalid("ledger.no_supplier")


def check_limit(policy: Policy, role: str, args: Mapping[str, Any]) -> None:
    """Nobody agrees to more than their post may, with a second person or without."""
    currency = args["currency_code"]
    limit = policy.compensation_limit([role], currency)
    if Decimal(str(args["amount"])) > limit:
        raise Invalid("ledger.above_your_limit", limit=f"{limit:.2f}", currency=currency)


def compensations_after(ledger: Ledger, seq: int, *, overlap: int = 0) -> Iterator[dict[str, Any]]:
    """Steps of cases numbered above `seq`, shaped like the stream `after_sales`, plus `seq`."""
    wanted = or_(AUDIT_LOG.c.verb.in_(AGREEING), AUDIT_LOG.c.undoes_action_id.is_not(None))
    for row in rows_after(ledger, seq - overlap, AUDIT_LOG.c.stream == "action", wanted):
        if row["undoes_action_id"] is None:
            yield _step(row, row["seq"], json.loads(row["args"]))
            continue
        with ledger.reading() as connection:
            undone = (
                connection.execute(
                    select(AUDIT_LOG).where(AUDIT_LOG.c.action_id == row["undoes_action_id"])
                )
                .mappings()
                .one()
            )
        if undone["verb"] in AGREEING:
            nothing = dict.fromkeys(("amount", *PARTS), "0")
            yield _step(undone, row["seq"], json.loads(undone["args"]) | nothing)


def _step(row: Mapping[str, Any], seq: int, args: Mapping[str, Any]) -> dict[str, Any]:
    is_case = row["entity_type"] == "case"
    return {
        "seq": seq,
        # What is agreed about an order or a complaint is a case of its own.
        "case_id": row["entity_id"] if is_case else f"{row['order_id']}-compensation",
        "order_id": row["order_id"],
        "case_step": "compensation_agreed",
        "attempt_number": str(_ATTEMPTS_FROM + row["seq"]),
        "event_at": row["at"],
        "sku": args.get("sku"),
        "amount": str(args["amount"]),
        **{name: str(args.get(name) or 0) for name in PARTS},
        "currency_code": args.get("currency_code"),
        "reason": row["reason_code"],
        "actor_id": row["actor_id"],
    }


def proposed(
    policy: Policy, reason: str | None, total: Decimal, *, has_supplier: bool
) -> dict[str, Decimal]:
    """The split the policy proposes: who is liable bears it all; without a supplier, the shop."""
    bearer = policy.liable.get(reason or "", "ecom")
    if bearer == "supplier" and not has_supplier:
        bearer = "ecom"
    return {name: total if name == f"{bearer}_amount" else Decimal(0) for name in PARTS}
