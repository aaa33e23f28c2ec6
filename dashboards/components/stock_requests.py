"""Parts of the stock page: asking for an adjustment, a count or a transfer, and deciding about it.

Every button ends in `act`; what it refuses is shown in words.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import streamlit as st

from dashboards.acting import take_step
from dashboards.components import frame, url
from dashboards.components.format import plain
from dashboards.components.grids import grid
from dashboards.context import Context
from dashboards.queries import stock
from dashboards.stock_decided import Decided
from orderhouse.ledger import ObjectRef, StockRequest, stock_requests_of

ENTITY = "stock_request"
PROPOSALS = ("stock_adjust", "stock_transfer", "stock_count")
COLUMNS = (
    "request_id", "request_kind", "request_status", "sku", "warehouse_id", "to_warehouse_id", "lot",
    "quantity", "counted_quantity", "received_quantity", "under_way_quantity", "booked_quantity",
    "reason", "proposed_by", "proposed_at", "decided_by", "decided_at",
)  # fmt: skip
COLORS = {
    "proposed": "orange", "approved": "green", "under_way": "blue", "received": "green",
    "short": "red", "refused": "gray", "withdrawn": "gray",
}  # fmt: skip
STEPS: Mapping[str, tuple[str, ...]] = {
    "proposed": ("stock_approve", "stock_refuse", "stock_withdraw"),
    "under_way": ("stock_receive", "stock_write_off"),
}
ICONS = {
    "stock_approve": "task_alt", "stock_refuse": "block", "stock_withdraw": "undo",
    "stock_receive": "move_to_inbox", "stock_write_off": "remove_shopping_cart",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A request as it stands: the ledger's word, and what the warehouse told of it since.

    A receipt the warehouse told counts where none was entered here; what is entered here stands for
    all that has arrived. So the greater of the two is what has arrived.
    """

    request: StockRequest
    told: Mapping[str, Decimal]

    @property
    def arrived(self) -> Decimal:
        return max(self.request.received_quantity, self.told.get("transfer_in", Decimal(0)))

    @property
    def rest(self) -> Decimal:
        """Still under way."""
        one = self.request
        return max(one.under_way_quantity - self.arrived + one.received_quantity, Decimal(0))

    @property
    def status(self) -> str:
        if self.request.status == "under_way" and not self.rest:
            return "short" if self.request.lost_quantity else "received"
        return self.request.status

    @property
    def booked(self) -> Decimal | None:
        """What the warehouse has booked: of a transfer, what it has taken in."""
        if not self.told:
            return None
        is_transfer = self.request.kind == "transfer"
        came_in = self.told.get("transfer_in", Decimal(0))
        return came_in if is_transfer else sum(self.told.values(), Decimal(0))


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where something is asked for, what lies there by batch, and as of which row of the chain."""

    sku: str
    warehouse_id: str
    lots: Mapping[str | None, Decimal]
    warehouses: Sequence[str]
    seen_seq: int

    def there(self, lot: str | None) -> Decimal:
        return self.lots.get(lot, Decimal(0))


def place_of(context: Context, decided: Decided, sku: str, warehouse_id: str) -> Place:
    return Place(
        sku=sku,
        warehouse_id=warehouse_id,
        lots=stock.lots(context.reader, decided.moves, sku, warehouse_id),
        warehouses=stock.warehouses(context.reader),
        seen_seq=decided.seen_seq,
    )


def may(context: Context, verb: str) -> bool:
    """Stock belongs to no shop: who sees only some shops does not decide about it."""
    return context.session.shops is None and context.may(verb)


def waiting(context: Context) -> None:
    """A line for whoever may agree: requests of others that wait, with the way there."""
    if not may(context, "stock_approve"):
        return
    mine = context.session.user_id
    others = [
        one
        for one in stock_requests_of(context.ledger)
        if one.status == "proposed" and one.proposed_by != mine
    ]
    if others:
        st.page_link(
            "views/stock.py",
            label=plain(context.terms("stock.waiting", n=context.fmt.count(len(others)))),
            icon=":material/inventory_2:",
            query_params={"request": others[0].request_id},
        )


def ask(context: Context, place: Place) -> None:
    """The form: what, how many, why; and what would lie there afterwards."""
    t, fmt = context.terms, context.fmt
    able = [verb for verb in PROPOSALS if may(context, verb)]
    if not able:
        return
    with st.container(border=True, key="stock_ask"):
        st.markdown(f"**{plain(t('stock.ask', sku=place.sku, warehouse=place.warehouse_id))}**")
        verb = st.segmented_control(
            t("stock.ask_what"), able, format_func=lambda code: t.code("verb", code),
            default=able[0], key="stock_verb", label_visibility="collapsed", required=True,
        )  # fmt: skip
        with st.container(horizontal=True, vertical_alignment="bottom"):
            lot = _lot(context, place)
            if verb == "stock_transfer":
                others = [one for one in place.warehouses if one != place.warehouse_id]
                st.selectbox(t("stock.to"), others, key="stock_to", width=180)
            number = st.number_input(
                t(f"stock.how_many.{verb}"),
                value=0.0, step=1.0, format="%g", key=f"{verb}_quantity", width=150,
                min_value=None if verb == "stock_adjust" else 0.0,
            )  # fmt: skip
            reasons = context.policy.reasons.get(verb)
            if reasons:
                st.selectbox(
                    t("act.reason"), reasons, format_func=lambda code: t.code("reason", code),
                    key=f"{verb}_reason", width=180,
                )  # fmt: skip
            st.text_input(t("act.note"), key="stock_note", max_chars=500, width=220)
        there, quantity = place.there(lot), _decimal(number)
        after = {"stock_count": quantity, "stock_transfer": there - quantity}
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                plain(t("stock.after", n=fmt.quantity(there),
                        after=fmt.quantity(after.get(verb, there + quantity)))),
                width="content",
            )  # fmt: skip
            st.button(
                t("stock.submit"), key="stock_submit", type="primary", icon=":material/send:",
                on_click=_asked, args=(context, place, verb, lot),
            )  # fmt: skip


def _lot(context: Context, place: Place) -> str | None:
    named = [lot for lot in place.lots if lot is not None]
    if not named:
        return None
    offered: list[str | None] = [*named]
    if place.there(None):
        offered.append(None)
    t = context.terms
    return st.selectbox(
        t.code("column", "lot"), offered, format_func=lambda lot: lot or t("stock.no_lot"),
        key="stock_lot", width=160,
    )  # fmt: skip


def _decimal(number: Any) -> Decimal:
    return Decimal(f"{float(number or 0):.4f}").normalize()


def _asked(context: Context, place: Place, verb: str, lot: str | None) -> None:
    # What was typed may come in the same message as the click: it is read here, not when drawn.
    state = st.session_state
    name = state.setdefault("new_stock_request", f"OHS-{secrets.token_hex(6).upper()}")
    lot = state.get("stock_lot", lot) if lot is not None or None in place.lots else lot
    quantity = f"{_decimal(state.get(f'{verb}_quantity')):f}"
    args = {
        "sku": place.sku, "warehouse_id": place.warehouse_id, "lot": lot,
        "counted_quantity" if verb == "stock_count" else "quantity": quantity,
        "book_quantity": f"{place.there(lot):f}", "seen_seq": place.seen_seq,
        "reason_code": state.get(f"{verb}_reason"),
        "comment": str(state.get("stock_note") or "").strip(),
    }  # fmt: skip
    if verb == "stock_transfer":
        args["to_warehouse_id"] = state.get("stock_to")
    if _act(context, name, 0, verb, {key: value for key, value in args.items() if value != ""}):
        del state["new_stock_request"]
        for key in (f"{verb}_quantity", "stock_note"):
            state.pop(key, None)
        st.query_params["request"] = name


def _act(context: Context, name: str, version: int, verb: str, args: Mapping[str, Any]) -> bool:
    t = context.terms
    document = ObjectRef(queue_code=None, item_id=name, entity_type=ENTITY, entity_id=name)
    if problem := take_step(context, document, version, verb, args):
        frame.say(problem, "bad")
        return False
    frame.say(t("stock.done", verb=t.code("verb", verb), id=name))
    return True


def listed(
    context: Context, requests: Sequence[StockRequest], names: Mapping[str, str]
) -> Shown | None:
    """The requests, and the one that is open: the one of the address, else the first that waits."""
    t = context.terms
    if not requests:
        frame.empty(t("stock.no_requests"), icon=":material/task_alt:")
        return None
    told = stock.booked(context.reader, [one.request_id for one in requests])
    shown = [Shown(request=one, told=told.get(one.request_id, {})) for one in requests]
    rows = [_row(context, one, names) for one in shown]
    grid(
        context,
        rows,
        COLUMNS,
        key="stock_requests",
        alt=t("stock.requests_help"),
        height=240 if len(rows) > 5 else "auto",
    )
    by_id = {one.request.request_id: one for one in shown}
    opened = by_id.get(url.read("request"), shown[0])
    st.selectbox(
        t("stock.open"), list(by_id),
        format_func=lambda name: _title(context, by_id[name]), key="stock_request_open",
        on_change=url.bound("stock_request_open", "request", opened.request.request_id),
        width=520,
    )  # fmt: skip
    return opened


def _title(context: Context, shown: Shown) -> str:
    t, one = context.terms, shown.request
    status = t.code("stock_request_status", shown.status)
    return f"{one.request_id} · {t.code('stock_request_kind', one.kind)} · {one.sku} · {status}"


def _row(context: Context, shown: Shown, names: Mapping[str, str]) -> dict[str, Any]:
    one = shown.request
    row = {name: getattr(one, name) for name in COLUMNS if hasattr(one, name)}
    is_transfer = one.kind == "transfer"
    return row | {
        "request_kind": one.kind,
        "request_status": shown.status,
        "reason": context.terms.code("reason", one.reason_code),
        "received_quantity": shown.arrived if is_transfer else None,
        "under_way_quantity": shown.rest if is_transfer else None,
        "booked_quantity": shown.booked,
        "proposed_by": names.get(one.proposed_by or "", one.proposed_by),
        "decided_by": names.get(one.decided_by or "", one.decided_by),
    }


def panel(context: Context, decided: Decided, shown: Shown, names: Mapping[str, str]) -> None:
    """One request: where it stands, who did what, what comes next."""
    t, fmt, one = context.terms, context.fmt, shown.request
    place = place_of(context, decided, one.sku, one.warehouse_id)
    there = place.there(one.lot)
    with st.container(border=True, key="stock_request_panel"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{plain(one.request_id)}**", width="content")
            color = COLORS.get(shown.status, "gray")
            st.badge(t.code("stock_request_status", shown.status), color=color)
        where = " → ".join(filter(None, (one.warehouse_id, one.to_warehouse_id)))
        lot = f" · {t.code('column', 'lot')} {one.lot}" if one.lot else ""
        st.caption(plain(f"{one.sku} · {where}{lot} · {fmt.quantity(one.quantity)}"))
        for moment, who, what in (
            (one.proposed_at, one.proposed_by, "proposed"),
            (one.decided_at, one.decided_by, "decided"),
        ):
            if moment is not None:
                by = names.get(who or "", "")
                st.caption(plain(f"{t(f'stock.{what}')} {fmt.time(moment)} {by}".strip()))
        if one.status == "proposed":
            after = fmt.quantity(there + one.leaves)
            st.markdown(plain(t("stock.after", n=fmt.quantity(there), after=after)))
        _steps(context, place, shown)


def _steps(context: Context, place: Place, shown: Shown) -> None:
    t, fmt, one = context.terms, context.fmt, shown.request
    is_mine = one.proposed_by == context.session.user_id
    able = [verb for verb in STEPS.get(shown.status, ()) if may(context, verb)]
    # Whoever asked for it is not offered what needs another person; `act` refuses it anyway.
    own = {"stock_withdraw"} if is_mine else {"stock_approve", "stock_refuse"}
    able = [verb for verb in able if one.status != "proposed" or verb in own]
    if not able:
        return
    if "stock_refuse" in able:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.selectbox(
                t("stock.refuse_reason"), context.policy.reasons["stock_refuse"],
                format_func=lambda item: t.code("reason", item), key="stock_refuse_reason",
                width=240,
            )  # fmt: skip
            st.text_input(t("act.note"), key="stock_step_note", max_chars=500)
    if shown.status == "under_way":
        fields = {"sent": fmt.quantity(one.quantity), "rest": fmt.quantity(shown.rest)}
        st.caption(plain(t("stock.under_way", **fields)))
        st.number_input(
            t("stock.arrived"), value=float(one.quantity - one.lost_quantity), min_value=0.0,
            step=1.0, format="%g", key=_arrived_key(one), width=260,
        )  # fmt: skip
    with st.container(horizontal=True, gap="xsmall"):
        for verb in able:
            st.button(
                t.code("verb", verb), key=f"do_{verb}", icon=f":material/{ICONS[verb]}:",
                type="primary" if verb == able[0] else "secondary",
                on_click=_stepped, args=(context, place, shown, verb),
            )  # fmt: skip


def _arrived_key(one: StockRequest) -> str:
    return f"stock_arrived_{one.request_id}_{one.version}"


def _stepped(context: Context, place: Place, shown: Shown, verb: str) -> None:
    args: dict[str, Any] = {}
    state, one = st.session_state, shown.request
    if verb == "stock_approve":
        args = {"book_quantity": f"{place.there(one.lot):f}", "seen_seq": place.seen_seq}
    elif verb == "stock_refuse":
        note = str(state.get("stock_step_note") or "").strip()
        args = {"reason_code": str(state.get("stock_refuse_reason"))}
        args |= {"comment": note} if note else {}
    elif verb == "stock_receive":
        # Asked for in all, because what is entered here stands for what the warehouse told too.
        arrived = _decimal(state.get(_arrived_key(one)))
        args = {"quantity": f"{arrived - one.received_quantity:f}"}
    elif verb == "stock_write_off":
        args = {"quantity": f"{shown.rest:f}"}
    _act(context, one.request_id, one.version, verb, args)
