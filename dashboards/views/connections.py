"""Connections: every system outside, how far it has got and what is in its way."""

import streamlit as st

from dashboards.components import connection_parts, frame
from dashboards.components.format import plain
from dashboards.context import require
from orderhouse.connections import ConnectionsError, load_connections

context = require("connections")
t = context.terms

st.header(t("nav.connections"), anchor=False)
st.caption(t("connections.lead"))
try:
    found = load_connections(context.settings).connections
except ConnectionsError as error:
    st.error(plain(t("connections.broken", why=error)), icon=":material/error:")
    st.stop()
shops = context.session.shops
mine = connection_parts.of_shops(found, shops)
if not mine:
    frame.empty(t("connections.none"), t("connections.none_hint"), ":material/cable:")
    st.stop()
connection_parts.page(context, mine, is_whole=shops is None)
