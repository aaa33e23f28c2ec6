"""Every metric with its value, its meaning and its formula; one opened, with the rows behind it."""

import streamlit as st

from dashboards.components import frame, kpi_parts, url
from dashboards.components.periods import period_bar
from dashboards.context import require
from dashboards.queries import kpis

context = require("metrics")
t, reader = context.terms, context.reader
settings = context.settings

st.header(t("nav.metrics"), anchor=False)
offered = kpis.offered(reader)
chosen = period_bar(context, converted=True)
if chosen is None or not offered:
    frame.empty(t("overview.empty"), t("overview.empty_hint"))
    st.stop()

areas = [area for area in kpis.AREAS if any(kpi.area == area for kpi in offered)]
area = url.read_choice("area", areas, areas[0])
with st.container(horizontal=True, vertical_alignment="bottom"):
    st.pills(
        t("metrics.area"),
        areas,
        format_func=lambda code: t.code("metric_area", code),
        key="kpi_area",
        on_change=url.bound("kpi_area", "area", area, "metric", "by", "page"),
        required=True,
        label_visibility="collapsed",
    )
    text = st.text_input(
        t("filter.search"),
        key="metric_search",
        placeholder=t("metrics.search_hint"),
        icon=":material/search:",
        width=260,
        label_visibility="collapsed",
    )


def _fits(kpi: kpis.Kpi, words: str) -> bool:
    said = (kpi.code, context.labels("metric", kpi.code), context.labels("meaning", kpi.code))
    return words in " ".join((*said, kpi.expressions)).lower()


words = text.strip().lower()
shown = [kpi for kpi in offered if (_fits(kpi, words) if words else kpi.area == area)]
run = kpis.Kpis(reader, settings.reporting_zone, settings.reporting_currency)
opened = next((kpi for kpi in offered if kpi.code == url.read("metric")), None)
if opened is not None:
    kpi_parts.opened(context, run, opened, chosen)
    st.divider()
if not shown:
    frame.empty(t("metrics.empty"))
kpi_parts.wall(context, run, shown, chosen)
