"""What goes wrong inside the house: errors of operators, matters between departments."""

from __future__ import annotations

from datetime import datetime

from tests.dbt_project.facts import DAY, START, Fact, billed, line, order, paid

HOUR = DAY / 24


def happened(incident: str, step: str, when: datetime, order_id: str | None, kind: str) -> Fact:
    return "incidents", {
        "incident_id": incident, "incident_step": step, "event_at": when, "order_id": order_id,
        "incident_kind": kind, "source": "service_desk", "channel": "service_desk",
        "shop_id": "tb",
    }  # fmt: skip


def incidents() -> list[Fact]:
    one, two, t = "tb-200", "tb-201", START + DAY * 3
    orders = [
        fact
        for order_id in (one, two)
        for fact in (order(order_id, t), line(order_id), paid(order_id, t), billed(order_id, t))
    ]
    return [
        *orders,
        happened("E1", "error_found", t + HOUR, one, "wrong_item"),
        happened("E1", "error_reported", t + HOUR * 1.5, one, "wrong_item"),
        happened("E1", "error_remedied", t + DAY, one, "wrong_item"),
        happened("E1", "reviewed", t + DAY * 2, one, "wrong_item"),
        # Reported too late, by somebody who did not write down the order.
        happened("E2", "error_found", t + HOUR, two, "missed_item"),
        happened("E2", "error_reported", t + HOUR * 4, None, "missed_item"),
        # Only that it happened is told: of one also when it was found.
        happened("E910", "error_occurred", t + HOUR * 2, two, "wrong_label"),
        happened("E911", "error_occurred", t + HOUR * 2, two, "wrong_label"),
        happened("E911", "error_found", t + HOUR * 9, two, "wrong_label"),
        happened("E911", "error_reported", t + HOUR * 9.5, two, "wrong_label"),
        # Between departments, about no order.
        happened("I1", "issue_raised", t, None, "stock_out"),
        happened("I1", "issue_plan_agreed", t + HOUR * 10, None, "stock_out"),
        happened("I1", "closed", t + DAY * 2, None, "stock_out"),
        happened("I2", "issue_raised", t + DAY, None, "outage"),
        happened("S1", "event_announced", t + DAY * 2, None, "outage"),
        happened("S1", "closed", t + DAY * 3, None, "outage"),
    ]  # fmt: skip
