"""Statements with suppliers: what is owed, what a statement takes of it, and who has to decide."""

import streamlit as st

from dashboards.components import frame, statement_parts, url
from dashboards.components.format import plain
from dashboards.context import require
from dashboards.queries import suppliers
from dashboards.supplier_accounts import Account
from orderhouse.ledger import names_of, statements_of

context = require("statements")
t, fmt = context.terms, context.fmt

st.header(t("nav.statements"), anchor=False)
accounts = suppliers.accounts(context.reader)
if not accounts:
    frame.empty(t("statements.no_supplier"))
    st.stop()
codes = [f"{supplier}|{currency}" for supplier, currency in accounts]
asked = url.read("supplier")
chosen_code = asked if asked in codes else codes[0]
with st.container(horizontal=True, vertical_alignment="bottom"):
    st.selectbox(
        t("statements.supplier"),
        codes,
        format_func=lambda code: code.replace("|", " · "),
        key="statement_supplier",
        on_change=url.bound("statement_supplier", "supplier", chosen_code, "id", "month"),
        width=260,
    )
supplier, currency = chosen_code.split("|", 1)
mine = [one for one in statements_of(context.ledger, supplier) if one.currency_code == currency]
account = Account(
    supplier_id=supplier,
    currency_code=currency,
    lines=suppliers.lines(context.reader, supplier, currency),
    statements=mine,
)
statement_parts.account_cards(context, account)

names = names_of(context.ledger)
st.subheader(plain(t("statements.list", n=fmt.count(len(mine)))), anchor=False)
by_id = {one.statement_id: one for one in mine}
opened = by_id.get(url.read("id"))
if mine:
    st.selectbox(
        t("statements.open"),
        ["", *by_id],
        format_func=lambda name: (
            t("statements.new")
            if not name
            else f"{name} · {t.code('statement_status', by_id[name].status)} · "
            f"{fmt.money(by_id[name].total_amount, currency)}"
        ),
        key="statement_open",
        on_change=url.bound("statement_open", "id", opened.statement_id if opened else ""),
        width=520,
    )
if opened is not None:
    statement_parts.statement_panel(context, account, opened, names)

if opened is None or opened.status in {"draft", "rejected"}:
    offered = account.offered(opened)
    months = sorted({statement_parts.month_of(context, line) for line in offered})
    title = "statements.choose" if opened is None else "statements.change"
    st.subheader(t(title), anchor=False)
    st.caption(t("statements.choose_help"))
    month = url.read_choice("month", ["", *months], "")
    if len(months) > 1:
        st.segmented_control(
            t("statements.month"),
            ["", *months],
            format_func=lambda name: name or t("statements.all_months"),
            key="statement_month",
            on_change=url.bound("statement_month", "month", month),
            required=True,
        )
    choice = statement_parts.choose_lines(context, account, month, opened)
    statement_parts.draft_button(context, account, choice, opened)
