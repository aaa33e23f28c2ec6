"""Stock: what can be promised, what is oversold, and which orders the stock still serves."""

import streamlit as st

from dashboards.components import charts, filters, frame, stock_requests, url
from dashboards.components.exporting import export_menu
from dashboards.components.format import plain
from dashboards.components.grids import grid
from dashboards.context import require
from dashboards.export import Sheet
from dashboards.queries import stock
from dashboards.stock_decided import decided_since
from orderhouse.ledger import names_of, stock_requests_of

PAGE = 50
COLUMNS = (
    "sku", "product_name", "warehouse_id", "on_hand_quantity", "decided_quantity",
    "sellable_quantity", "reserved_hard_quantity",
    "reserved_soft_quantity", "atp_quantity", "oversold_quantity", "damaged_quantity",
    "frozen_quantity", "held_quantity", "expired_quantity", "drift_quantity", "last_moved_at",
)  # fmt: skip

context = require("stock")
t, reader = context.terms, context.reader

st.header(t("nav.stock"), anchor=False)
decided = decided_since(context.ledger, context.snapshot.manifest.published_at)
counts = {shown: stock.count(reader, decided.moves, shown) for shown in stock.SHOWN}
with st.grid(4, min_column_width=180):
    for code in stock.SHOWN:
        st.metric(t(f"stock.{code}"), counts[code], border=True, help=t(f"stock.{code}_help"))

shown = url.read_choice("show", stock.SHOWN, "all")
text = url.read("s")[:60]
with st.container(horizontal=True, vertical_alignment="bottom"):
    st.segmented_control(
        t("stock.show"),
        list(stock.SHOWN),
        format_func=lambda code: f"{t(f'stock.{code}')} {counts[code]}",
        key="stock_show",
        on_change=url.bound("stock_show", "show", shown, "page"),
        label_visibility="collapsed",
        required=True,
    )
    st.text_input(
        t("filter.search"),
        key="stock_search",
        placeholder=t("stock.search_hint"),
        on_change=url.bound("stock_search", "s", text, "page"),
        icon=":material/search:",
        width=240,
        label_visibility="collapsed",
    )
    export_menu(
        context,
        Sheet(
            name="stock",
            title=t("nav.stock"),
            columns=[(name, t.code("column", name)) for name in COLUMNS],
            rows=lambda limit: stock.positions(
                reader, decided.moves, shown=shown, text=text, limit=limit
            ),
            described=f"show={shown}; search={text}",
        ),
        key="stock",
    )

offset = (url.read_number("page", 1) - 1) * PAGE
rows = stock.positions(reader, decided.moves, shown=shown, text=text, limit=PAGE, offset=offset)
if not rows:
    frame.empty(t("stock.empty"), t("stock.empty_hint"), ":material/inventory_2:")
    st.stop()
picked = grid(context, rows, COLUMNS, key="positions", alt=t("nav.stock"), select=True)
filters.pages(context, stock.count(reader, decided.moves, shown, text), PAGE)

linked = (place for place in rows if place["warehouse_id"] == url.read("at"))
row = rows[picked[0]] if picked else next(linked, rows[0])
sku, warehouse = row["sku"], row["warehouse_id"]
left, right = st.columns([3, 2], gap="medium")
with left:
    st.subheader(plain(t("stock.cut_line", sku=sku, warehouse=warehouse)), anchor=False)
    st.caption(t("stock.cut_line_help"))
    lines = stock.demand(reader, sku, warehouse)
    if lines:
        columns = (
            "priority_number", "order_id", "paid_at", "open_quantity", "running_quantity",
            "sellable_quantity", "is_served", "shortfall_quantity", "covered_at",
        )  # fmt: skip
        grid(context, lines, columns, key="demand", alt=t("stock.cut_line_help"))
    else:
        frame.empty(t("stock.no_demand"))
with right:
    st.subheader(t("stock.closing"), anchor=False)
    history = stock.daily(reader, sku, warehouse)
    if history:
        charts.balance(context, history)
    else:
        frame.empty(t("stock.no_moves"))

st.subheader(t("stock.requests"), anchor=False)
st.caption(t("stock.requests_help"))
stock_requests.ask(context, stock_requests.place_of(context, decided, sku, warehouse))
names = names_of(context.ledger)
opened = stock_requests.listed(context, stock_requests_of(context.ledger), names)
if opened is not None:
    stock_requests.panel(context, decided, opened, names)

part = url.read_choice("part", tuple(stock.PARTS), "plans")
with st.container(horizontal=True, vertical_alignment="bottom"):
    st.segmented_control(
        t("stock.part"),
        list(stock.PARTS),
        format_func=lambda code: t(f"stock.{code}"),
        key="stock_part",
        on_change=url.bound("stock_part", "part", part),
        label_visibility="collapsed",
        required=True,
    )
    relation, _, names = stock.PARTS[part]
    export_menu(
        context,
        Sheet(
            name=f"stock-{part}",
            title=t(f"stock.{part}"),
            columns=[
                (name, t.code("column", name))
                for name in names
                if name in stock.ADDED or reader.may_read(relation, name)
            ],
            rows=lambda limit: stock.part(reader, decided.moves, part, text=text, limit=limit),
            described=f"part={part}; search={text}",
        ),
        key="stock_part_export",
    )
st.caption(t(f"stock.{part}_help"))
found = stock.part(reader, decided.moves, part, text=text, limit=PAGE)
if found:
    grid(context, found, names, key=f"stock_{part}", alt=t(f"stock.{part}"))
else:
    frame.empty(t("stock.empty"))
