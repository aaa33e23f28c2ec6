"""As of a moment: orders, stock and money as they were, and as we knew them."""

from datetime import UTC, date, datetime, time

import streamlit as st

from dashboards.components import filters, frame, url
from dashboards.components.exporting import export_menu
from dashboards.components.format import plain
from dashboards.components.grids import grid
from dashboards.context import require
from dashboards.export import Sheet
from dashboards.queries import as_of

PAGE = 50
SHOWN = {
    "orders": ("headline_status", "known_count", "true_count", "later_count", "now_count"),
    "stock": (
        "sku", "warehouse_id", "known_on_hand_quantity", "true_on_hand_quantity", "later_quantity",
        "now_on_hand_quantity", "true_sellable_quantity", "true_reserved_hard_quantity",
        "true_reserved_soft_quantity", "known_atp_quantity", "true_atp_quantity",
        "later_atp_quantity", "now_sellable_quantity", "now_reserved_hard_quantity",
        "now_reserved_soft_quantity", "now_atp_quantity",
    ),
    "money": (
        "currency_code", "money_part", "known_amount", "true_amount", "later_amount", "now_amount",
    ),
}  # fmt: skip

context = require("as_of")
t, reader, fmt = context.terms, context.reader, context.fmt


def asked() -> datetime:
    """The moment in the address, in the reporting zone; at first the end of a week ago."""
    try:
        return datetime.fromisoformat(url.read("at"))
    except ValueError:
        day = date.fromordinal(context.today.toordinal() - 7)
        return datetime.combine(day, time(23, 59))


def chosen() -> datetime:
    before = asked()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        day = st.date_input(
            t("order.as_of_day"), value=before.date(), key="as_day", format="YYYY-MM-DD", width=160
        )
        hour = st.time_input(t("order.as_of_time"), value=before.time(), key="as_hour", width=120)
        st.segmented_control(
            t("as_of.show"),
            list(offered),
            format_func=lambda code: t.code("as_of_view", code),
            key="as_show",
            on_change=url.bound("as_show", "show", show, "page"),
            label_visibility="collapsed",
            required=True,
        )
    picked = datetime.combine(day if isinstance(day, date) else before.date(), hour)
    url.write(at=picked.isoformat(timespec="minutes"))
    return picked


def told(columns: tuple[str, ...], name: str, rows: list, limit_rows) -> None:  # type: ignore[no-untyped-def]
    height = "content" if name != "stock" else "auto"
    grid(context, rows, columns, key=f"as_of_{name}", alt=t.code("as_of_view", name), height=height)
    export_menu(
        context,
        Sheet(
            name=f"as-of-{name}",
            title=t("nav.as_of"),
            columns=[(column, t.code("column", column)) for column in columns],
            rows=limit_rows,
            described=f"{name} as of {local.isoformat(timespec='minutes')}",
        ),
        key=f"as_of_{name}",
    )


st.header(t("nav.as_of"), anchor=False)
st.caption(plain(t("as_of.note")))
sees_money = reader.may_read("fct_orders", "payable_amount")
offered = [code for code in SHOWN if code != "money" or sees_money]
show = url.read_choice("show", offered, "orders")
local = chosen()
moment = local.replace(tzinfo=context.zone).astimezone(UTC).replace(tzinfo=None)

if show == "orders":
    rows = as_of.orders(reader, moment)
    if not any(row["true_count"] for row in rows):
        frame.empty(t("as_of.empty"), t("as_of.empty_hint"), ":material/history:")
        st.stop()
    told(SHOWN["orders"], "orders", rows, lambda limit: rows[:limit])
    late = sum(abs(row["later_count"]) for row in rows)
elif show == "money":
    rows = as_of.money(reader, moment)
    told(SHOWN["money"], "money", rows, lambda limit: rows[:limit])
    late = sum(1 for row in rows if row["later_amount"])
else:
    text = url.read("s")[:60]
    st.text_input(
        t("filter.search"),
        key="as_search",
        placeholder=t("stock.search_hint"),
        on_change=url.bound("as_search", "s", text, "page"),
        icon=":material/search:",
        width=240,
        label_visibility="collapsed",
    )
    offset = (url.read_number("page", 1) - 1) * PAGE
    rows = as_of.stock(reader, moment, text=text, limit=PAGE, offset=offset)
    told(
        SHOWN["stock"], "stock", rows,
        lambda limit: as_of.stock(reader, moment, text=text, limit=limit),
    )  # fmt: skip
    filters.pages(context, as_of.stock_count(reader, text), PAGE)
    late = sum(1 for row in rows if row["later_quantity"] or row["later_atp_quantity"])
if not late:
    st.caption(plain(t("as_of.nothing_late", time=fmt.time(moment))))
