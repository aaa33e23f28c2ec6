"""Parts of the page of reconciliations: ages, one difference with its history, suggested matches.

Every button ends in `act`; the dialog that asks for a reason is the queues' own.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import streamlit as st

from dashboards.acting import perform
from dashboards.components import decide
from dashboards.components.case_panel import ICONS, timeline
from dashboards.components.format import plain
from dashboards.components.grids import grid
from dashboards.context import Context
from dashboards.differences import QUEUE, as_match, case_of, is_waiting, steps
from dashboards.queries import recon
from orderhouse.ledger import case_states, history, names_of, rejected_suggestions

Case = dict[str, Any]
COLORS = {
    "OPEN": "red", "SUSPENSE": "orange", "EXPLAINED": "green", "MATCHED_MANUAL": "green",
    "ADJUSTED": "blue", "CLAIMED": "violet", "WRITTEN_OFF": "gray", "CLOSED": "green",
}  # fmt: skip
TURNS = (
    "turn_number", "state_code", "break_type", "from_at", "until_at", "left_amount", "right_amount",
    "difference_amount", "explanation_code", "decided_as",
)  # fmt: skip
MEMBERS = (
    "match_key", "order_id", "recon_date", "left_amount", "right_amount", "party",
)  # fmt: skip


def cases(context: Context, rows: Iterable[Mapping[str, Any]]) -> list[Case]:
    """Rows with what the ledger says of each by now."""
    found = list(rows)
    known = case_states(context.ledger, [row["item_id"] for row in found])
    now = context.settings.clock()
    return [case_of(r, known[r["item_id"]], known[r["item_id"]].holder(now)) for r in found]


def ages(context: Context, code: str) -> None:
    """How old what is open has become, by currency."""
    t, fmt = context.terms, context.fmt
    rows = recon.ages(context.reader, code, context.now)
    if not rows:
        return
    st.markdown(f"**{t('recon.ages')}**")
    with st.grid(4, min_column_width=150):
        for row in rows:
            currency = row["currency_code"]
            st.metric(
                plain(f"{context.labels('age_band', row['band_code'])} {currency or ''}"),
                fmt.money(row["unexplained_amount"], currency),
                help=t("recon.breaks", n=fmt.count(row["break_count"])),
                border=True,
            )


def panel(context: Context, case: Case) -> None:
    """One difference: both sides, what may be done, what became of it."""
    t, fmt, currency = context.terms, context.fmt, case.get("currency_code")
    with st.container(border=True, key="break_panel"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{plain(case['match_key'])}**", width="content")
            _badge(context, case)
            if case.get("order_id") and context.policy.may_open(context.session.roles, "order"):
                st.page_link(
                    "views/order.py",
                    label=t("case.open_order"),
                    icon=":material/open_in_new:",
                    query_params={"id": str(case["order_id"])},
                )
        with st.grid(4, min_column_width=140):
            for name in ("left", "right", "difference"):
                if f"{name}_amount" in case:
                    st.metric(t(f"recon.{name}"), fmt.money(case[f"{name}_amount"], currency))
            st.metric(t.code("column", "age_days"), fmt.count(max(case["age_days"] or 0, 0)))
        _buttons(context, case)
        st.markdown(f"**{t('recon.life')}**")
        grid(
            context, recon.turns(context.reader, case["break_id"]), TURNS, key="break_turns",
            alt=t("recon.life"),
        )  # fmt: skip
        said = history(context.ledger, item_id=case["item_id"])
        timeline(context, said, names_of(context.ledger))


def _badge(context: Context, case: Case) -> None:
    state = str(case["state_code"])
    st.badge(context.terms.code("break_state", state), color=COLORS.get(state, "gray"))
    if case["status"] == "proposed":
        st.badge(context.terms("case.proposed"), color="orange", icon=":material/group:")


def _buttons(context: Context, case: Case) -> None:
    able = [verb for verb in steps(case) if context.may(verb, QUEUE)]
    if not able:
        st.caption(context.terms("case.read_only"))
        return
    with st.container(horizontal=True, gap="xsmall"):
        for verb in able:
            st.button(
                context.terms.code("verb", verb),
                key=f"break_{verb}",
                icon=f":material/{ICONS[verb]}:",
                on_click=_chosen,
                args=(context, verb, case),
            )


def _chosen(context: Context, verb: str, case: Case) -> None:
    if verb == "approve":
        outcomes = perform(context, [case], verb, {}, secrets.token_hex(12))
        decide.report(context, outcomes, verb)
    else:
        decide.ask(verb, [case["item_id"]], [case])


def suggested(context: Context, code: str, most: int = 20) -> None:
    """Matches that wait for somebody: what speaks for each, and two buttons."""
    t = context.terms
    found = [
        cases(context, members)
        for members in recon.suggestions(context.reader, code, limit=most)
    ]  # fmt: skip
    rejected = rejected_suggestions(context.ledger)
    waiting = [
        members
        for members in found
        if is_waiting(members) and members[0]["suggestion_id"] not in rejected
    ]
    st.subheader(plain(t("recon.suggestions", n=len(waiting))), anchor=False)
    if not waiting:
        st.caption(t("recon.no_suggestions"))
        return
    st.caption(t("recon.suggestions_help"))
    for members in waiting:
        _suggestion(context, members)


def _suggestion(context: Context, members: Sequence[Case]) -> None:
    t, first = context.terms, as_match(members)
    key = first["suggestion_id"]
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(plain(t("recon.points", n=first["score"])), color="blue")
            st.markdown(plain(reasons(context, first)), width="stretch")
            for verb in ("match_manually", "reject_match"):
                if context.may(verb, QUEUE):
                    st.button(
                        t.code("verb", verb),
                        key=f"{verb}_{key}",
                        type="primary" if verb == "match_manually" else "secondary",
                        icon=f":material/{ICONS[verb]}:",
                        on_click=decide.ask,
                        args=(verb, [first["item_id"]], [first]),
                    )
        grid(context, members, MEMBERS, key=f"members_{key}", alt=t("recon.suggestion"))


def reasons(context: Context, row: Mapping[str, Any]) -> str:
    """What speaks for a suggestion, in words."""
    t = context.terms
    rest = row.get("rest_amount")
    found_by = str(row.get("found_by") or "parts")
    said = [] if found_by == "parts" else [t(f"recon.found_by.{found_by}")]
    if rest is not None:
        money = context.fmt.money(abs(rest), row.get("currency_code"))
        said.append(t("recon.same_amount") if rest == 0 else t("recon.rest_left", x=money))
    days = row["days_apart"]
    said.append(t("recon.same_day") if days == 0 else t("recon.days_apart", n=days))
    if row["key_distance"] is not None:
        said.append(t("recon.characters_apart", n=row["key_distance"]))
    return t("why.join").join(said)
