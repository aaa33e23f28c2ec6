"""Work queues: pick a queue, see what is urgent, decide, go on to the next."""

import streamlit as st

from dashboards.acting import desk_of
from dashboards.components import decide, filters, frame, queue_shell, url
from dashboards.components.case_panel import case_panel
from dashboards.components.queue_table import case_table
from dashboards.context import require
from dashboards.queries import policies
from dashboards.queries import queue as queue_query
from orderhouse.ledger import names_of

context = require("queue")
t, desk, names = context.terms, desk_of(context), names_of(context.ledger)

every = [item.code for item in policies.queues(context.snapshot)]
mine = context.policy.queues_of(context.session.roles, every) or tuple(every)
groups = queue_query.open_groups(desk, mine)
areas = {item.code: item.area for item in policies.queues(context.snapshot)}
code = queue_shell.queue_pills(context, queue_query.queue_counts(groups), mine, areas)

choices = queue_query.choices(groups, [code])
wanted = filters.read_filter([code], choices)
counts = queue_shell.tab_pills(context, desk, wanted)
filters.filter_row(context, wanted, choices)

offset = (url.read_number("page", 1) - 1) * queue_query.PAGE
rows = queue_query.page(desk, wanted, offset=offset)
queue_shell.undo_bar(context)

named = queue_shell.named_elsewhere(desk, code, rows)
if not rows and named:
    case_panel(context, named, names)
elif not rows:
    is_filtered = bool(filters.described(wanted).count("=") > 3 or wanted.tab != "all")
    hint = t("queue.empty_filtered") if is_filtered else t("queue.empty_hint")
    when = context.fmt.time(context.snapshot.manifest.as_of)
    frame.empty(
        t("queue.empty"), f"{hint} {t('queue.checked', time=when)}", ":material/celebration:"
    )
else:
    cursor = queue_shell.cursor_of(rows)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        bar = st.container()
        picked = case_table(
            context, rows, key=f"cases_{code}_{wanted.tab}_{offset}", names=names, cursor=cursor
        )
        if len(picked) == 1:
            cursor = picked[0]
        filters.pages(context, counts[wanted.tab], queue_query.PAGE)
        with bar:
            queue_shell.bulk_bar(context, desk, wanted, picked, counts[wanted.tab])
    with right:
        queue_shell.stepper(context, rows, cursor)
        listed = next(row for row in rows if row["item_id"] == cursor)
        case_panel(context, named if named and not picked else listed, names)
decide.dialog(context)
