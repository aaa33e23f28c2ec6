"""A request to act, checked for form before the ledger's lock is taken."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from orderhouse.access import Policy
from orderhouse.ledger.cases import ObjectRef
from orderhouse.ledger.chain import body_digest
from orderhouse.ledger.compensation import check_split
from orderhouse.ledger.errors import Denied, Invalid
from orderhouse.ledger.verbs import CASE_VERBS, CODE, arguments_of

COMMENT_LIMIT = 2_000
KEY_LENGTH = range(8, 81)
# What may be told with work, between which bounds, and what is said where it is not.
TOLD = {
    "amount": (Decimal("0.01"), Decimal(10_000_000), "ledger.needs_amount"),
    "quantity": (Decimal(0), Decimal(10_000_000), "ledger.needs_level"),
    "score": (Decimal(1), Decimal(5), "ledger.needs_score"),
}
# What may be named with work, and what is said where it is not.
# What is checked as a whole, by what it is for.
WHOLES = frozenset({"bearers", "code", "refund", "transfer"})
NAMED = {
    "case_id": "ledger.needs_case",
    "hold_type": "ledger.needs_hold",
    "ticket": "ledger.needs_ticket",
}
NAME_LIMIT = 200
# A number others gave, and no sentence: arguments leave the ledger, free text does not.
TICKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9#/._-]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request. `body_hash` recognises it when it comes again under the same key."""

    verb: str
    ref: ObjectRef
    reason_code: str | None
    comment: str | None
    args: Mapping[str, Any]
    expected_version: int
    key: str | None
    now: datetime
    snapshot_id: str
    body_hash: str

    @property
    def amount(self) -> Decimal | None:
        """How much it is about: what is told with it, else what the case is about."""
        told = self.args.get("amount", self.ref.amount)
        return None if told is None else Decimal(str(told))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What comes with every request: the version seen, the key, the time, the snapshot."""

    expected_version: int
    key: str
    now: datetime
    snapshot_id: str


def build(
    policy: Policy, verb: str, ref: ObjectRef, args: Mapping[str, Any], stamp: Stamp
) -> Request:
    """A request whose arguments, reason and comment fit its verb."""
    if verb not in CASE_VERBS and policy.work(verb) is None:
        raise Denied("ledger.unknown_verb", verb=verb)
    if len(stamp.key) not in KEY_LENGTH:
        raise Invalid("ledger.bad_key")
    rest = dict(args)
    reason = rest.pop("reason_code", None) or None
    comment = (rest.pop("comment", None) or "").strip() or None
    unknown = set(rest) - arguments_of(verb, policy)
    if unknown:
        raise Invalid("ledger.bad_argument", name=", ".join(sorted(unknown)))
    if comment and len(comment) > COMMENT_LIMIT:
        raise Invalid("ledger.comment_too_long", limit=COMMENT_LIMIT)
    _check_reason(policy, verb, reason, comment)
    _check_told(policy, verb, rest)
    work = policy.work(verb)
    if work is not None and "bearers" in work.asks:
        check_split(rest, ref.currency_code)
    if work is not None and "code" in work.asks:
        _check_code(rest)
    if work is not None and not work.fits(ref.entity_type):
        raise Invalid("ledger.wrong_kind", verb=verb)
    body = {
        "verb": verb,
        "queue_code": ref.queue_code,
        "item_id": ref.item_id,
        "entity": [ref.entity_type, ref.entity_id, ref.order_id],
        "reason_code": reason,
        "comment": comment,
        "args": rest,
        "expected_version": stamp.expected_version,
    }
    return Request(
        verb=verb,
        ref=ref,
        reason_code=reason,
        comment=comment,
        args=rest,
        expected_version=stamp.expected_version,
        key=stamp.key,
        now=stamp.now,
        snapshot_id=stamp.snapshot_id,
        body_hash=body_digest(body),
    )


def _check_told(policy: Policy, verb: str, args: Mapping[str, Any]) -> None:
    """What the policy asks for with the work is there, and makes sense."""
    work = policy.work(verb)
    for name in sorted(work.asks - WHOLES if work else ()):
        if name in NAMED:
            _check_named(name, args.get(name))
            continue
        least, most, refusal = TOLD[name]
        try:
            told = Decimal(str(args.get(name)))
        except InvalidOperation as error:
            raise Invalid(refusal) from error
        if not told.is_finite() or not least <= told <= most:
            raise Invalid(refusal)


def _check_code(args: Mapping[str, Any]) -> None:
    """Whose code it is, which, and what it stands for."""
    told = [args.get(name) for name in CODE]
    if not all(isinstance(one, str) and one.strip() and len(one) <= NAME_LIMIT for one in told):
        raise Invalid("ledger.needs_code")


def _check_named(name: str, value: Any) -> None:
    if not isinstance(value, str) or not value.strip() or len(value) > NAME_LIMIT:
        raise Invalid(NAMED[name])
    if name == "ticket" and not TICKET.fullmatch(value):
        raise Invalid(NAMED[name])


def _check_reason(policy: Policy, verb: str, reason: str | None, comment: str | None) -> None:
    known = policy.reasons.get(verb)
    if known is None and reason is not None:
        raise Invalid("ledger.reason_unknown")
    if known is not None and reason not in known:
        raise Invalid("ledger.reason_needed" if reason is None else "ledger.reason_unknown")
    if reason in policy.reasons["comment_note_required"] and not comment:
        raise Invalid("ledger.note_needed")
    if verb == "comment" and not comment:
        raise Invalid("ledger.comment_empty")
