"""Writing what an action did: chain row, case state and outbox row in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, insert, select, update

from orderhouse.access import Policy
from orderhouse.ledger import cases
from orderhouse.ledger.cases import CaseState
from orderhouse.ledger.chain import append, canonical, new_action_id
from orderhouse.ledger.errors import Conflict, Invalid
from orderhouse.ledger.requests import Request
from orderhouse.ledger.sessions import Session
from orderhouse.ledger.tables import AUDIT_LOG, OUTBOX

# What a receiver needs besides what every message says. Who decided and free text stay here.
SENT_ARGUMENTS = (
    "hold_type", "quantity", "kind", "sku", "warehouse_id", "to_warehouse_id", "lot",
    "amount", "currency_code", "case_id", "supplier_amount", "ecom_amount", "platform_amount",
    "supplier_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ActResult:
    """What an acknowledged action did. `replayed`: it had been done before under the same key."""

    action_id: str
    version: int
    state: str
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """One action in progress: the open transaction, who acts as what, and what was asked."""

    connection: Connection
    actor: Session
    policy: Policy
    request: Request
    role: str


def record(
    work: Work,
    before: CaseState,
    after: CaseState,
    undoes: str | None = None,
    *,
    is_told: bool = True,
) -> ActResult:
    """Append the row, save the state, queue the message if others are to be told."""
    request, action_id = work.request, new_action_id()
    entry = entry_of(work, action_id) | {
        "before": cases.as_dict(before),
        "after": cases.as_dict(after),
        "undoes_action_id": undoes,
    }
    seq = append(work.connection, entry, comment=request.comment)
    if request.verb != "comment":
        saved = replace(after, last_action_id=action_id, updated_at=request.now)
        cases.save(work.connection, request.ref, saved, seq)
    if is_told:
        send(work, action_id)
    return ActResult(action_id=action_id, version=after.version, state=after.status)


def send(work: Work, action_id: str) -> None:
    """Queue the message of an action that concerns another system."""
    if work.request.verb in work.policy.outbox:
        work.connection.execute(insert(OUTBOX), _message(action_id, work.request))


def recall(connection: Connection, action_id: str | None) -> None:
    """Take a message out of the outbox; refuse when it has left."""
    message = OUTBOX.c.action_id == action_id
    waiting = connection.execute(
        update(OUTBOX).where(message, OUTBOX.c.state == "pending").values(state="cancelled")
    ).rowcount
    if not waiting and connection.execute(select(OUTBOX.c.state).where(message)).scalar():
        raise Invalid("ledger.already_sent")


def entry_of(work: Work, action_id: str) -> dict[str, Any]:
    """The chain row of an action, without what was before and after it."""
    request, actor, ref = work.request, work.actor, work.request.ref
    return {
        "action_id": action_id,
        "stream": "action",
        "at": request.now,
        "verb": request.verb,
        "actor_id": actor.user_id,
        "actor_role": work.role,
        "session_id": actor.session_id,
        "ip": actor.ip,
        "queue_code": ref.queue_code,
        "item_id": ref.item_id,
        "entity_type": ref.entity_type,
        "entity_id": ref.entity_id,
        "order_id": ref.order_id,
        "reason_code": request.reason_code,
        "args": dict(request.args),
        "snapshot_id": request.snapshot_id,
        "idempotency_key": request.key,
        "body_hash": request.body_hash,
    }


def _message(action_id: str, request: Request) -> dict[str, Any]:
    ref = request.ref
    payload = {
        "decision_id": action_id,
        "verb": request.verb,
        "order_id": ref.order_id,
        "entity_type": ref.entity_type,
        "entity_id": ref.entity_id,
        "shop_id": ref.shop_id,
        "reason_code": request.reason_code,
        "decided_at": cases.to_json(request.now),
    }
    payload |= {name: request.args[name] for name in SENT_ARGUMENTS if name in request.args}
    if "amount" in request.args:
        payload["amount"] = str(request.args["amount"])
        payload.setdefault("currency_code", ref.currency_code)
    return {
        "action_id": action_id,
        "created_at": request.now,
        "verb": request.verb,
        "order_id": ref.order_id,
        "payload": canonical(payload),
        "state": "pending",
        "attempts": 0,
    }


def changed_meanwhile(connection: Connection, last_action_id: str | None) -> Conflict:
    """Somebody was faster: who, and when."""
    last = connection.execute(
        select(AUDIT_LOG.c.actor_id, AUDIT_LOG.c.at).where(AUDIT_LOG.c.action_id == last_action_id)
    ).first()
    return Conflict(
        "ledger.changed_meanwhile", by=last.actor_id if last else None, at=last.at if last else None
    )
