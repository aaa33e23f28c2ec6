"""People and rights: accounts, roles, shops, and who holds two hats that do not go together."""

import streamlit as st

from dashboards.components import frame, people_parts
from dashboards.context import require
from orderhouse.ledger import list_users

context = require("users")
t = context.terms

st.header(t("nav.users"), anchor=False)
users = list_users(context.ledger)
chosen = people_parts.people_table(context, users)
left, right = st.columns(2, gap="medium")
with left:
    if chosen is None:
        frame.empty(t("users.pick"), icon=":material/person_search:")
    else:
        people_parts.edit(context, chosen)
with right:
    people_parts.create(context)
