"""The day in figures beside the day before and the week before: what the morning's digest says."""

from datetime import date

import streamlit as st

from dashboards.components import frame, report_parts, url
from dashboards.components.format import plain
from dashboards.context import require
from dashboards.digest import folder, yesterday
from dashboards.documents import Document
from dashboards.queries.digest import digest
from dashboards.queries.kpis import Kpis

context = require("digest")
t, settings, roles = context.terms, context.settings, context.session.roles


def chosen_day() -> date:
    """The day of the address; the last whole one unless another is asked for."""
    last = yesterday(settings, context.now)
    try:
        day = min(date.fromisoformat(url.read("day")), context.today)
    except ValueError:
        day = last
    st.session_state["digest_day"] = day
    st.date_input(
        t("digest.day"),
        key="digest_day",
        format="YYYY-MM-DD",
        max_value=context.today,
        on_change=lambda: url.write(day=st.session_state["digest_day"].isoformat()),
        width=180,
    )
    return day


st.header(t("nav.digest"), anchor=False)
day = chosen_day()
run = Kpis(context.reader, settings.reporting_zone, settings.reporting_currency)
report = digest(run, day, roles)
if not report.sections:
    frame.empty(t("overview.empty"), t("overview.empty_hint"))
    st.stop()
files = sorted(folder(settings, day).glob("*.html")) if context.session.shops is None else []
if files:
    said = f"outbox/digests/{day.isoformat()}"
    st.caption(plain(t("digest.written", folder=said, n=len(files))))
else:
    st.caption(plain(t("digest.not_written")))
made = Document(
    report=report,
    title=t.code("report", "digest"),
    subtitle=f"{context.fmt.day(day)} · {context.words.currency_of(report)}",
    described=day.isoformat(),
)
report_parts.downloads(context, made)
report_parts.sections(context, report)
