"""Metrics of hops, contacts, shelves, queues and who bears discounts by hand, as in `kpis`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable

from tests.support.rows import Marts, Row, divided, median, minutes, quantile, share, total

_CONTACTS = (
    "COMPLAINT_OPENED", "ENQUIRY_RECEIVED", "CUSTOMER_REPORTED_NOT_RECEIVED", "BUYER_URGED",
)  # fmt: skip


def _hops(m: Marts) -> list[float]:
    return [float(h["waited_minutes"]) for h in m.hops if h["from_milestone_code"]]


def _reopened(m: Marts) -> float | None:
    closed = [case for case in m.cases if case["closed_at"]]
    ruled = [e for e in m.events if e["event_type"] == "PLATFORM_INTERVENED"]

    def is_back(case: Row) -> bool:
        again = any(
            other["order_id"] == case["order_id"] and other["case_id"] != case["case_id"]
            and other["requested_at"] and other["requested_at"] > case["closed_at"]
            for other in m.cases
        )  # fmt: skip
        return again or any(
            e["case_id"] == case["case_id"] and e["occurred_at"] > case["closed_at"] for e in ruled
        )

    return share([case for case in closed if is_back(case)], closed)


def _repeated(m: Marts) -> float | None:
    known = {order["order_id"] for order in m.orders}
    wrote = Counter(e["order_id"] for e in m.events if e["event_type"] in _CONTACTS)
    mine = [n for order_id, n in wrote.items() if order_id in known]
    return share([n for n in mine if n > 1], mine)


def _sold_through(m: Marts) -> float | None:
    left = {(p["sku"], p["warehouse_id"]): max(p["on_hand_quantity"], 0) for p in m.stock}
    plans = m.rows("fct_stock_plans")
    sold = total(plans, "sold_quantity")
    rest = sum(float(left.get((p["sku"], p["warehouse_id"]), 0)) for p in plans)
    return divided(sold, sold + rest)


def _unserved(m: Marts) -> float | None:
    lines = m.rows("fct_stock_demand")
    return share([line for line in lines if not line["is_served"]], lines)


def _without_house(m: Marts) -> float:
    """Beyond what all houses have left, article by article: in whichever order they are served."""
    left: dict[str, float] = defaultdict(float)
    for place in m.stock:
        left[place["sku"]] += max(float(place["atp_quantity"]), 0)
    wanted: dict[str, float] = defaultdict(float)
    for line in m.rows("fct_stock_unallocated"):
        wanted[line["sku"]] += float(line["open_quantity"])
    return sum(max(pieces - left[sku], 0) for sku, pieces in wanted.items())


def _shrunk(m: Marts) -> float | None:
    cost = {a["sku"]: a["cost_amount"] for a in m.rows("dim_products")}
    lines = [
        c for c in m.mine(m.rows("fct_stock_counts"))
        if c["counted_quantity"] is not None and c["variance_amount"] is not None
        and cost.get(c["sku"]) is not None
    ]  # fmt: skip
    lost = sum(float(-c["variance_amount"]) for c in lines if c["variance_amount"] < 0)
    return divided(lost, sum(float(c["book_quantity"] * cost[c["sku"]]) for c in lines))


def _stays(m: Marts) -> list[float]:
    return [
        minutes(i["opened_at"], m.left(i)) for i in m.closed_items if m.left(i) >= i["opened_at"]
    ]


def _borne(m: Marts, *bearers: str) -> float:
    mine = {order["order_id"] for order in m.mine(m.valid)}
    lines = [line for line in m.rows("fct_order_lines") if line["order_id"] in mine]
    return total(lines, *(f"{bearer}_discount_amount" for bearer in bearers))


WORK: dict[str, Callable[[Marts], float | None]] = {
    "hop_minutes_p50": lambda m: median(_hops(m)),
    "hop_minutes_p90": lambda m: quantile(_hops(m), 0.9),
    "case_reopen_ratio": _reopened,
    "repeat_contact_ratio": _repeated,
    "sell_through_ratio": _sold_through,
    "backorder_line_ratio": _unserved,
    "unallocated_units": lambda m: total(m.rows("fct_stock_unallocated"), "open_quantity"),
    "oversold_unallocated_units": _without_house,
    "shrink_ratio": _shrunk,
    "discounts_by_platform": lambda m: _borne(m, "platform"),
    "discounts_by_influencer": lambda m: _borne(m, "influencer"),
    "discounts_by_merchant": lambda m: (
        total(m.mine(m.valid), "discount_amount") - _borne(m, "platform", "influencer")
    ),
    "queue_stay_mean": lambda m: divided(sum(_stays(m)), len(_stays(m))),
}
