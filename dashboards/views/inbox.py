"""My inbox: what needs me, across queues, most urgent first."""

import streamlit as st

from dashboards.acting import desk_of
from dashboards.components import (
    filters,
    frame,
    mention_parts,
    queue_shell,
    refund_parts,
    stock_requests,
    url,
)
from dashboards.components.format import plain
from dashboards.components.queue_table import case_table
from dashboards.context import require
from dashboards.queries import policies
from dashboards.queries import queue as queue_query
from orderhouse.ledger import names_of

context = require("inbox")
t, desk, names = context.terms, desk_of(context), names_of(context.ledger)

areas = {item.code: item.area for item in policies.queues(context.snapshot)}
every = list(areas)
mine = context.policy.queues_of(context.session.roles, every)

st.header(plain(t("inbox.title", name=context.session.display_name)), anchor=False)
if not mine:
    frame.empty(t("inbox.no_queues"), t("inbox.no_queues_hint"))
    st.stop()

groups = queue_query.open_groups(desk, mine)
choices = queue_query.choices(groups, mine)
wanted = filters.read_filter(mine, choices)
counts = queue_query.tab_counts(desk, queue_query.without_tab(wanted))
with st.grid(4, min_column_width=180):
    for tab in ("mine", "late", "soon", "free"):
        st.metric(t.code("tab", tab), counts[tab], border=True, help=t(f"inbox.{tab}"))

per_queue = queue_query.queue_counts(groups)
busy = [code for code in mine if per_queue.get(code)]
queue_shell.queue_links(context, per_queue, busy, areas)

mention_parts.inbox(context)
stock_requests.waiting(context)
refund_parts.waiting(context)
queue_shell.tab_pills(context, desk, wanted)
offset = (url.read_number("page", 1) - 1) * queue_query.PAGE
rows = queue_query.page(desk, wanted, offset=offset)
if not rows:
    when = context.fmt.time(context.snapshot.manifest.as_of)
    frame.empty(t("queue.empty"), t("queue.checked", time=when), ":material/celebration:")
    st.stop()

with st.container(horizontal=True, vertical_alignment="center"):
    first = rows[0]
    if st.button(
        t("inbox.start"), type="primary", icon=":material/play_arrow:", shortcut="J", key="start"
    ):
        st.session_state.pop(queue_shell.CURSOR, None)
        target = {"q": first["queue_code"], "item": first["item_id"]}
        st.switch_page("views/queue.py", query_params=target)
    st.caption(t("inbox.pick"))
picked = case_table(context, rows, key=f"inbox_{wanted.tab}_{offset}", names=names, with_queue=True)
filters.pages(context, counts[wanted.tab], queue_query.PAGE)
if picked:
    row = next(row for row in rows if row["item_id"] == picked[-1])
    st.switch_page("views/queue.py", query_params={"q": row["queue_code"], "item": row["item_id"]})
