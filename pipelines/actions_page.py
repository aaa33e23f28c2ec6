"""What every verb about a case really does, as a page: made from the policy and the seeds.

A verb changes the case; it may be an event the fold counts, which stops or pauses clocks; it may be
records of a stream; and others may be told of it. What is none of the last three is a note.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass

from orderhouse.access import Policy
from orderhouse.ledger.compensation import AGREEING
from orderhouse.settings import PROJECT_ROOT
from orderhouse.terms import terms_for

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
_ROLES = {
    "stop": "stops", "stop_once": "stops", "need": "stops", "cancel": "ends", "cancel_once": "ends",
    "pause": "pauses", "pause_while": "pauses", "resume": "resumes", "resume_while": "resumes",
    "start": "starts", "start_once": "starts", "extend": "gives longer",
}  # fmt: skip
_EFFECTS = {
    "hold": "held", "free": "free again", "put_off": "put off", "note": "stays",
    "wait": "waits", "settle": "settled", "reopen": "open again", "take_back": "as it was before",
}  # fmt: skip
# What the fold is told of some verbs by models or records of their own, not by `decision_events`.
_BY_MODEL = {
    **dict.fromkeys(AGREEING, "step `compensation_agreed` of the case, with who bears it"),
    **dict.fromkeys(("review_pass", "finance_pass", "allow_once"), "`REVIEW_PASSED`"),
    "review_reject": "`REVIEW_REJECTED`", "finance_return": "back to manual review",
    "review_hold": "`HOLD_APPLIED`", "release_hold": "`HOLD_RELEASED`",
    "merge_orders": "`ORDER_MERGED`",
    **dict.fromkeys(("blacklist_add", "whitelist_add"), "an entry of the lists RV06 and RV22 read"),
    **dict.fromkeys(
        ("match_manually", "explain_break", "adjust_break", "claim_break", "write_off",
         "reopen_break", "reject_match"),
        "the life of the difference",
    ),
    **dict.fromkeys(
        ("refund", "refund_difference"),
        "a refund of the order is asked for; paid, it settles the case; refused, the case is back",
    ),
    "transfer_goods": "a transfer is asked for, to which another agrees; refused, the case is back",
    "stop_refund": "refunds of the house that have not left are stopped",
    "import_manually": "the order is entered and handed in; arrived, it ends the case",
    "open_ticket": "its number is shown with the case, which is back when it is not solved in time",
    "ignore_test": "a test order: never missing again, and accounted for in RC15",
    "recover_money": "settled when that much has come in",
    "release_quarantine": "rows held back are read again",
    "map_sku": "the code is that article for the shop from then on; all is folded anew",
    "map_code": "the code has that meaning from then on; all is folded anew",
    "accept_columns": "the columns of the layout are accepted",
    "match_case": "the receipt belongs to the case",
    "switch_supplier": "`SUPPLIER_SWITCHED`", "approve_exception": "the supply counts as agreed",
    "justify": "the deviation is justified", "confirm_access": "`ACCESS_REVIEWED`",
    "approve_count": "`COUNT_APPROVED`", "reject_count": "`COUNT_REJECTED`",
    "handle_alert": "`STOCK_ALERT_HANDLED`",
    **dict.fromkeys(("replenish", "delist"), "`STOCK_ALERT_HANDLED`"),
    "change_threshold": "`STOCK_ALERT_HANDLED`; the level of the place from then on",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One verb of one queue, and all it does."""

    verb: str
    names: str
    who: str
    case: str
    counts: str
    clocks: str
    told: bool

    @property
    def is_note(self) -> bool:
        return not (self.counts or self.told)


def _seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def acts_of(policy: Policy, queue: str) -> list[Act]:
    """Every verb a queue's row promises, in its order."""
    row = next(row for row in _seed("queues") if row["queue_code"] == queue)
    effects = {one["verb"]: one["effect_code"] for one in _seed("decision_effects")}
    return [
        _act(policy, queue, verb, effects) for verb in row["actions"].split("|") if verb in effects
    ]


def _act(policy: Policy, queue: str, verb: str, effects: dict[str, str]) -> Act:
    known = policy.verbs[verb]
    events = [
        row["event_type"]
        for row in _seed("decision_events")
        if row["verb"] == verb and row["queue_code"] in (queue, "*")
    ]
    said = [f"`{event}`" for event in events]
    said += [_BY_MODEL[verb]] if verb in _BY_MODEL else []
    case = _EFFECTS[effects[verb]]
    if known.minutes:
        case += f" {known.minutes // 60} h" if known.minutes >= 60 else f" {known.minutes} min"
    return Act(
        verb=verb,
        names=f"{terms_for('zh').code('verb', verb)} · {terms_for('en').code('verb', verb)}",
        who=", ".join(sorted(r for r in policy.roles if policy.allows(r, verb, queue))),
        case=case,
        counts="; ".join(said),
        clocks=_clocks(events),
        told=verb in policy.outbox,
    )


def _clocks(events: Iterable[str]) -> str:
    wanted, found = set(events), {}
    for row in _seed("sla_events"):
        if row["event_type"] in wanted and row["role"] in _ROLES:
            found.setdefault(_ROLES[row["role"]], set()).add(row["sla_code"])
    return "; ".join(f"{what} {', '.join(sorted(codes))}" for what, codes in sorted(found.items()))


def as_markdown(policy: Policy) -> str:
    """The page, queue by queue."""
    lines = [
        "# What each action does",
        "",
        "Made by `orderhouse actions --write docs/actions.md` from `policy.yml`, `queues`, "
        "`decision_effects`, `decision_events` and",
        "`sla_events`; a test says when it is old. *Case*: what becomes of it at once. "
        "*Counts as*: what the next build folds in, and the app",
        "shows at once. *Others told*: a message waits in the outbox for whoever takes the verb "
        "([outbound](outbound.md)). An action with neither is",
        "a note for colleagues, and says so.",
    ]
    for row in sorted(_seed("queues"), key=lambda one: one["queue_code"]):
        acts = acts_of(policy, row["queue_code"])
        if not acts:
            continue
        lines += [
            "",
            f"## {row['queue_code']} {row['name_zh']} · {row['name_en']}",
            "",
            "| Action | Verb | Who | Case | Counts as | Clocks | Others told |",
            "|---|---|---|---|---|---|---|",
        ]
        lines += [
            f"| {act.names} | `{act.verb}` | {act.who} | {act.case} | "
            f"{act.counts or ('a note' if act.is_note else '–')} | {act.clocks or '–'} | "
            f"{'yes' if act.told else '–'} |"
            for act in acts
        ]
    return "\n".join(lines) + "\n"
