"""Where the time of orders goes, which ways they take, and what should not have happened."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import streamlit as st

from dashboards.components import charts, filters, frame, url
from dashboards.components.exporting import export_menu
from dashboards.components.format import plain
from dashboards.components.grids import grid
from dashboards.context import require
from dashboards.export import Sheet
from dashboards.queries import overview, process

PAGE = 50
VARIANTS = 100
DAYS = ("7", "30", "90", "365")
SHOWN = ("hops", "variants", "deviations")
HOPS = (
    "hop", "waits_for", "is_work", "order_count", "share_ratio", "total_minutes",
    "median_minutes", "p90_minutes",
)  # fmt: skip
STANDING = ("milestone_code", "order_count", "oldest_at")
WAYS = ("way", "order_count", "share_ratio", "example_order_id")
DEVIATIONS = ("deviation_code", "order_count", "share_ratio", "event_count", "last_occurred_at")
HOP_ORDERS = (*process.ORDER_COLUMNS, "reached_at", "waited_minutes")
DEVIATION_ORDERS = (*process.ORDER_COLUMNS, "event_type", "occurred_at", "headline_status")

context = require("process")
t, reader, fmt = context.terms, context.reader, context.fmt
Orders = Callable[[int, int], list[dict[str, Any]]]


def filter_bar() -> process.Slice:
    """Period, channels and warehouses, all in the address."""
    days = url.read_choice("days", DAYS, "30")
    offered = overview.choices(reader)["channel"]
    channels = url.read_many("channel", offered)
    sites = process.warehouses(reader)
    warehouses = url.read_many("warehouse", sites)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            t("process.days"),
            DAYS,
            format_func=lambda n: t("recon.last_days", n=n),
            key="process_days",
            on_change=url.bound("process_days", "days", days, "page"),
            required=True,
        )
        st.multiselect(
            t("filter.channel"),
            offered,
            format_func=lambda code: context.labels("channel", code),
            placeholder=t("filter.any"),
            key="process_channel",
            on_change=url.bound("process_channel", "channel", list(channels), "page"),
            width=220,
        )
        st.multiselect(
            t.code("column", "warehouse_id"),
            sites,
            placeholder=t("filter.any"),
            key="process_warehouse",
            on_change=url.bound("process_warehouse", "warehouse", list(warehouses), "page"),
            width=200,
        )
    first = context.today - timedelta(days=int(days) - 1)
    return process.Slice(first=first, last=context.today, channels=channels, warehouses=warehouses)


def way(variant_code: str) -> str:
    """A variant in words: the milestones one after another, `+` where one was repeated."""
    return " → ".join(
        t.code("milestone", code.removesuffix("+")) + ("+" if code.endswith("+") else "")
        for code in variant_code.split(">")
    )


def heading(text: str, name: str, columns: Sequence[str], rows: Callable[[int], Any]) -> None:
    """A heading with the export of what stands under it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(plain(text), anchor=False)
        export_menu(
            context,
            Sheet(
                name=f"process-{name}",
                title=text,
                columns=[(column, t.code("column", column)) for column in columns],
                rows=rows,
                described=str(wanted),
            ),
            key=name,
        )


def chosen_code(rows: list[dict[str, Any]], codes: list[str], columns: Sequence[str]) -> str:
    """The master list; the ticked row goes into the address, the first stands for none."""
    picked = grid(
        context, rows, columns, key=f"process_{shown}", alt=t.code("process_view", shown),
        select=True,
    )  # fmt: skip
    st.caption(t("process.pick"))
    if picked and codes[picked[0]] != url.read("of"):
        url.write(of=codes[picked[0]], page=None)
    return url.read_choice("of", codes, codes[0])


def orders_of(title: str, columns: Sequence[str], orders: Orders, total: int) -> None:
    """The orders behind a row; a ticked one is opened."""
    heading(title, f"{shown}-orders", columns, lambda limit: orders(limit, 0))
    offset = (url.read_number("page", 1) - 1) * PAGE
    rows = orders(PAGE, offset)
    ticked = grid(context, rows, columns, key=f"{shown}_orders", alt=title, select=True)
    filters.pages(context, total, PAGE)
    if ticked:
        st.switch_page("views/order.py", query_params={"id": rows[ticked[0]]["order_id"]})


