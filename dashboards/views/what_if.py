"""What other policies would have done: ask about one number, look at queues, promises and holds."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboards.components import frame
from dashboards.components.format import plain
from dashboards.components.grids import grid
from dashboards.context import require
from dashboards.queries import policies
from orderhouse.what_if import DAYS, POLICIES, BadChange, Change, keep, new_question, questions

SHOWN = 10
# section of an answer -> the domain its codes have labels in, and its measures
SECTIONS = {
    "queues": ("queue", ("opened", "still_open")),
    "promises": ("sla", ("clocks", "broken")),
    "reviews": ("rule", ("held", "false_holds")),
}
STATE_COLORS = {"waiting": "gray", "running": "blue", "answered": "green", "failed": "red"}

context = require("what_if")
t, fmt, folder = context.terms, context.fmt, context.settings.what_if_dir


def name_of(row: Mapping[str, Any]) -> str:
    return str(row.get(f"name_{context.language}") or "")


def ask() -> None:
    """The form: one row of one policy, one of its numbers, and how far back to look."""
    with st.container(border=True):
        left, middle, right = st.columns(3)
        policy = left.selectbox(
            t("whatif.policy"), list(POLICIES), format_func=lambda code: t.code("policy", code)
        )
        key, columns = POLICIES[policy]
        rows = {str(row[key]): row for row in policies.changeable(context.snapshot, policy)}
        code = middle.selectbox(
            t("whatif.row"), list(rows), format_func=lambda item: f"{item} {name_of(rows[item])}"
        )
        able = [name for name in columns if rows[code].get(name) is not None]
        if not able:
            st.caption(t("whatif.no_number"))
            return
        column = right.selectbox(
            t("whatif.column"), able, format_func=lambda item: t.code("column", item)
        )
        now = rows[code][column]
        value = left.text_input(t("whatif.value", now=now), value=str(now))
        days = middle.selectbox(
            t("whatif.days"), DAYS, index=DAYS.index(30),
            format_func=lambda n: t("recon.last_days", n=n),
        )  # fmt: skip
        if right.button(t("whatif.ask"), type="primary", icon=":material/replay:"):
            try:
                change = Change(policy=policy, code=code, column=column, value=value.strip())
            except BadChange:
                st.error(t("whatif.bad_value"))
                return
            who = context.session.user_id
            keep(folder, new_question([change], days, who, context.now))
            st.toast(t("whatif.asked"), icon=":material/hourglass_top:")


def show(section: str, rows: list[dict[str, Any]]) -> None:
    """What moved, with its difference; what did not is counted only."""
    domain, measures = SECTIONS[section]
    moved: list[dict[str, Any]] = [
        row | {"code": context.labels(domain, row["code"])}
        for row in rows
        if any(row[f"{name}_before"] != row[f"{name}_after"] for name in measures)
    ]
    st.markdown(f"**{t(f'whatif.{section}')}**")
    if not moved:
        st.caption(t("whatif.nothing_moved"))
        return
    for row in moved:
        for name in measures:
            row[f"{name}_difference"] = row[f"{name}_after"] - row[f"{name}_before"]
    columns = ["code"]
    for name in measures:
        columns += [f"{name}_before", f"{name}_after", f"{name}_difference"]
    grid(context, moved, columns, key=f"{section}_{question.question_id}", alt=section)


st.header(t("nav.what_if"), anchor=False)
st.caption(t("whatif.lead"))
if context.session.shops is not None:
    frame.empty(t("whatif.whole_business"), icon=":material/storefront:")
    st.stop()
ask()

asked = questions(folder)[:SHOWN]
if not asked:
    frame.empty(t("whatif.none"), t("whatif.none_hint"), ":material/alt_route:")
for number, question in enumerate(asked):
    said = "; ".join(
        f"{t.code('policy', change.policy)} · {change.code} · {t.code('column', change.column)}"
        f" = {change.value}"
        for change in question.changes
    )
    label = f"{said} · {t('recon.last_days', n=question.days)} · {fmt.time(question.asked_at)}"
    with st.expander(plain(label), expanded=number == 0, icon=":material/alt_route:"):
        st.badge(
            t.code("whatif_state", question.state),
            color=STATE_COLORS.get(question.state, "gray"),
        )
        if question.state == "failed":
            st.text(question.reason or "")
        for section in SECTIONS:
            if section in question.answer:
                show(section, question.answer[section])
if any(question.state in ("waiting", "running") for question in asked):
    st.button(t("whatif.look_again"), icon=":material/refresh:")
