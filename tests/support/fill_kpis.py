"""Fill rates by hand: what was sent of what was sent or rejected, and at the first allocation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from tests.support.rows import Marts, Row, divided, share


def _rejected(m: Marts) -> dict[str, float]:
    """Pieces of each order that we did not send: taken out of it, or all that were left of it."""
    by_us = {
        e["order_id"] for e in m.events
        if e["event_type"] == "REVIEW_REJECTED"
        or (e["event_type"] == "ORDER_CANCELLED" and e["actor_type"] in ("staff", "seller"))
    }  # fmt: skip
    pieces = {}
    for o in m.orders:
        if o["order_status"] not in ("CANCELLED", "EXPIRED"):
            pieces[o["order_id"]] = float(o["cancelled_quantity"])
        elif o["order_id"] in by_us:
            left = o["ordered_quantity"] - o["shipped_quantity"]
            pieces[o["order_id"]] = float(max(left, 0))
    return pieces


def _decided(m: Marts) -> list[Row]:
    """Orders of which anything was shipped or rejected."""
    rejected = _rejected(m)
    over = ("CANCELLED", "EXPIRED")
    return [
        o for o in m.orders
        if o["shipped_quantity"] > 0 or rejected.get(o["order_id"], 0) > 0
        or (o["order_status"] in over and o["order_id"] in rejected)
    ]  # fmt: skip


def _held_for_stock(m: Marts) -> set[str]:
    return {
        e["order_id"] for e in m.events
        if e["event_type"] == "HOLD_APPLIED" and e["detail_code"] == "stock"
    }  # fmt: skip


def _units_filled(m: Marts) -> float | None:
    rejected = _rejected(m)
    sent = sum(float(min(o["shipped_quantity"], o["ordered_quantity"])) for o in m.orders)
    return divided(sent, sent + sum(rejected.get(o["order_id"], 0) for o in _decided(m)))


def _orders_filled(m: Marts) -> float | None:
    late = _held_for_stock(m) | {
        e["order_id"] for e in m.events if e["event_type"] == "PICK_SHORT"
    }  # fmt: skip
    orders = _decided(m)
    return share(
        [o for o in orders
         if o["shipped_quantity"] >= o["ordered_quantity"] and o["order_id"] not in late],
        orders,
    )  # fmt: skip


def _lines_filled(m: Marts) -> float | None:
    decided, late = {o["order_id"] for o in _decided(m)}, _held_for_stock(m)
    shorts: dict[str, list[Row]] = defaultdict(list)
    for e in m.events:
        if e["event_type"] == "PICK_SHORT":
            shorts[e["order_id"]].append(e)
    lines = [
        row for row in m.rows("fct_order_lines")
        if row["order_id"] in decided and row["line_kind"] == "goods"
        and (row["shipped_quantity"] > 0 or row["cancelled_quantity"] > 0)
    ]  # fmt: skip

    def is_short(row: Row) -> bool:
        return row["order_id"] in late or any(
            (e["line_id"] or row["line_id"]) == row["line_id"]
            and (e["sku"] or row["sku"]) == row["sku"]
            for e in shorts[row["order_id"]]
        )

    whole = [row for row in lines if row["shipped_quantity"] >= row["quantity"]]
    return share([row for row in whole if not is_short(row)], lines)


FILL: dict[str, Callable[[Marts], float | None]] = {
    "unit_fill_ratio": _units_filled,
    "line_fill_ratio": _lines_filled,
    "order_fill_ratio": _orders_filled,
}
