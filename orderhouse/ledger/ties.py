"""What ties people and cases together: who was named in a comment, and which cases belong together.

Both are made inside the transaction of their action. A mention is for its reader alone: that it was
read is no decision and is not in the chain. A link is; it goes when its action is taken back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from orderhouse.access import Policy
from orderhouse.ledger.cases import ObjectRef
from orderhouse.ledger.effects import Work
from orderhouse.ledger.engine import Ledger
from orderhouse.ledger.errors import Denied, Invalid
from orderhouse.ledger.tables import AUDIT_LOG, CASE_LINKS, COMMENTS, MENTIONS, USERS

LINK = "link_case"
MOST_MENTIONED = 20
# A name in a text: not in the middle of a word, such as an address of mail.
_NAMED = re.compile(r"(?<![A-Za-z0-9_@.])@([A-Za-z0-9_.-]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """Somebody named somebody in a comment on a case. `comment` None: it was erased."""

    action_id: str
    user_id: str
    item_id: str
    queue_code: str | None
    entity_id: str | None
    order_id: str | None
    by: str
    at: datetime
    comment: str | None
    read_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLink:
    """Two cases that belong together, as one of them sees it.

    Attributes:
        is_ours: it was made from this case, so that of `follows` this case is the later one.
    """

    action_id: str
    item_id: str
    other_item_id: str
    reason_code: str
    by: str
    at: datetime
    is_ours: bool


def may_see(policy: Policy, ref: ObjectRef, roles: Iterable[str], shops: Any) -> bool:
    """Somebody of these posts and shops works the queue of the case."""
    if policy.role_for(tuple(roles), "comment", ref.queue_code) is None:
        return False
    return shops is None or ref.shop_id in shops


def with_mentions(work: Work) -> Work:
    """The comment with everybody it names: picked from the list, or written as @name."""
    request = work.request
    picked = request.args.get("mentions") or ()
    if not isinstance(picked, (list, tuple)) or len(picked) > MOST_MENTIONED:
        raise Invalid("mention.too_many", n=MOST_MENTIONED)
    written = {name.lower().rstrip(".") for name in _NAMED.findall(request.comment or "")}
    if not picked and not written:
        return work
    people = work.connection.execute(
        select(USERS).where(
            or_(USERS.c.user_id.in_(list(picked)), func.lower(USERS.c.login).in_(sorted(written)))
        )
    ).mappings()
    named = []
    for person in people:
        roles, shops = json.loads(person["roles"]), json.loads(person["shops"] or "null")
        able = person["is_active"] and work.policy.is_person(roles)
        if not able or not may_see(work.policy, request.ref, roles, shops):
            raise Denied("mention.may_not_see", who=person["display_name"])
        named.append(person["user_id"])
    if set(picked) - set(named):
        raise Invalid("ledger.no_such_user")
    if len(named) > MOST_MENTIONED:
        raise Invalid("mention.too_many", n=MOST_MENTIONED)
    if not named:
        return work
    return replace(work, request=replace(request, args={**request.args, "mentions": sorted(named)}))


def keep_mentions(work: Work, action_id: str) -> None:
    """Tell those who are named. Who names themselves knows it already."""
    request = work.request
    rows = [
        {"action_id": action_id, "user_id": user, "item_id": request.ref.item_id,
         "mentioned_at": request.now}
        for user in request.args.get("mentions") or ()
        if user != work.actor.user_id
    ]  # fmt: skip
    if rows:
        work.connection.execute(insert(MENTIONS), rows)


def _check_link(work: Work) -> None:
    """Two cases, both of queues the actor works, that are not tied yet."""
    request = work.request
    other, queue = request.args.get("other_item_id"), request.args.get("other_queue_code")
    if not isinstance(other, str) or not other:
        raise Invalid("link.needs_case")
    if other == request.ref.item_id:
        raise Invalid("link.itself")
    if work.policy.role_for(work.actor.roles, LINK, queue) is None:
        raise Denied("ledger.not_allowed", verb=LINK, queue=queue)
    if any(link.other_item_id == other for link in _links(work.connection, request.ref.item_id)):
        raise Invalid("link.already")


def keep_link(work: Work, action_id: str) -> None:
    """Tie two cases, if that is what is being done."""
    request = work.request
    if request.verb != LINK:
        return
    _check_link(work)
    row = {
        "action_id": action_id,
        "item_id": request.ref.item_id,
        "other_item_id": request.args["other_item_id"],
        "reason_code": request.reason_code,
        "linked_by": work.actor.user_id,
        "linked_at": request.now,
    }
    work.connection.execute(insert(CASE_LINKS), row)


def undo_link(connection: Connection, action_id: str) -> None:
    connection.execute(delete(CASE_LINKS).where(CASE_LINKS.c.action_id == action_id))


def _links(connection: Connection, item_id: str) -> list[CaseLink]:
    mine = or_(CASE_LINKS.c.item_id == item_id, CASE_LINKS.c.other_item_id == item_id)
    query = select(CASE_LINKS).where(mine).order_by(CASE_LINKS.c.linked_at, CASE_LINKS.c.action_id)
    found = []
    for row in connection.execute(query).mappings():
        is_ours = row["item_id"] == item_id
        found.append(
            CaseLink(
                action_id=row["action_id"],
                item_id=item_id,
                other_item_id=row["other_item_id"] if is_ours else row["item_id"],
                reason_code=row["reason_code"],
                by=row["linked_by"],
                at=row["linked_at"],
                is_ours=is_ours,
            )
        )
    return found


def links_of(ledger: Ledger, item_id: str) -> list[CaseLink]:
    """The cases tied to one, whichever side it was done from; oldest first."""
    with ledger.reading() as connection:
        return _links(connection, item_id)


def _mentions() -> Any:
    log = AUDIT_LOG.c
    return (
        select(MENTIONS, log.queue_code, log.entity_id, log.order_id, log.actor_id, COMMENTS.c.body)
        .join(AUDIT_LOG, log.action_id == MENTIONS.c.action_id)
        .join(COMMENTS, COMMENTS.c.action_id == MENTIONS.c.action_id, isouter=True)
    )


def _mention(row: Any) -> Mention:
    return Mention(
        action_id=row["action_id"], user_id=row["user_id"], item_id=row["item_id"],
        queue_code=row["queue_code"], entity_id=row["entity_id"], order_id=row["order_id"],
        by=row["actor_id"], at=row["mentioned_at"], comment=row["body"], read_at=row["read_at"],
    )  # fmt: skip


def mentions_of(ledger: Ledger, user_id: str, *, limit: int = 20) -> list[Mention]:
    """Where somebody was named: what they have not read first, then the newest."""
    query = (
        _mentions()
        .where(MENTIONS.c.user_id == user_id)
        .order_by(MENTIONS.c.read_at.is_not(None), MENTIONS.c.mentioned_at.desc())
        .limit(limit)
    )
    with ledger.reading() as connection:
        return [_mention(row) for row in connection.execute(query).mappings()]


def fresh_mentions(ledger: Ledger, now: datetime, span: timedelta) -> list[Mention]:
    """What was said to anybody lately and they have not read; oldest first."""
    query = (
        _mentions()
        .where(MENTIONS.c.read_at.is_(None), MENTIONS.c.mentioned_at > now - span)
        .order_by(MENTIONS.c.mentioned_at, MENTIONS.c.action_id, MENTIONS.c.user_id)
    )
    with ledger.reading() as connection:
        return [_mention(row) for row in connection.execute(query).mappings()]


def read_mentions(ledger: Ledger, user_id: str, item_id: str, now: datetime) -> int:
    """Somebody has opened a case: what was said to them there is read. How much it was."""
    mine = (
        (MENTIONS.c.user_id == user_id)
        & (MENTIONS.c.item_id == item_id)
        & MENTIONS.c.read_at.is_(None)
    )
    with ledger.reading() as connection:
        if connection.execute(select(MENTIONS.c.action_id).where(mine).limit(1)).first() is None:
            return 0
    with ledger.writing() as connection:
        return connection.execute(update(MENTIONS).where(mine).values(read_at=now)).rowcount
