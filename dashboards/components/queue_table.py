"""The grid of a queue: one page of cases, selectable, each with its reason in words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pandas as pd
import streamlit as st

from dashboards.acting import done_about
from dashboards.components.sla import countdown
from dashboards.components.why import brief
from dashboards.context import Context
from orderhouse.ledger import Done

_DIGEST = re.compile(r"[0-9a-f]{32,64}")
SEVERITY_COLORS = {1: "red", 2: "orange", 3: "yellow", 4: "gray"}


def case_table(
    context: Context,
    rows: Sequence[Mapping[str, Any]],
    *,
    key: str,
    names: Mapping[str, str],
    cursor: str | None = None,
    with_queue: bool = False,
) -> list[str]:
    """Draw the cases; returns the ids of the selected ones."""
    t = context.terms
    frame, config = _frame(context, rows, names, with_queue)
    marks = [row["item_id"] == cursor for row in rows]
    event = st.dataframe(
        _styled(frame, marks),
        key=key,
        on_select="rerun",
        selection_mode="multi-row",
        hide_index=True,
        column_config=config,
        row_height=40,
        height=min(40 * len(rows) + 42, 680),
        alt=t("queue.table_alt"),
    )
    picked = [index for index in event.selection.rows if index < len(rows)]
    return [rows[index]["item_id"] for index in picked]


def _frame(
    context: Context,
    rows: Sequence[Mapping[str, Any]],
    names: Mapping[str, str],
    with_queue: bool,
) -> tuple[pd.DataFrame, dict[str, Any]]:
    t, fmt = context.terms, context.fmt
    counts = [
        countdown(row["due_at"], context.now, t, fmt, row.get("known_until_at")) for row in rows
    ]
    data: dict[str, list[Any]] = {
        "severity": [[t.code("severity", row["severity"])] for row in rows],
        "due": [[count.text] if count.level != "none" else [] for count in counts],
    }
    if with_queue:
        data["queue"] = [context.labels("queue", row["queue_code"]) for row in rows]
    data["entity"] = [shown_entity(row, names) for row in rows]
    done = done_about(context, [row["item_id"] for row in rows])
    if done:
        data["done"] = [said_done(context, done.get(row["item_id"], ()), names) for row in rows]
    data["why"] = [brief(row, t, context.labels, fmt) for row in rows]
    if context.sees("money"):
        data["amount"] = [
            fmt.money(row.get("at_risk_amount"), row.get("currency_code")) for row in rows
        ]
    data["priority"] = [row["priority"] for row in rows]
    data["holder"] = [_holder(context, row, names) for row in rows]
    config = {
        "severity": st.column_config.MultiselectColumn(
            t("queue.severity"),
            options=[t.code("severity", code) for code in SEVERITY_COLORS],
            color=list(SEVERITY_COLORS.values()),
            width=64,
        ),
        "due": _due_column(t("queue.due"), counts),
        "queue": st.column_config.TextColumn(t("queue.queue"), width=130),
        "entity": st.column_config.TextColumn(t("queue.entity"), width=140),
        "why": st.column_config.TextColumn(t("queue.why"), width=_why_width(with_queue, done)),
        "amount": st.column_config.TextColumn(t("queue.amount"), width=92, alignment="right"),
        "priority": st.column_config.NumberColumn(t("queue.priority"), width=60),
        "done": st.column_config.TextColumn(t("queue.done"), width=170),
        "holder": st.column_config.TextColumn(t("queue.holder"), width=72),
    }
    return pd.DataFrame(data), {name: config[name] for name in data}


def _why_width(with_queue: bool, done: Mapping[str, Any]) -> int:
    """What was done takes its place from the reason, which the panel tells in full."""
    if with_queue:
        return 380
    return 110 if done else 190


def _due_column(label: str, counts: Sequence[Any]) -> Any:
    colors = {count.text: count.color for count in counts}
    return st.column_config.MultiselectColumn(
        label, options=list(colors), color=list(colors.values()), width=128
    )


def shown_entity(row: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """What a case is about in a form people recognise: a digest says nothing to anybody."""
    entity = str(row["entity_id"])
    if entity in names:
        return names[entity]
    if row["entity_type"] == "shape":
        return entity.partition("#")[0]
    if row["entity_type"] == "check":
        return entity.removeprefix("gx ")
    if row.get("order_id") and entity.endswith(f"@{row['order_id']}"):
        return str(row["order_id"])  # one of several matters of the order: the reason says which
    if not _DIGEST.fullmatch(entity):
        return entity
    if row.get("order_id"):
        return str(row["order_id"])
    facts = {
        fact.get("name"): fact.get("value") for fact in (row.get("why") or {}).get("facts", ())
    }
    return str(facts.get("match_key") or facts.get("file_name") or entity[:12])


def said_done(context: Context, done: Sequence[Done], names: Mapping[str, str]) -> str:
    """What was last done about a case, by whom and how long ago; what was done before, by name."""
    if not done:
        return ""
    t, last = context.terms, done[0]
    what = " ".join(filter(None, (t.code("verb", last.verb), last.number)))
    told = f"{what} · {said_when(context, last, names)}"
    earlier = [t.code("verb", other.verb) for other in done[1:]]
    return " · ".join([told, *earlier])


def said_when(context: Context, done: Done, names: Mapping[str, str]) -> str:
    """By whom, and how long ago."""
    t, by, ago = context.terms, names.get(done.actor_id, "–"), context.now - done.at
    if ago < timedelta(minutes=1):
        return t("queue.done_now", by=by)
    return t("queue.done_by", by=by, since=context.fmt.duration(ago))


def _holder(context: Context, row: Mapping[str, Any], names: Mapping[str, str]) -> str:
    t = context.terms
    if row["status"] == "proposed":
        return t("status.second")
    if row["holder"]:
        mine = row["holder"] == context.session.user_id
        return t("status.me") if mine else names.get(row["holder"], "–")
    if row["status"] == "snoozed":
        until = row["snoozed_until"]
        is_asleep = until is not None and until > context.now
        return t("status.snoozed") if is_asleep else t("status.woken")
    return ""


def _styled(frame: pd.DataFrame, marks: Sequence[bool]) -> Any:
    """The case on the right of the page is tinted in the list."""
    if not any(marks):
        return frame

    def tint(column: pd.Series) -> list[str]:
        return ["background-color: rgba(20, 150, 136, 0.14)" if mark else "" for mark in marks]

    return frame.style.apply(tint, axis=0)
