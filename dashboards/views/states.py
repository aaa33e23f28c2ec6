"""Do they agree: the last state of every source side by side, and the orders that disagree."""

from datetime import timedelta

import streamlit as st

from dashboards.components import charts, filters, frame, url
from dashboards.components.exporting import export_menu
from dashboards.components.format import plain
from dashboards.components.grids import grid
from dashboards.context import require
from dashboards.export import Sheet
from dashboards.queries import states

PAGE = 50
DAYS = ("7", "30", "90", "365")

context = require("states")
t, reader = context.terms, context.reader

st.header(t("nav.states"), anchor=False)
st.caption(plain(t("states.note")))
days = url.read_choice("days", DAYS, "30")
left = url.read_choice("left", states.SOURCES, "channel")
right = url.read_choice("right", states.SOURCES, "wms")
with st.container(horizontal=True, vertical_alignment="bottom"):
    st.segmented_control(
        t("states.days"),
        DAYS,
        format_func=lambda n: t("states.last_days", n=n),
        key="states_days",
        on_change=url.bound("states_days", "days", days, "pair", "page"),
        required=True,
    )
    for name, chosen in (("left", left), ("right", right)):
        st.segmented_control(
            t(f"states.{name}"),
            states.SOURCES,
            format_func=lambda code: t.code("state_source", code),
            key=f"states_{name}",
            on_change=url.bound(f"states_{name}", name, chosen),
            required=True,
        )
first = context.today - timedelta(days=int(days))

if left == right:
    frame.empty(t("states.same"))
else:
    cells = states.matrix(reader, left, right, first)
    if cells:
        sides = (left, right)
        names = tuple(t.code("state_source", side) for side in sides)
        turns = tuple(states.in_turn(reader, side) for side in sides)
        charts.matrix(context, cells, names, turns)
    else:
        frame.empty(t("states.empty"))

st.subheader(t("states.conflicts"), anchor=False)
pairs = states.conflicts(reader, first)
if not pairs:
    frame.empty(t("states.none"), icon=":material/task_alt:")
    st.stop()


def _said(pair: dict, side: str) -> str:
    source = t.code("state_source", pair[f"{side}_source"])
    return f"{source}: {t.code('source_state', pair[f'{side}_state'])}"


shown = [
    {
        "conflict_code": pair["conflict_code"],
        "left_said": _said(pair, "left"),
        "right_said": _said(pair, "right"),
        "order_count": pair["order_count"],
        "queue_code": pair["queue_code"],
    }
    for pair in pairs
]
picked = grid(
    context, shown, ("conflict_code", "left_said", "right_said", "order_count", "queue_code"),
    key="state_pairs", alt=t("states.conflicts"), select=True,
)  # fmt: skip
pair = pairs[picked[0] if picked else 0]
with st.container(horizontal=True, vertical_alignment="center"):
    said = t("states.orders", n=context.fmt.count(pair["order_count"]))
    name = t.code("state_conflict", pair["conflict_code"])
    st.subheader(plain(f"{name} · {said}"), anchor=False)
    export_menu(
        context,
        Sheet(
            name=f"states-{pair['conflict_code']}",
            title=name,
            columns=[(column, t.code("column", column)) for column in states.ORDER_COLUMNS],
            rows=lambda limit: states.orders(reader, pair, first, limit=limit),
            described=f"{pair['conflict_code']} since {first}",
        ),
        key="states",
    )
offset = (url.read_number("page", 1) - 1) * PAGE
rows = states.orders(reader, pair, first, limit=PAGE, offset=offset)
chosen_row = grid(
    context, rows, states.ORDER_COLUMNS, key="state_orders", alt=t("nav.states"), select=True
)
filters.pages(context, pair["order_count"], PAGE)
if chosen_row:
    st.switch_page("views/order.py", query_params={"id": rows[chosen_row[0]]["order_id"]})
