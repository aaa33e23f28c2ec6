"""Queue items for the made-up business: one kind of finding per fate, in the marts' own shape."""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.support.people import NOW

Fact = tuple[str, Any, str | None, Any]
REVIEWS: tuple[tuple[str, list[Fact]], ...] = (
    ("RV11", [("payable_amount", "6230.00", ">", 5000)]),
    ("RV02", [("address_shown_length", 3, "<", 5)]),
    ("RV07", [("cancelled_of_last_10_count", 4, ">=", 3)]),
    ("RV10", [("largest_line_quantity", 60, ">", 20), ]),
)  # fmt: skip


def why(rule: str, facts: list[Fact], leaves: str, clock: tuple[datetime, datetime] | None) -> str:
    """The JSON a queue item carries; every value is text, as the marts write it."""
    said = [
        {"name": n, "value": _text(v), "op": op, "threshold": _text(t)} for n, v, op, t in facts
    ]
    times = {"started_at": str(clock[0]), "due_at": str(clock[1])} if clock else None
    body = {
        "rule": rule, "version": 1, "facts": said, "evidence": [], "clock": times,
        "leaves_when": leaves,
    }  # fmt: skip
    return json.dumps(body, ensure_ascii=False)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def add_cases(world: Any, rng: random.Random, o: Any, times: dict[str, datetime]) -> None:
    """The open cases of one order."""
    paid = times.get("PAYMENT_CAPTURED", o.placed)
    finder = _FINDERS.get(o.fate)
    if finder is not None:
        finder(world, rng, o, times, paid)
    if o.number % 31 == 4 and o.fate == "done":
        due, got = o.goods + 8, o.goods
        facts: list[Fact] = [
            ("payable_amount", due, "=", got), ("captured_amount", got, "=", due),
            ("capture_count", 1, "<=", 1),
        ]  # fmt: skip
        item(world, o, "Q06", paid, None, why("RC1", facts, "AMOUNTS_EQUAL", None))
    if o.number % 37 == 5 and "ORDER_CONFIRMED" in times:
        facts = [
            ("deviation_code", "CONFIRMED_BEFORE_REVIEW", None, None),
            ("event_type", "ORDER_CONFIRMED", None, None), ("repeat_count", 1, "<=", 1),
        ]  # fmt: skip
        said = why("Q32", facts, "JUSTIFIED", None)
        item(world, o, "Q32", times["ORDER_CONFIRMED"], None, said, "deviation")
    if o.number % 41 == 9:
        names = ("lines", "sku", "quantity", "price", "name", "address", "payment_method")
        facts = [(f"missing_{n}", int(n in {"address", "sku"}), "=", 0) for n in names]
        item(world, o, "Q02", o.placed, None, why("Q02", facts, "FIELDS_VALID", None))


def _review(world: Any, rng: random.Random, o: Any, _times: Any, paid: datetime) -> None:
    due = paid + timedelta(hours=rng.choice((2, 30, 200)))
    rule, facts = rng.choice(REVIEWS)
    named = [(f"{rule}.{name}", value, op, limit) for name, value, op, limit in facts]
    item(world, o, "Q07", paid, due, why("S04", named, "DECIDED", (paid, due)))
    hit = json.loads(why(rule, facts, "", None))["facts"]
    world.add(
        "fct_review_hits", order_id=o.order_id, rule_code=rule, rule_version=1, effect="manual",
        hit_at=paid, facts=json.dumps(hit),
    )  # fmt: skip


def _unpaid(world: Any, _rng: Any, o: Any, _times: Any, _paid: datetime) -> None:
    due = o.placed + timedelta(hours=24)
    facts: list[Fact] = [("unpaid_minutes", 1440, ">=", 1440)]
    item(world, o, "Q04", due, due, why("S01", facts, "PAID_OR_CANCELLED", (o.placed, due)))


def _to_ship(world: Any, _rng: Any, o: Any, _times: Any, paid: datetime) -> None:
    due, at = paid + timedelta(hours=48), paid + timedelta(hours=38)
    facts: list[Fact] = [
        ("budget_minutes", 2880, "<=", 2880), ("urge_count", o.number % 2, "=", 0),
    ]  # fmt: skip
    item(world, o, "Q17", at, due, why("S07", facts, "SHIPPED", (paid, due)))
    world.add(
        "fct_sla_clocks", clock_id=f"S07-{o.order_id}", sla_code="S07", entity_type="order",
        entity_id=o.order_id, order_id=o.order_id, episode_number=1, channel=o.channel,
        shop_id=o.shop, started_at=paid, warn_at=at, due_at=due, paused_minutes=0,
        budget_minutes=2880,
    )  # fmt: skip
    if o.number % 3 == 0:
        facts = [("shortfall_quantity", 2, "=", 0), ("unserved_lines", 1, "=", 0)]
        item(world, o, "Q11", paid, None, why("STOCK9", facts, "ABOVE_CUT_LINE", None))


