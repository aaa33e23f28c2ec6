"""Accounts over a winter: looked at each month, forgotten, unused, given posts that clash."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.dbt_project.facts import DAY, START, Fact

# The month the other facts begin in, as the business counts: it begins at midnight in Shanghai.
MONTH = datetime(START.year, START.month, 1) - timedelta(hours=8)
BEFORE = MONTH - DAY * 120


def told(account: str, verb: str, when: datetime, **given: Any) -> Fact:
    values = {
        "access_event_id": f"{account}-{verb}-{when:%y%m%d%H%M}", "verb": verb,
        "happened_at": when, "account_id": account, "source": "ledger",
    }  # fmt: skip
    return "access_events", {**values, **given}


def confirmed(account: str, when: datetime, **given: Any) -> Fact:
    values = {
        "decision_id": f"confirm-{account}-{when:%y%m%d%H%M}", "verb": "confirm_access",
        "decided_at": when, "entity_type": "account", "entity_id": account, "queue_code": "Q37",
        "actor_id": "u-boss", "source": "ledger",
    }  # fmt: skip
    return "decisions", {**values, **given}


def accounts() -> list[Fact]:
    undone = confirmed("u-undone", MONTH + DAY * 2)
    taken_back = confirmed(
        "u-undone", MONTH + DAY * 2.1, verb="undo", undoes_decision_id=undone[1]["decision_id"]
    )
    return [
        # In use, and looked at in the month.
        told("u-fine", "user_create", BEFORE, roles="cs", account_state="active"),
        *(told("u-fine", "sign_in_ok", MONTH - DAY * day) for day in (100, 60, 30)),
        told("u-fine", "sign_in_ok", MONTH + DAY),
        confirmed("u-fine", MONTH + DAY * 3),
        # The confirmation was taken back: nobody has looked.
        told("u-undone", "user_create", MONTH - DAY * 20, roles="cs", account_state="active"),
        undone, taken_back,
        # Gone before the month: no look is due; and nobody misses its sign-ins.
        told("u-gone", "user_create", BEFORE, roles="cs", account_state="active"),
        told("u-gone", "user_disable", BEFORE + DAY * 9, roles="cs", account_state="disabled"),
        # Not used for a hundred and twenty days.
        told("u-idle", "user_create", BEFORE, roles="analyst", account_state="active"),
        confirmed("u-idle", MONTH + DAY * 4),
        # Two posts that clash, for a day; then one again.
        told("u-two", "user_create", MONTH + DAY, roles="data_entry", account_state="active"),
        told("u-two", "user_roles", MONTH + DAY * 2, roles="data_entry|order_processor",
             account_state="active", role_conflict="data_entry+order_processor"),
        told("u-two", "user_roles", MONTH + DAY * 3, roles="data_entry", account_state="active"),
    ]  # fmt: skip
