"""The parts of the order page, one function a part."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import streamlit as st

from dashboards import reveal
from dashboards.acting import desk_of
from dashboards.components import order_history, revealing
from dashboards.components.case_panel import timeline
from dashboards.components.charts import waterfall
from dashboards.components.format import plain
from dashboards.components.frame import empty, facts
from dashboards.components.grids import grid
from dashboards.components.sla import countdown
from dashboards.components.why import sentence
from dashboards.context import Context
from dashboards.queries import orders
from dashboards.queries import queue as queue_query
from orderhouse.ledger import history, names_of

Row = Mapping[str, Any]
HEADLINE_COLORS = {
    "COMPLETED": "green",
    "DELIVERED": "green",
    "IN_TRANSIT": "blue",
    "PART_SHIPPED": "blue",
    "TO_SHIP": "primary",
    "IN_REVIEW": "orange",
    "ON_HOLD": "orange",
    "UNPAID": "gray",
    "CANCELLED": "gray",
    "BLOCKED": "red",
    "AFTER_SALES": "violet",
}
CONTACT = ("buyer_name", "buyer_phone", "ship_address")
AMOUNTS = (
    "goods_amount",
    "discount_amount",
    "shipping_amount",
    "tax_amount",
    "payable_amount",
    "captured_amount",
    "refunded_amount",
)


def search_page(context: Context, text: str) -> None:
    """Orders that match a number; the way in when there is no link."""
    t = context.terms
    st.header(t("nav.order"), anchor=False)
    wanted = st.text_input(
        t("order.search"), value=text, placeholder=t("top.jump_hint"), key="order_search"
    )
    if not wanted.strip():
        empty(t("order.search_hint"), icon=":material/search:")
        return
    found = orders.search(context.reader, wanted)
    if not found:
        empty(t("order.none_found"), t("order.missing_hint"), ":material/search_off:")
        return
    columns = [name for name in orders.FOUND if name != "currency_code"]
    picked = grid(context, found, columns, key="found", alt=t("order.search"), select=True)
    st.caption(t("order.pick"))
    if picked:
        st.switch_page("views/order.py", query_params={"id": found[picked[0]]["order_id"]})


def header(context: Context, order: Row) -> None:
    """Number, headline, axes and the dates people ask for."""
    t, fmt, labels = context.terms, context.fmt, context.labels
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.header(plain(order["order_id"]), anchor=False, width="content")
        headline = str(order["headline_status"])
        color = HEADLINE_COLORS.get(headline, "gray")
        st.badge(plain(labels("headline", headline)), color=color)
        if int(order["edit_count"] or 0):
            st.badge(plain(t("order.edits", n=int(order["edit_count"]))), color="gray")
        if int(order["deviation_count"] or 0):
            text = t("order.deviations", n=int(order["deviation_count"]))
            st.badge(plain(text), color="red", icon=":material/alt_route:")
        if order["requires_insurance"]:
            st.badge(plain(t("order.insure")), color="orange", icon=":material/shield:")
        came_by = [labels("channel", order["channel"]), order["shop_id"]]
        came_by += [
            labels(name, order[name]) for name in ("entry_point", "delivery_mode") if order[name]
        ]
        st.caption(plain(" · ".join(str(part) for part in came_by)))
    dates = ("placed_at", "paid_at", "shipped_at", "delivered_at", "ship_by_at", "last_event_at")
    facts([(t.code("column", name), fmt.time(order[name])) for name in dates], columns=6)


def cases(context: Context, order_id: str) -> None:
    """Open cases of the order, each a way into its queue."""
    t = context.terms
    mine = context.policy.may_open(context.session.roles, "queue")
    for row in queue_query.of_order(desk_of(context), order_id):
        count = countdown(row["due_at"], context.now, t, context.fmt, row.get("known_until_at"))
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            name = context.labels("queue", row["queue_code"])
            st.badge(plain(name), color="orange", icon=":material/flag:")
            if count.level != "none":
                st.badge(plain(count.text), color=count.color)
            st.text(sentence(row, t, context.labels, context.fmt))
            if mine:
                st.page_link(
                    "views/queue.py",
                    label=t("order.open_case"),
                    icon=":material/arrow_forward:",
                    query_params={"q": row["queue_code"], "item": row["item_id"]},
                )


def contact(context: Context, order: Row) -> None:
    """Masked contact; each value can be asked for by who may."""
    t = context.terms
    fields = [name for name in CONTACT if f"{name}_masked" in order]
    place = " ".join(str(order[n]) for n in ("ship_region", "ship_city") if order.get(n))
    with st.container(border=True):
        st.markdown(f"**{t('order.contact')}**")
        for name in fields:
            _field(context, order, name)
        facts([(t("order.place"), place or "–")], columns=1)
        if order.get("buyer_id"):
            facts([(t.code("column", "buyer_id"), str(order["buyer_id"]))], columns=1)
        if not fields:
            st.caption(t("order.contact_hidden"))


def _field(context: Context, order: Row, name: str) -> None:
    key = f"{order['order_id']}/{name}"
    value = revealing.shown_value(context, key)
    masked = order[f"{name}_masked"]
    with st.container(gap=None):
        st.caption(plain(context.terms.code("column", f"{name}_masked")))
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.text(value or masked or "–")
            if value:
                revealing.hide_in_time(context)
            elif masked and context.policy.may_reveal(context.session.roles, name):
                revealing.reveal_button(context, key)


def openers(context: Context, order: Row) -> dict[str, Callable[[reveal.Asked], str]]:
    """How each closed value of the order is opened."""
    order_id = str(order["order_id"])
    return {
        f"{order_id}/{name}": partial(reveal.reveal_contact, context, order_id, name)
        for name in CONTACT
    }


def amounts(context: Context, order: Row) -> None:
    t, fmt = context.terms, context.fmt
    shown = [name for name in AMOUNTS if name in order]
    if not shown:
        return
    with st.container(border=True):
        st.markdown(f"**{t('order.amounts')}**")
        for name in shown:
            with st.container(horizontal=True, horizontal_alignment="distribute"):
                st.caption(t.code("column", name), width="content")
                st.text(fmt.money(order[name], order["currency_code"]))


def _lines(context: Context, order: Row) -> None:
    rows = orders.lines(context.reader, order["order_id"])
    # The shop's own code is told where it is another than ours.
    shop = ("shop_sku",) if any(row["shop_sku"] != row["sku"] for row in rows) else ()
    columns = (
        "line_number", "sku", *shop, "product_name", "line_kind", "quantity", "shipped_quantity",
        "returned_quantity", "cancelled_quantity", "unit_price_amount", "line_amount",
        "supplier_id",
    )  # fmt: skip
    _table(context, rows, columns, "lines")


def _parcels(context: Context, order: Row) -> None:
    choices = orders.carrier_choices(context.reader, order["order_id"])
    if choices:
        st.markdown(f"**{context.terms('order.carriers')}**")
        st.caption(context.terms("order.carriers_hint"))
        offered = (
            "choice_rank", "carrier", "obstacle", "is_in_time", "shipping_cost_amount",
            "insurance_amount", "weight", "is_fragile", "usual_minutes", "latest_handover_at",
        )  # fmt: skip
        _table(context, choices, offered, "carriers")
    columns = (
        "carrier", "tracking_number", "logistics_status", "last_state_code", "last_place",
        "last_scan_at", "shipped_at", "delivered_at", "promised_at", "expected_at", "is_disputed",
        "warehouse_id", "insured_amount", "currency_code", "scan_count",
    )  # fmt: skip
    sent = orders.shipments(context.reader, order["order_id"])
    if sent or not choices:
        _table(context, sent, columns, "parcels")


def _after_sales(context: Context, order: Row) -> None:
    """Cases of the order: what was asked, what came back, who bears what."""
    columns = (
        "case_id", "case_kind", "case_status", "reason", "requested_at", "approved_at",
        "received_at", "inspected_at", "refunded_at", "closed_at", "requested_quantity",
        "received_quantity", "passed_quantity", "failed_quantity", "requested_amount",
        "refunded_amount", "compensation_amount", "supplier_amount", "ecom_amount",
        "platform_amount", "compensation_paid_amount", "liable_party", "handler_id",
        "return_tracking_number",
    )  # fmt: skip
    rows = orders.after_sales_cases(context.reader, order["order_id"])
    _table(context, rows, columns, "after_sales")


def _money(context: Context, order: Row) -> None:
    t = context.terms
    parts = orders.money_parts(context.reader, order["order_id"])
    if parts:
        left_over = sum(part["amount"] for part in parts)
        st.badge(
            plain(t("order.adds_up") if left_over == 0 else t("recon.residue", x=left_over)),
            color="green" if left_over == 0 else "red",
            icon=":material/balance:",
        )
        waterfall(context, parts)
        _table(context, parts, ("ledger_code", "component_code", "amount"), "money_parts")
    columns = ("kind", "number", "at", "amount", "detail")
    _table(context, orders.money_rows(context.reader, order["order_id"]), columns, "money")


def _invoices(context: Context, order: Row) -> None:
    columns = (
        "invoice_step", "event_at", "invoice_type", "title_type", "invoice_code",
        "invoice_number", "original_invoice_number", "amount", "tax_amount", "net_amount",
    )  # fmt: skip
    rows = orders.invoices(context.reader, order["order_id"])
    _table(context, rows, columns, "invoices")


def _sources(context: Context, order: Row) -> None:
    """Which bytes of which file each event came from."""
    columns = (
        "event_type", "occurred_at", "observed_at", "ingested_at", "source", "_file_id",
        "_row_number", "_byte_from", "_byte_to",
    )  # fmt: skip
    st.caption(context.terms("order.sources_hint"))
    _table(context, orders.events(context.reader, order["order_id"]), columns, "sources")


def _table(
    context: Context, rows: list[dict[str, Any]], columns: tuple[str, ...], name: str
) -> None:
    if not rows:
        empty(context.terms("order.nothing"))
        return
    grid(context, rows, columns, key=f"order_{name}", alt=context.terms(f"order.section.{name}"))


def _clocks(context: Context, order: Row) -> None:
    """Promises: what was due when, and how each ended or how long it still has."""
    t, fmt = context.terms, context.fmt
    rows = orders.clocks(context.reader, order["order_id"])
    if not rows:
        empty(t("order.no_clocks"))
        return
    for row in rows:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.text(context.labels("sla", row["sla_code"]))
            text, color = _clock_state(context, row)
            st.badge(plain(text), color=color, icon=":material/timer:")
            span = t(
                "order.clock_span", start=fmt.time(row["started_at"]), due=fmt.time(row["due_at"])
            )
            st.caption(plain(span))
            if row["paused_minutes"]:
                paused = fmt.duration(timedelta(minutes=float(row["paused_minutes"])))
                st.caption(plain(t("order.clock_paused", span=paused)))


def _clock_state(context: Context, row: Row) -> tuple[str, str]:
    t, fmt = context.terms, context.fmt
    if row["cancelled_at"]:
        return t("order.clock_cancelled"), "gray"
    if row["stopped_at"]:
        if row["due_at"] and row["stopped_at"] > row["due_at"]:
            return t(
                "order.clock_late", span=fmt.duration(row["stopped_at"] - row["due_at"])
            ), "red"
        return t("order.clock_met"), "green"
    count = countdown(row["due_at"], context.now, t, fmt, row.get("known_until_at"))
    return count.text, count.color


def _handled(context: Context, order: Row) -> None:
    entries = history(context.ledger, order_id=order["order_id"])
    timeline(context, entries, names_of(context.ledger), limit=100)


SECTIONS: dict[str, Callable[[Context, Row], None]] = {
    "timeline": order_history.timeline_of,
    "states": order_history.states_of,
    "lines": _lines,
    "parcels": _parcels,
    "after_sales": _after_sales,
    "money": _money,
    "invoices": _invoices,
    "clocks": _clocks,
    "sources": _sources,
    "handled": _handled,
}
