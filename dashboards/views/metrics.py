"""The metric dictionary: every figure with its meaning, formula, grain and owner."""

import streamlit as st

from dashboards.components import frame
from dashboards.components.format import plain
from dashboards.context import require
from dashboards.queries import policies

context = require("metrics")
t = context.terms

st.header(t("nav.metrics"), anchor=False)
text = st.text_input(
    t("filter.search"),
    key="metric_search",
    placeholder=t("metrics.search_hint"),
    icon=":material/search:",
    width=320,
    label_visibility="collapsed",
)
rows = [
    row
    for row in policies.metrics(context.snapshot)
    if text.strip().lower() in " ".join(str(value) for value in row.values()).lower()
]
if not rows:
    frame.empty(t("metrics.empty"))
with st.grid(3, min_column_width=300, gap="small"):
    for row in rows:
        with st.container(border=True, gap="xsmall", height="stretch"):
            other = row.get("name_en") if context.language == "zh" else row.get("name_zh")
            st.markdown(f"**{plain(context.labels('metric', row['metric_code']))}**")
            st.caption(plain(f"{other or ''} · {row['metric_code']}"))
            st.text(t.code("meaning", row["metric_code"]))
            for name in ("date_basis", "grain"):
                st.caption(plain(f"{t(f'metrics.{name}')}: {t.code(name, row.get(name))}"))
            st.caption(plain(f"{t('metrics.formula')}: {row.get('formula') or '–'}"))
            st.caption(plain(f"{row.get('relation')}.{row.get('column_name')}"))
            owner = row.get("owner_role") or row.get("owner")
            st.badge(plain(t.code("role", owner)), color="gray", icon=":material/person:")
