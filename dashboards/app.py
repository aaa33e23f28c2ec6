"""The entry script: who is there, which pages they have, and the frame around the page they chose.

One line here adds a page; `policy.yml` says who opens it.
"""

from __future__ import annotations

import sys
from pathlib import Path

# The script is run by path, so the repository's root is put on the path when it is not installed.
if (root := str(Path(__file__).resolve().parent.parent)) not in sys.path:
    sys.path.insert(0, root)

import streamlit as st

from dashboards.components import frame
from dashboards.context import NotAllowed, SignedOut, current, language
from dashboards.warehouse import NoSnapshot
from orderhouse.settings import get_settings

# section, page, icon; the order is the order of the menu.
PAGES = (
    ("work", "inbox", "inbox"),
    ("work", "queue", "checklist"),
    ("work", "order", "receipt_long"),
    ("boards", "overview", "monitoring"),
    ("boards", "reports", "summarize"),
    ("boards", "digest", "today"),
    ("boards", "stock", "inventory_2"),
    ("boards", "recon", "balance"),
    ("work", "statements", "request_quote"),
    ("work", "refunds", "currency_exchange"),
    ("boards", "service_levels", "timer"),
    ("boards", "process", "route"),
    ("boards", "analysis", "query_stats"),
    ("boards", "states", "compare_arrows"),
    ("boards", "what_if", "alt_route"),
    ("boards", "as_of", "history"),
    ("data", "health", "health_and_safety"),
    ("data", "sources", "dataset"),
    ("data", "connections", "cable"),
    ("data", "metrics", "menu_book"),
    ("system", "users", "group"),
    ("system", "audit", "policy"),
)

LOGO = str(Path(__file__).with_name("assets") / "logo.svg")

st.set_page_config(page_title="Orderhouse", page_icon="📦", layout="wide")


def main() -> None:
    """Build the menu from the user's posts, then run the page."""
    try:
        context = current()
    except SignedOut:
        st.navigation(
            [st.Page("views/home.py", title="Orderhouse", default=True)], position="hidden"
        )
        frame.signed_out_page(language(None, get_settings()))
        return
    t, roles = context.terms, context.session.roles
    home = st.Page("views/home.py", title="Orderhouse", default=True, visibility="hidden")
    menu: dict[str, list[st.Page]] = {"": [home]}  # type: ignore[valid-type]
    for section, page, icon in PAGES:
        # A page of another post is there but hidden, so that a link to it is answered in words.
        is_theirs = context.policy.may_open(roles, page)
        shown = st.Page(
            f"views/{page}.py",
            title=t(f"nav.{page}"),
            icon=f":material/{icon}:",
            url_path=page,
            visibility="visible" if is_theirs else "hidden",
        )
        menu.setdefault(t(f"nav.section.{section}") if is_theirs else "", []).append(shown)
    chosen = st.navigation(menu, position="top")
    st.logo(LOGO, size="large")
    frame.top_bar(context)
    frame.flash(context)
    frame.banners(context)
    try:
        chosen.run()
    except NotAllowed:
        frame.refused_page(context)
    except NoSnapshot:
        frame.no_snapshot_page(context)
    except SignedOut:
        frame.signed_out_page(context.language)


main()
