"""The audit log: who did, saw and took away what, and whether the chain still holds."""

from dataclasses import asdict

import streamlit as st

from dashboards.components import audit_parts, filters, frame, url
from dashboards.components.exporting import export_menu
from dashboards.context import require
from dashboards.export import Sheet
from orderhouse.ledger import audit_rows, names_of

PAGE = 100

context = require("audit")
t, names = context.terms, names_of(context.ledger)

st.header(t("nav.audit"), anchor=False)
audit_parts.chain(context)
wanted, described = audit_parts.filter_bar(context, names)
offset = (url.read_number("page", 1) - 1) * PAGE
total, entries = audit_rows(context.ledger, wanted, limit=PAGE, offset=offset)
export_menu(
    context,
    Sheet(
        name="audit",
        title=t("nav.audit"),
        columns=[(name, t.code("column", name)) for name in audit_parts.EXPORTED],
        rows=lambda limit: [
            asdict(entry) for entry in audit_rows(context.ledger, wanted, limit=limit)[1]
        ],
        described=described,
    ),
    key="audit",
)
if entries:
    audit_parts.table(context, entries, names)
    filters.pages(context, total, PAGE)
else:
    frame.empty(t("audit.empty"))
