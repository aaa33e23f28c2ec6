"""Reports of orders, sales, shipping, after-sales and stock, or of one's own making."""

import streamlit as st

from dashboards.components import frame, report_parts, url
from dashboards.components.periods import period_bar
from dashboards.context import require
from dashboards.queries.kpis import Kpis
from dashboards.queries.overview import CONVERTED
from dashboards.queries.reports.offered import CUSTOM, allowed, asked_of, make

context = require("reports")
t, settings = context.terms, context.settings

st.header(t("nav.reports"), anchor=False)
offered = allowed(context.policy, context.session.roles)
if not offered:
    frame.empty(t("report.none_yours"))
    st.stop()
code = url.read_choice("report", offered, offered[0])
st.pills(
    t("report.which"),
    offered,
    format_func=lambda item: t.code("report", item),
    key="report_code",
    on_change=url.bound("report_code", "report", code, "status", "category", "by"),
    required=True,
    label_visibility="collapsed",
)
period = period_bar(context, converted=True, leading=CONVERTED)
if period is None:
    frame.empty(t("overview.empty"), t("overview.empty_hint"))
    st.stop()
chosen, top = report_parts.filters(context, code, period)
run = Kpis(context.reader, settings.reporting_zone, settings.reporting_currency)
asked = asked_of(run, chosen.wanted, chosen.other)
report = report_parts.custom(context, asked) if code == CUSTOM else make(code, asked, top=top)
if report is not None:
    report_parts.downloads(context, report_parts.document(context, report, chosen.wanted))
    report_parts.about_currency(context, run, chosen.wanted)
    report_parts.sections(context, report)
