"""Sources: make one from a sample, and read about those there are."""

import streamlit as st

from dashboards.components import new_source, source_list, url
from dashboards.context import require

SECTIONS = ("new", "list")

context = require("sources")
t = context.terms

st.header(t("nav.sources"), anchor=False)
section = url.read_choice("section", SECTIONS, "new")
st.segmented_control(
    t("nav.sources"),
    SECTIONS,
    key="source_section",
    format_func=lambda code: t(f"newsource.section.{code}"),
    label_visibility="collapsed",
    on_change=url.bound("source_section", "section", section),
    required=True,
)
if section == "list":
    source_list.page(context)
else:
    new_source.page(context)