def show_hops() -> None:
    rows = process.hops(reader, wanted)
    for row in rows:
        row["hop"] = way(f"{row['from_milestone_code']}>{row['milestone_code']}")
    heading(t("process.hops"), "hops", HOPS, lambda limit: rows[:limit])
    st.caption(t("process.hops_help"))
    if not rows:
        frame.empty(t("process.no_hops"))
        return
    codes = [f"{row['from_milestone_code']}>{row['milestone_code']}" for row in rows]
    code = chosen_code(rows, codes, HOPS)
    hop = (code.split(">")[0], code.split(">")[1])
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.subheader(plain(way(code)), anchor=False)
        charts.durations(context, process.hop_days(reader, wanted, hop))
    with right:
        st.subheader(t("process.standing"), anchor=False)
        st.caption(t("process.standing_help"))
        standing = process.standing(reader, wanted)
        if standing:
            grid(context, standing, STANDING, key="standing", alt=t("process.standing"))
        else:
            frame.empty(t("process.none_standing"), icon=":material/task_alt:")

    def orders(limit: int, offset: int) -> list[dict[str, Any]]:
        return process.hop_orders(reader, wanted, hop, limit=limit, offset=offset)

    total = rows[codes.index(code)]["order_count"]
    orders_of(t("process.slowest", hop=way(code)), HOP_ORDERS, orders, total)


def show_variants() -> None:
    rows = process.variants(reader, wanted, limit=VARIANTS)
    for row in rows:
        row["way"] = way(row["variant_code"])

    def everything(limit: int) -> list[dict[str, Any]]:
        found = process.variants(reader, wanted, limit=limit)
        return [row | {"way": way(row["variant_code"])} for row in found]

    heading(t("process.variants"), "variants", WAYS, everything)
    st.caption(t("process.variants_help", n=VARIANTS))
    codes = [row["variant_code"] for row in rows]
    code = chosen_code(rows, codes, WAYS)

    def orders(limit: int, offset: int) -> list[dict[str, Any]]:
        return process.variant_orders(reader, wanted, code, limit=limit, offset=offset)

    total = rows[codes.index(code)]["order_count"]
    orders_of(t("process.went"), HOP_ORDERS, orders, total)


def show_deviations() -> None:
    rows = process.deviations(reader, wanted)
    heading(t("process.deviations"), "deviations", DEVIATIONS, lambda limit: rows[:limit])
    st.caption(t("process.deviations_help"))
    if not rows:
        frame.empty(t("process.no_deviations"), icon=":material/task_alt:")
        return
    code = chosen_code(rows, [row["deviation_code"] for row in rows], DEVIATIONS)

    def orders(limit: int, offset: int) -> list[dict[str, Any]]:
        return process.deviation_orders(reader, wanted, code, limit=limit, offset=offset)

    total = next(row["event_count"] for row in rows if row["deviation_code"] == code)
    orders_of(context.labels("deviation", code), DEVIATION_ORDERS, orders, total)


st.header(t("nav.process"), anchor=False)
wanted = filter_bar()
told = process.summary(reader, wanted)
if not told["order_count"]:
    frame.empty(t("process.empty"), t("process.empty_hint"), ":material/route:")
    st.stop()
whole = timedelta(minutes=int(told["total_minutes"] or 0) / told["order_count"])
with st.grid(4, min_column_width=180):
    st.metric(t("process.orders"), fmt.count(told["order_count"]), border=True)
    st.metric(t("process.whole"), fmt.duration(whole), border=True, help=t("process.whole_help"))
    st.metric(
        t("process.work"), fmt.ratio(told["work_ratio"]), border=True, help=t("process.work_help")
    )
    st.metric(
        t("process.deviating"), fmt.ratio(told["deviating_count"] / told["order_count"]),
        border=True, help=t("process.deviating_help"),
    )  # fmt: skip
shown = url.read_choice("view", SHOWN, SHOWN[0])
st.segmented_control(
    t("process.view"),
    SHOWN,
    format_func=lambda code: t.code("process_view", code),
    key="process_view",
    on_change=url.bound("process_view", "view", shown, "of", "page"),
    label_visibility="collapsed",
    required=True,
)
{"hops": show_hops, "variants": show_variants, "deviations": show_deviations}[shown]()
