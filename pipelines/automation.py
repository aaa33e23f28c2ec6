"""The rule that acts by itself: RV01 holds orders that stock does not reach, and lets them go.

What stock was free when an order came in depends on what review made of the orders before it: a
fold that asked would go in circles. So the rule reads a published snapshot and states what it saw,
in the ledger and under an account of its own; the next build folds that in like any decision.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from orderhouse.ledger import (
    Ledger,
    LedgerError,
    NewUser,
    ObjectRef,
    Session,
    act,
    case_states,
    create_user,
    last_verbs,
    list_users,
    open_ledger,
    session_for,
    start_session,
)
from orderhouse.settings import Settings
from pipelines.publish import current_build, read_manifest

RULE, ROBOT = "RV01", "automation"
SHORT, REACHED = "stock_short", "stock_reached"
log = logging.getLogger("orderhouse.progress")

_ACTIVE = """
    select count(*) from policies.review_rules
    where rule_code = ? and effect = 'hold' and valid_from <= ? and valid_to > ?
"""
# What has been released to the warehouse is being picked: holding it is for people to decide.
_WAITING = """
    select lines.order_id, max(items.item_id) as item_id, max(items.shop_id) as shop_id,
        bool_and(lines.is_served) as is_served, bool_or(lines.is_held) as is_held,
        max(lines.shortfall_quantity) as shortfall_quantity
    from marts.fct_stock_demand as lines
    inner join marts.fct_orders as orders using (order_id)
    inner join marts.queue_items as items
        on items.queue_code = 'Q11' and items.order_id = lines.order_id
    where orders.fulfilment_status in ('NONE', 'RESERVED', 'BACKORDER')
        and orders.review_status in ('AUTO_PASSED', 'PASSED', 'HELD')
    group by lines.order_id
    order by lines.order_id
"""


@dataclass(frozen=True, slots=True)
class Robot:
    """Who acts, when, and by which snapshot."""

    ledger: Ledger
    session: Session
    now: datetime
    build_id: str


def hold_short_orders(settings: Settings) -> int:
    """Says of each order that stock does not reach, or reaches again, that it does so; how many.

    A hold that a person released stays released until stock has reached the order in between. What
    was served as of another moment is no ground to act on.
    """
    build_id = current_build(settings)
    if build_id is None or read_manifest(settings, build_id).get("as_of"):
        return 0
    now = settings.clock()
    waiting = _waiting(settings, build_id, now)
    if not waiting:
        return 0
    ledger = open_ledger(settings.ledger_address)
    try:
        said = last_verbs(ledger, [row["order_id"] for row in waiting], (SHORT, REACHED))
        due = [(row, verb) for row in waiting if (verb := _verb(row, said.get(row["order_id"])))]
        if not due:
            return 0
        robot = Robot(ledger, signed_in(ledger, now), now, build_id)
        states = case_states(ledger, [row["item_id"] for row, _ in due])
        done = sum(_say(robot, row, verb, states[row["item_id"]].version) for row, verb in due)
    finally:
        ledger.close()
    if done:
        log.info("%s: %d orders held or let go; the next build shows it", RULE, done)
    return done


def _verb(row: Mapping[str, Any], last: str | None) -> str | None:
    if not row["is_served"] and not row["is_held"] and last != SHORT:
        return SHORT
    return REACHED if row["is_served"] and last == SHORT else None


def _waiting(settings: Settings, build_id: str, now: datetime) -> list[dict[str, Any]]:
    path = settings.serving_dir / f"serving-{build_id}.duckdb"
    with duckdb.connect(str(path), read_only=True) as con:
        [active] = con.execute(_ACTIVE, [RULE, now, now]).fetchall()[0]
        if not active:
            return []
        rows = con.execute(_WAITING)
        names = [column[0] for column in rows.description or ()]
        return [dict(zip(names, row, strict=True)) for row in rows.fetchall()]


def signed_in(ledger: Ledger, now: datetime) -> Session:
    """The account that acts; nobody knows its password, so nobody signs in as it."""
    if ROBOT not in {user.login for user in list_users(ledger)}:
        robot = NewUser(
            login=ROBOT, display_name="RV01", roles=(ROBOT,), password=secrets.token_urlsafe(48)
        )
        create_user(ledger, robot, now=now)
    session = session_for(ledger, start_session(ledger, ROBOT, now=now), now)
    if session is None:
        raise RuntimeError("The account `automation` is disabled; RV01 cannot act.")
    return session


def _say(robot: Robot, row: Mapping[str, Any], verb: str, version: int) -> bool:
    item = ObjectRef(
        queue_code="Q11", item_id=row["item_id"], entity_type="order", entity_id=row["order_id"],
        order_id=row["order_id"], shop_id=row["shop_id"],
    )  # fmt: skip
    told = f"{RULE}|{verb}|{row['order_id']}|{version}"
    args = {"quantity": f"{row['shortfall_quantity']:f}"} if verb == SHORT else {}
    try:
        act(
            robot.ledger, robot.session, verb=verb, object=item, args=args,
            expected_version=version, now=robot.now, snapshot_id=robot.build_id,
            idempotency_key=hashlib.sha256(told.encode()).hexdigest()[:40],
        )  # fmt: skip
    except LedgerError as error:
        # Somebody is deciding about the case just now; the next build asks again.
        log.info("%s: %s is left for now (%s)", RULE, row["order_id"], error.code)
        return False
    return True
