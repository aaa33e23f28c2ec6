"""What was decided about refunds and what became of it, shaped like the stream `refunds`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import and_, or_, select

from orderhouse.ledger.engine import Ledger
from orderhouse.ledger.history import rows_after
from orderhouse.ledger.refund_requests import ASK, KINDS
from orderhouse.ledger.refunds import load
from orderhouse.ledger.tables import AUDIT_LOG, OUTBOX
from orderhouse.ledger.verbs import REFUND_VERBS

_STEPS = {
    "refund_approve": "approved",
    "refund_refuse": "rejected",
    "refund_withdraw": "rejected",
    "refund_stop": "rejected",
    "refund_void": "failed",
}
_WANTED = or_(
    AUDIT_LOG.c.verb.in_(sorted(REFUND_VERBS)),
    and_(
        AUDIT_LOG.c.stream == "delivery",
        AUDIT_LOG.c.verb == "delivery_answered",
        AUDIT_LOG.c.args.contains('"sent_verb":"refund_approve"', autoescape=True),
    ),
)


def refund_steps_after(ledger: Ledger, seq: int, *, overlap: int = 0) -> Iterator[dict[str, Any]]:
    """Steps of refunds numbered above `seq`, plus `seq`.

    That a system has taken one over is `sent`: whether the money arrived is for the source to say.
    It was sent when it left the house, before anybody could have acted on it.
    """
    for row in rows_after(ledger, seq - overlap, _WANTED):
        if row["stream"] == "delivery":
            yield from _sent(ledger, row)
            continue
        args = json.loads(row["args"])
        statuses = [_STEPS.get(row["verb"], "requested")]
        if row["verb"] == ASK and not args.get("waits"):
            statuses.append("approved")
        for status in statuses:
            yield _step(row["entity_id"], status, row) | {
                "order_id": row["order_id"],
                "case_id": args.get("case_id"),
                "amount": args["amount"],
                "currency_code": args["currency_code"],
                "refund_kind": KINDS.get(row["reason_code"]) if row["verb"] == ASK else None,
                "reason": row["reason_code"],
            }


def _step(number: str, status: str, row: Any) -> dict[str, Any]:
    return {
        "seq": row["seq"],
        "refund_id": number,
        "request_number": number,
        "refund_status": status,
        "refunded_at": row["at"],
    }


def _sent(ledger: Ledger, row: Any) -> Iterator[dict[str, Any]]:
    action_id = row["entity_id"].partition(".")[0]
    with ledger.reading() as connection:
        number, left_at = connection.execute(
            select(AUDIT_LOG.c.entity_id, OUTBOX.c.sent_at)
            .join(OUTBOX, OUTBOX.c.action_id == AUDIT_LOG.c.action_id)
            .where(AUDIT_LOG.c.action_id == action_id)
        ).one()
        state = load(connection, number)
    yield _step(number, "sent", row) | {
        "refunded_at": left_at,
        "order_id": state.order_id,
        "case_id": state.case_id,
        "amount": f"{state.amount:f}",
        "currency_code": state.currency_code,
        "refund_kind": state.refund_kind,
        "reason": state.reason_code,
        "provider_refund_id": json.loads(row["args"]).get("reference")
        if row["reason_code"] == "refunded"
        else None,
    }
