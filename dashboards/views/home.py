"""The front door: goes straight to the page a post begins its day with."""

import streamlit as st

from dashboards.context import current

context = current()
home = context.policy.home(context.session.roles)
if home is not None:
    st.switch_page(f"views/{home}.py")
st.subheader(context.terms("home.no_role"))
