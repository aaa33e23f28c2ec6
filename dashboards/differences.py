"""Differences of a reconciliation as cases: what the snapshot says, with the ledger laid over it.

A difference somebody decided about since the build shows as decided at once; the next build folds
the decision in. Here are no widgets and no queries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from orderhouse.ledger import CaseState

QUEUE, ENTITY = "Q33", "recon_break"
STATES = (
    "OPEN", "SUSPENSE", "EXPLAINED", "MATCHED_MANUAL", "ADJUSTED", "CLAIMED", "WRITTEN_OFF",
)  # fmt: skip
DECIDED_AS = {
    "match_manually": "MATCHED_MANUAL",
    "explain_break": "EXPLAINED",
    "adjust_break": "ADJUSTED",
    "claim_break": "CLAIMED",
    "write_off": "WRITTEN_OFF",
}
UNDECIDED = ("OPEN", "SUSPENSE")
DECISIONS = ("explain_break", "adjust_break", "claim_break", "write_off")


def case_of(row: Mapping[str, Any], state: CaseState, holder: str | None) -> dict[str, Any]:
    """A row of differences as a case that can be decided about, in the state it has by now."""
    left, right = row.get("left_amount"), row.get("right_amount")
    return {
        **row,
        "queue_code": QUEUE,
        "entity_type": ENTITY,
        "entity_id": row["break_id"],
        "at_risk_amount": None if left is None or right is None else abs(left - right),
        "status": state.status,
        "version": state.version,
        "holder": holder,
        "state_code": state_now(row.get("state_code"), state),
    }


def state_now(built: str | None, state: CaseState) -> str | None:
    """What the ledger says since the build, else what the build says."""
    if state.is_decided:
        return DECIDED_AS.get(str(state.resolution), built)
    was_taken_up = state.version > 0 and built not in UNDECIDED and built is not None
    return "OPEN" if was_taken_up and state.status == "open" else built


def steps(case: Mapping[str, Any]) -> tuple[str, ...]:
    """What may be done to a difference in its state."""
    if case["status"] == "proposed":
        return ("approve", "refuse")
    return DECISIONS if case["state_code"] in UNDECIDED else ("reopen_break",)


def is_waiting(cases: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a suggestion still waits: each of its differences is open by now."""
    return all(case["state_code"] in UNDECIDED and case["status"] == "open" for case in cases)


def as_match(cases: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The first case of a suggestion, with all the others to decide about together."""
    first, others = cases[0], cases[1:]
    members = [
        {
            "item_id": case["item_id"],
            "break_id": case["break_id"],
            "recon_code": case["recon_code"],
            "match_key": case["match_key"],
            "order_id": case.get("order_id"),
            "shop_id": case.get("shop_id"),
            "version": case["version"],
            "left_amount": _plain(case.get("left_amount")),
            "right_amount": _plain(case.get("right_amount")),
        }
        for case in others
    ]
    of = {"suggestion_id": first["suggestion_id"]}
    return {
        **first,
        "decided_with": {"match_manually": of | {"members": members}, "reject_match": of},
    }


def as_parts(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Differences of one case, as a decision about the case names them."""
    names = ("left_amount", "right_amount")
    return [{**row, **{name: _plain(row[name]) for name in names}} for row in rows]


def _plain(amount: Any) -> str:
    return str(Decimal(amount or 0))
