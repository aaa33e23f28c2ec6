"""What every queue page shares: queue pills, tabs with counts, the bulk bar, next and previous."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from dashboards.acting import decisions_for
from dashboards.components import decide, match_case, url
from dashboards.components.exporting import export_menu
from dashboards.components.filters import described
from dashboards.components.format import plain
from dashboards.components.why import sentence
from dashboards.context import Context
from dashboards.export import Sheet
from dashboards.queries import queue as queue_query
from dashboards.queries.queue import BULK_LIMIT, TABS, Desk, QueueFilter
from orderhouse.ledger import names_of

CURSOR = "queue_cursor"
AREA = "queue_area_choice"
# What another queue makes meaningless in the address.
RESET = ("page", "tab", "channel", "shop", "s")
MANY_QUEUES = 12
# As an order goes through the house.
AREAS = (
    "orders", "review", "stock", "fulfilment", "logistics", "after_sales", "money", "house",
)  # fmt: skip
EXPORTED = (
    "queue_code",
    "severity",
    "due_at",
    "entity_type",
    "entity_id",
    "order_id",
    "channel",
    "shop_id",
    "why",
    "at_risk_amount",
    "currency_code",
    "opened_at",
    "status",
    "holder",
)


def queue_pills(
    context: Context,
    counts: Mapping[str, Mapping[str, int]],
    queues: Sequence[str],
    areas: Mapping[str, str],
) -> str:
    """The queues of the reader with their open counts; returns the chosen one.

    More than fit into a line or two are shown area by area.
    """

    def waiting(item: str) -> int:
        return counts.get(item, {}).get("open", 0)

    def label(item: str) -> str:
        return plain(f"{context.labels('queue', item)} {waiting(item)}")

    code = url.read_choice("q", queues, _first_busy(queues, waiting))
    shown = queues
    if len(queues) > MANY_QUEUES:
        _area_choice(context, queues, areas, waiting, code)
        shown = [item for item in queues if areas.get(item) == areas.get(code)]
    st.pills(
        context.terms("queue.queue"),
        shown,
        format_func=label,
        key="queue_choice",
        label_visibility="collapsed",
        on_change=url.bound("queue_choice", "q", code, *RESET),
        required=True,
    )
    return code


def queue_links(
    context: Context,
    counts: Mapping[str, Mapping[str, int]],
    queues: Sequence[str],
    areas: Mapping[str, str],
) -> None:
    """Ways into the queues that have work: side by side, or, when they are many, by area."""
    if len(queues) <= MANY_QUEUES:
        with st.container(horizontal=True, gap="small"):
            for code in queues:
                _queue_link(context, code, counts[code])
        return
    with st.container(horizontal=True, gap="small"):
        for area in AREAS:
            inside = [code for code in queues if areas.get(code) == area]
            if not inside:
                continue
            late = sum(counts[code]["late"] for code in inside)
            total = {"open": sum(counts[code]["open"] for code in inside), "late": late}
            label = _counted(context, context.terms.code("queue_area", area), total)
            with st.popover(label, icon=":material/priority_high:" if late else None):
                for code in inside:
                    _queue_link(context, code, counts[code])


def _queue_link(context: Context, code: str, count: Mapping[str, int]) -> None:
    st.page_link(
        "views/queue.py",
        label=_counted(context, context.labels("queue", code), count),
        icon=":material/priority_high:" if count["late"] else ":material/checklist:",
        query_params={"q": code},
    )


def _counted(context: Context, name: str, count: Mapping[str, int]) -> str:
    late = context.terms("inbox.late_part", n=count["late"]) if count["late"] else ""
    return plain(f"{name} {count['open']}{late}")


def _first_busy(queues: Sequence[str], waiting: Callable[[str], int]) -> str:
    return next((code for code in queues if waiting(code)), queues[0])


def _area_choice(
    context: Context,
    queues: Sequence[str],
    areas: Mapping[str, str],
    waiting: Callable[[str], int],
    code: str,
) -> None:
    """Areas of work with their open counts; another one opens its first queue that has work."""
    parts = {area: [item for item in queues if areas.get(item) == area] for area in AREAS}
    parts = {area: items for area, items in parts.items() if items}
    st.session_state[AREA] = areas.get(code, "")

    def changed() -> None:
        chosen = parts.get(st.session_state.get(AREA) or "")
        if chosen:
            url.write(q=_first_busy(chosen, waiting), **dict.fromkeys(RESET))

    st.segmented_control(
        context.terms("queue.area"),
        list(parts),
        format_func=lambda area: plain(
            f"{context.terms.code('queue_area', area)} {sum(map(waiting, parts[area]))}"
        ),
        key=AREA,
        label_visibility="collapsed",
        on_change=changed,
        required=True,
    )


def tab_pills(context: Context, desk: Desk, wanted: QueueFilter) -> dict[str, int]:
    """Mine, unclaimed, soon, late, woken, all: each with its count under the same filters."""
    counts = queue_query.tab_counts(desk, wanted)
    rare = ("second", "unheard")
    shown = [tab for tab in TABS if tab not in rare or counts[tab] or wanted.tab == tab]
    st.segmented_control(
        context.terms("queue.tab"),
        shown,
        format_func=lambda tab: f"{context.terms.code('tab', tab)} {counts[tab]}",
        key="tab_choice",
        label_visibility="collapsed",
        on_change=url.bound("tab_choice", "tab", wanted.tab, "page"),
        required=True,
    )
    return counts


def undo_bar(context: Context) -> None:
    """The last thing done can be taken back for ten minutes."""
    last = st.session_state.get("last_done")
    if not last or last["until"] < context.now:
        return
    t = context.terms
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="left"):
        st.caption(t("undo.offer", n=len(last["ids"])))
        st.button(
            t.code("verb", "undo"),
            key="undo_last",
            icon=":material/undo:",
            shortcut="Shift+Z",
            type="tertiary",
            on_click=decide.at_once,
            args=(context, "undo", last["ids"]),
        )


def cursor_of(rows: Sequence[Mapping[str, Any]]) -> str:
    """The case that is open on the right: the chosen one if it is still listed, else the first."""
    ids = [row["item_id"] for row in rows]
    asked = url.read("item") or st.session_state.get(CURSOR)
    chosen = asked if asked in ids else ids[0]
    st.session_state[CURSOR] = chosen
    return chosen


def named_elsewhere(desk: Desk, code: str, rows: Sequence[Mapping[str, Any]]) -> Any:
    """The case a link names, where it is of this queue but not on this page of its list."""
    asked = url.read("item")
    if not asked or any(row["item_id"] == asked for row in rows):
        return None
    found = queue_query.item(desk, asked)
    return found if found and found["queue_code"] == code else None


def stepper(context: Context, rows: Sequence[Mapping[str, Any]], cursor: str) -> None:
    """Previous and next by button or key."""
    t, ids = context.terms, [row["item_id"] for row in rows]
    at = ids.index(cursor)

    def go(step: int) -> None:
        url.write(item=None)
        st.session_state[CURSOR] = ids[(at + step) % len(ids)]

    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.button(
            t("queue.previous"),
            key="step_back",
            shortcut="K",
            icon=":material/keyboard_arrow_up:",
            type="tertiary",
            on_click=go,
            args=(-1,),
        )
        st.button(
            t("queue.next"),
            key="step_on",
            shortcut="J",
            icon=":material/keyboard_arrow_down:",
            type="tertiary",
            on_click=go,
            args=(1,),
        )
        st.caption(f"{at + 1} / {len(ids)}")


def bulk_bar(
    context: Context, desk: Desk, wanted: QueueFilter, picked: Sequence[str], total: int
) -> None:
    """What can be done to the selection, or to everything the filter shows."""
    t, code = context.terms, wanted.queues[0]
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        if len(picked) > 1 or st.session_state.get("all_matching") == described(wanted):
            ids = _chosen_ids(context, desk, wanted, picked, total)
            st.caption(t("bulk.selected", n=len(ids)))
            for verb in ("claim", *decisions_for(context, code), "snooze", "assign", "escalate"):
                # Goods are matched parcel by parcel: each has a case of its own.
                if context.may(verb, code) and verb != match_case.VERB:
                    st.button(
                        t.code("verb", verb),
                        key=f"bulk_{verb}",
                        on_click=_bulk,
                        args=(context, verb, ids),
                    )
        else:
            st.caption(t("list.total", n=context.fmt.count(total)))
        export_menu(context, _sheet(context, desk, wanted), key="queue")


def _chosen_ids(
    context: Context, desk: Desk, wanted: QueueFilter, picked: Sequence[str], total: int
) -> list[str]:
    everything = st.toggle(
        context.terms("bulk.all", n=min(total, BULK_LIMIT)),
        key="bulk_all",
        value=st.session_state.get("all_matching") == described(wanted),
    )
    if not everything:
        st.session_state.pop("all_matching", None)
        return list(picked)
    st.session_state["all_matching"] = described(wanted)
    return queue_query.matching_ids(desk, wanted)


def _bulk(context: Context, verb: str, ids: Sequence[str]) -> None:
    st.session_state.pop("all_matching", None)
    if verb == "claim":
        decide.at_once(context, verb, ids)
    else:
        decide.ask(verb, ids)


def _sheet(context: Context, desk: Desk, wanted: QueueFilter) -> Sheet:
    t = context.terms
    names = [name for name in EXPORTED if name != "at_risk_amount" or context.sees("money")]

    def rows(limit: int) -> list[dict[str, Any]]:
        people = names_of(context.ledger)
        found = queue_query.page(desk, wanted, limit=limit)
        return [
            row
            | {
                "why": sentence(row, t, context.labels, context.fmt),
                "severity": t.code("severity", row["severity"]),
                "queue_code": context.labels("queue", row["queue_code"]),
                "status": t.code("case_status", row["status"]),
                "holder": people.get(row["holder"] or "", ""),
            }
            for row in found
        ]

    return Sheet(
        name=f"queue-{wanted.queues[0]}",
        title=context.labels("queue", wanted.queues[0]),
        columns=[(name, t.code("column", name)) for name in names],
        rows=rows,
        described=described(wanted),
    )
