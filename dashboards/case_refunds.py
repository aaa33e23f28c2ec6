"""A refund asked for from a case: how much is proposed, and what the ledger decides it on.

Holds no rule: limits, the second person and what is left to give back are the ledger's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dashboards.context import Context
from dashboards.queries import refunds
from dashboards.queries.refunds import Account
from orderhouse.coins import places
from orderhouse.ledger import Invalid, refund_requests_of

# Why a case of a queue gives money back, unless somebody says otherwise.
REASONS = {
    "Q05": "out_of_stock", "Q11": "out_of_stock", "Q19": "out_of_stock", "Q24": "not_received",
    "Q25": "not_received", "Q06": "paid_too_much",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What can be given back of an order, and how much of it a case is about."""

    account: Account
    rest: Decimal
    amount: Decimal

    def written(self) -> str:
        return f"{self.amount:.{places(self.account.currency_code)}f}"


def known(account: Account) -> dict[str, Any]:
    """What a decision about money is made on."""
    return {
        "captured_amount": f"{account.captured_amount:f}",
        "refunded_amount": f"{account.refunded_amount:f}",
        "under_way_amount": f"{account.elsewhere_amount:f}",
        "counted": sorted(account.counted),
    }


def proposed(context: Context, row: Mapping[str, Any]) -> Proposal | None:
    """The whole rest; where too much was paid, that much. None: the order is nobody's here."""
    account = refunds.account(context.reader, str(row.get("order_id") or ""))
    if account is None:
        return None
    rest = account.rest(refund_requests_of(context.ledger, order_id=account.order_id))
    amount = rest
    if row["queue_code"] == "Q06":
        facts = {fact["name"]: fact["value"] for fact in (row.get("why") or {}).get("facts", ())}
        over = Decimal(str(facts["captured_amount"])) - Decimal(str(facts["payable_amount"]))
        amount = min(rest, over) if over > 0 else Decimal(0)
    return Proposal(account=account, rest=rest, amount=amount)


def asks(context: Context, verb: str) -> bool:
    """The verb opens a refund."""
    work = context.policy.work(verb)
    return work is not None and "refund" in work.asks


def args_of(context: Context, row: Mapping[str, Any], args: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments with the account they are decided on; without an amount, the proposed one."""
    found = proposed(context, row)
    if found is None:
        raise Invalid("refund.needs_order")
    money = {"amount": found.written(), "currency_code": found.account.currency_code}
    return {**money, **args, **known(found.account)}