def _transit(world: Any, _rng: Any, o: Any, times: dict[str, datetime], _paid: datetime) -> None:
    scan = times["TRACK_SCAN"]
    due = scan + timedelta(hours=24)
    if o.number % 2:
        facts: list[Fact] = [("norm_state", "STUCK", "=", "IN_TRANSIT")]
        item(world, o, "Q23", scan, due, why("S16", facts, "MOVED_ON", (scan, due)), "shipment")
    elif due <= NOW:
        facts = [("silence_minutes", 1440, "<", 1440)]
        item(world, o, "Q24", due, due, why("S15", facts, "NEXT_SCAN", (scan, due)), "shipment")


def _done(world: Any, _rng: Any, o: Any, times: dict[str, datetime], _paid: datetime) -> None:
    if o.number % 29 == 1:
        at = times["DELIVERED"]
        due = at + timedelta(hours=48)
        facts: list[Fact] = [("open_reports", 1, "=", 0)]
        item(world, o, "Q25", at, due, why("S17", facts, "RESOLVED", (at, due)))


_FINDERS = {
    "review": _review, "unpaid": _unpaid, "to_ship": _to_ship, "transit": _transit, "done": _done,
}  # fmt: skip
_ENTITY_IDS = {
    "order": "{o.order_id}", "shipment": "{o.order_id}-SF{o.number}",
    "deviation": "CONFIRMED_BEFORE_REVIEW@{o.order_id}",
}  # fmt: skip
SEVERITY = {"Q32": 3, "Q01": 1, "Q06": 1, "Q11": 1, "Q25": 1, "Q36": 1, "Q04": 3}


def item(
    world: Any, o: Any, code: str, opened: datetime, due: datetime | None, said: str,
    entity: str = "order",
) -> None:  # fmt: skip
    """One open case of an order."""
    if opened > NOW:
        return
    world.add(
        "queue_items", item_id=f"{code}{o.number:028x}", queue_code=code, entity_type=entity,
        entity_id=_ENTITY_IDS[entity].format(o=o),
        episode_number=1, order_id=o.order_id, channel=o.channel, shop_id=o.shop, opened_at=opened,
        due_at=due, severity=SEVERITY.get(code, 2), at_risk_amount=o.goods + Decimal(8),
        currency_code=o.currency, why=said,
    )  # fmt: skip


# What becomes of a case by each verb that happens here.
_EFFECTS = {
    "claim": "hold", "resolve": "settle", "dismiss": "settle", "snooze": "put_off",
    "contact_customer": "note", "contact_carrier": "note", "undo": "take_back",
}  # fmt: skip


def add_decisions(world: Any) -> None:
    """Some cases claimed, put off, settled or dismissed; one answer is taken back."""
    outcomes = (
        ("resolve", "verified_correct"),
        ("dismiss", "false_alarm"),
        ("snooze", "not_urgent"),
        ("contact_customer", None),
    )
    for number, case in enumerate(world.tables["queue_items"][:24]):
        begun, (verb, reason) = NOW - timedelta(hours=30 - number), outcomes[number % 4]
        steps = [("claim", None, 0), (verb, reason, 7 + number)]
        if number % 4 == 0:  # handed on: claimed again by who settles it
            steps.insert(1, ("claim", None, 3))
        if number % 8 == 3:  # spoken to twice, and settled after that
            steps += [("contact_carrier", None, 34), ("dismiss", "false_alarm", 41)]
        if number == 4:
            steps.append(("undo", None, 20))
        elif steps[-1][0] in ("resolve", "dismiss"):
            at = begun + timedelta(minutes=steps[-1][2])
            case |= {"settled_at": at, "left_at": at}
        for place, (step, why_code, minute) in enumerate(steps):
            is_last = place == len(steps) - 1
            world.add(
                "fct_decisions", decision_id=f"d{number}-{place}", verb=step,
                effect_code=_EFFECTS[step],
                decided_at=begun + timedelta(minutes=minute), queue_code=case["queue_code"],
                item_id=case["item_id"], entity_type=case["entity_type"],
                entity_id=case["entity_id"], order_id=case.get("order_id"),
                actor_id="li.lei" if number % 4 or place else "han.mei", actor_role="ops_lead",
                reason_code=why_code,
                undoes_decision_id=f"d{number}-{place - 1}" if is_last and step == "undo" else None,
            )  # fmt: skip
