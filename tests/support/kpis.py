"""Every metric computed again by hand: plain loops over the marts' rows, without our formulas.

`BY_HAND` maps a metric to a function of `Marts` that gives its value over all time, or None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

from tests.support.fill_kpis import FILL
from tests.support.more_kpis import MORE
from tests.support.report_kpis import REPORTED
from tests.support.rows import (
    Marts,
    Row,
    back_within,
    divided,
    given_back_for_goods,
    in_time,
    is_kept,
    median,
    minutes,
    net,
    of_cases,
    of_orders,
    quantile,
    scanned,
    share,
    sold,
    total,
    units_back_within,
    value_back_within,
    whole,
)
from tests.support.work_kpis import WORK


def perfect(m: Marts) -> list[Row]:
    troubled = m.with_event(
        "order_id", ("CUSTOMER_REPORTED_NOT_RECEIVED", None), ("COMPLAINT_OPENED", None),
        ("OPERATOR_ERROR_FOUND", None), ("PICK_SHORT", None),
        *[("TRACK_SCAN", code) for code in ("DAMAGED", "REFUSED", "LOST", "MISROUTED")],
    ) | {case["order_id"] for case in m.cases}  # fmt: skip
    kept = in_time(m)
    return [
        o for o in m.delivered
        if whole(o) and o["order_id"] in kept and o["order_id"] not in troubled
    ]  # fmt: skip


def otif(m: Marts) -> list[Row]:
    kept = in_time(m)
    too_late = {c["order_id"] for c in m.due("S18") if c["stopped_at"] and not is_kept(c)}
    return [o for o in m.delivered if whole(o) and o["order_id"] in kept - too_late]


def compensation(m: Marts) -> float:
    mine = {o["order_id"] for o in m.mine(m.valid)}
    return total([c for c in m.cases if c["order_id"] in mine], "compensation_amount")


_CLOSED = ("CANCELLED", "EXPIRED")
_FAILED = ("NO_CONTACT", "REFUSED", "ADDRESS", "DELIVERY_EXCEPTION", "OUT_OF_AREA")
_TROUBLE = (
    "NO_CONTACT", "REFUSED", "OUT_OF_AREA", "STUCK", "ADDRESS", "DAMAGED", "PICKUP_OVERDUE",
    "DELIVERY_EXCEPTION", "SIGN_OVERDUE", "CUSTOMS_EXCEPTION", "LOST",
)  # fmt: skip


def _reviews(m: Marts) -> list[Row]:
    return [
        e for e in m.events
        if e["event_type"] in ("REVIEW_PASSED", "REVIEW_REJECTED") and e["detail_code"] != "cs"
    ]  # fmt: skip


def _held_back(m: Marts) -> list[Row]:
    held = m.with_event("order_id", ("REVIEW_ENTERED", "manual"), ("REVIEW_ENTERED", "hold"))
    decided = ("PASSED", "REJECTED", "BLOCKED")
    return [o for o in m.orders if o["order_id"] in held and o["review_status"] in decided]


def _seller_cancelled(m: Marts) -> list[Row]:
    ours = m.with_event("order_id", ("REVIEW_REJECTED", None)) | {
        e["order_id"]
        for e in m.events
        if e["event_type"] == "ORDER_CANCELLED" and e["actor_type"] in ("staff", "seller")
    }
    return [o for o in m.orders if o["order_id"] in ours and not o["shipped_at"]]


def _review_minutes(m: Marts) -> list[float]:
    return [
        minutes(c["started_at"], c["stopped_at"])
        for c in m.clocks
        if c["sla_code"] == "S04" and c["stopped_at"]
    ]


def _in_warehouse(m: Marts) -> list[float]:
    released = {h["order_id"]: h["reached_at"] for h in m.hops if h["milestone_code"] == "RELEASED"}
    return [
        minutes(released[o["order_id"]], o["shipped_at"])
        for o in m.shipped
        if o["order_id"] in released
    ]


def _transit(m: Marts) -> list[float]:
    return [
        minutes(p["first_scan_at"], p["delivered_at"])
        for p in m.parcels
        if p["delivered_at"] and p["first_scan_at"] and p["delivered_at"] > p["first_scan_at"]
    ]


def _of(orders: Iterable[Row], chosen: set[str]) -> list[Row]:
    return [order for order in orders if order["order_id"] in chosen]


def _first_attempts(m: Marts) -> float | None:
    failed = m.with_event("shipment_id", *[("TRACK_SCAN", code) for code in _FAILED])
    delivered = [p for p in m.parcels if p["delivered_at"]]
    return share([p for p in delivered if p["shipment_id"] not in failed], delivered)


def _breaks(m: Marts) -> list[Row]:
    quiet = ("TIMING", "ROUNDING")
    return [b for b in m.rows("fct_recon_breaks") if b["break_type"] not in quiet]


def _by_engine(totals: list[Row], unit: str) -> float | None:
    matched, by_hand = total(totals, f"matched_{unit}"), total(totals, f"manual_{unit}")
    return divided(matched, matched + by_hand)


def _captures(m: Marts) -> list[Row]:
    return [
        p for p in m.rows("fct_payments")
        if p["payment_kind"] == "capture" and p["payment_status"] in ("succeeded", "failed")
    ]  # fmt: skip


def _part_of_money(part: str) -> Callable[[Marts], float | None]:
    """Counted again from the orders and the bills, each in its order's currency."""

    def value(m: Marts) -> float:
        orders = {o["order_id"]: o for o in m.mine(m.orders)}
        lines = [
            s for s in m.mine(m.rows("fct_settlement_lines"))
            if s["order_id"] in orders and s["line_kind"] != "payout"
        ]  # fmt: skip
        fees = sum(s["fee_amount"] or 0 for s in lines if not s["payout_id"])
        gross = sum(s["gross_amount"] for s in lines if not s["payout_id"])
        if part == "held":
            return float(gross - fees)
        if part == "settled":
            return float(sum(s["net_amount"] for s in lines if s["payout_id"]))
        kept = sum(o["captured_amount"] - o["refunded_amount"] for o in orders.values())
        return float(kept - sum(s["gross_amount"] for s in lines))

    return value


def _scored(m: Marts) -> list[Row]:
    scored = [e for e in m.events if e["event_type"] == "SATISFACTION_SCORED"]
    return [e for e in scored if e["quantity"] is not None]


def _scores(m: Marts) -> list[float]:
    return [float(e["quantity"]) for e in _scored(m)]


def _told(m: Marts) -> list[Row]:
    return [e for e in m.events if e["actor_type"] != "system"]


BY_HAND: dict[str, Callable[[Marts], float | None]] = {
    **MORE,
    **FILL,
    **REPORTED,
    **WORK,
    "placed_orders": lambda m: len(m.orders),
    "paid_orders": lambda m: sum(1 for o in m.orders if o["paid_at"]),
    "paid_orders_by_payment_day": lambda m: sum(1 for o in m.orders if o["paid_at"]),
    "valid_orders": lambda m: len(m.valid),
    "cancelled_orders": lambda m: sum(1 for o in m.orders if o["order_status"] in _CLOSED),
    "gmv_placed": lambda m: total(m.mine(m.orders), "goods_amount", "shipping_amount"),
    "gross_sales": lambda m: total(m.mine(m.valid), "goods_amount"),
    "discounts": lambda m: total(m.mine(m.valid), "discount_amount"),
    "returns": lambda m: float(sum(map(sold, m.mine(m.valid)))) - net(m.mine(m.valid)),
    "returns_by_refund_day": given_back_for_goods,
    "net_sales": lambda m: net(m.mine(m.valid)),
    "total_sales": lambda m: float(sum(map(sold, m.mine(m.valid))))
    + total(m.mine(m.valid), "shipping_amount", "tax_amount")
    - total(m.mine(m.valid), "refunded_amount"),
    "shipping_income": lambda m: total(m.mine(m.valid), "shipping_amount"),
    "tax_collected": lambda m: total(m.mine(m.valid), "tax_amount"),
    "units_sold": lambda m: total(m.valid, "ordered_quantity"),
    "units_per_order": lambda m: divided(total(m.valid, "ordered_quantity"), len(m.valid)),
    "average_order_value": lambda m: divided(net(m.mine(m.valid)), len(m.mine(m.valid))),
    "conversion_ratio": lambda m: share([o for o in m.orders if o["paid_at"]], m.orders),
    "cancel_ratio": lambda m: share(
        [o for o in m.orders if o["order_status"] in _CLOSED], m.orders
    ),
    "seller_cancel_ratio": lambda m: share(_seller_cancelled(m), m.orders),
    "unpaid_expiry_ratio": lambda m: share(
        [o for o in m.orders if o["payment_method"] != "cod" and o["order_status"] == "EXPIRED"],
        [o for o in m.orders if o["payment_method"] != "cod"],
    ),
    "revenue_per_buyer": lambda m: divided(
        net(m.mine(m.valid)),
        len({o["buyer_phone_index"] for o in m.mine(m.valid)} - {None}),
    ),
    "active_buyers": lambda m: len({o["buyer_phone_index"] for o in m.valid} - {None}),
    "repeat_order_ratio": lambda m: share(
        [o for o in m.valid if o["buyer_phone_index"]
         and o["placed_at"] > m.firsts[o["buyer_phone_index"]]],
        [o for o in m.valid if o["buyer_phone_index"]],
    ),
    "new_buyers": lambda m: sum(
        1 for o in m.valid
        if o["buyer_phone_index"] and o["placed_at"] == m.firsts[o["buyer_phone_index"]]
    ),
    "payment_success_ratio": lambda m: share(
        [p for p in _captures(m) if p["payment_status"] == "succeeded"], _captures(m)
    ),
    "take_rate": lambda m: divided(
        *(total([s for s in m.mine(m.rows("fct_settlement_lines")) if s["line_kind"] == "payment"],
                column) for column in ("fee_amount", "gross_amount"))
    ),
    "auto_approval_ratio": lambda m: share(
        [e for e in _reviews(m) if e["detail_code"] == "auto"], _reviews(m)
    ),
    "false_hold_ratio": lambda m: share(
        [o for o in _held_back(m) if o["review_status"] == "PASSED" and not o["edit_count"]],
        _held_back(m),
    ),
    "review_minutes_p50": lambda m: median(_review_minutes(m)),
    "review_minutes_p90": lambda m: quantile(_review_minutes(m), 0.9),
    "order_cycle_p50": lambda m: median(
        [minutes(o["paid_at"] or o["confirmed_at"] or o["placed_at"], o["delivered_at"])
         for o in m.delivered]
    ),
    "order_entry_p50": lambda m: median(
        [minutes(o["placed_at"], o["confirmed_at"]) for o in m.orders if o["confirmed_at"]]
    ),
    "order_dwell_p50": lambda m: median(
        [h["waited_minutes"] for h in m.hops
         if h["milestone_code"] == "RELEASED" and h["waited_minutes"] is not None]
    ),
    "warehouse_minutes_p50": lambda m: median(_in_warehouse(m)),
    "flow_efficiency": lambda m: divided(
        sum(h["waited_minutes"] or 0 for h in m.hops if h["is_work"]),
        sum(h["waited_minutes"] or 0 for h in m.hops),
    ),
    "on_time_ship_ratio": lambda m: share([c for c in m.due("S07") if is_kept(c)], m.due("S07")),
    "late_ship_ratio": lambda m: share([c for c in m.due("S07") if not is_kept(c)], m.due("S07")),
    "otif_ratio": lambda m: share(otif(m), m.delivered),
    "perfect_order_ratio": lambda m: share(perfect(m), m.delivered),
    "pick_short_ratio": of_orders("PICK_SHORT", None, "shipped"),
    "first_scan_p50": lambda m: median(
        [minutes(p["shipped_at"], p["first_scan_at"]) for p in m.handed
         if p["first_scan_at"] and p["first_scan_at"] >= p["shipped_at"]]
    ),
    "valid_tracking_ratio": lambda m: share(
        [p for p in m.handed if p["tracking_number"] and p["first_scan_at"]], m.handed
    ),
    "transit_minutes_p50": lambda m: median(_transit(m)),
    "transit_minutes_p90": lambda m: quantile(_transit(m), 0.9),
    "on_time_delivery_ratio": lambda m: share(
        [c for c in m.due("S18") if is_kept(c)], m.due("S18")
    ),
    "first_attempt_ratio": _first_attempts,
    "carrier_exception_ratio": scanned(*_TROUBLE),
    "loss_ratio": scanned("LOST"),
    "damage_ratio": scanned("DAMAGED"),
    "refusal_ratio": scanned("REFUSED"),
    "not_received_ratio": of_orders("CUSTOMER_REPORTED_NOT_RECEIVED", None, "delivered"),
    "exception_contact_ratio": lambda m: share(
        [c for c in m.due("S16") if is_kept(c)], m.due("S16")
    ),
    "after_sales_ratio": lambda m: share(
        _of(m.shipped, {c["order_id"] for c in m.cases}), m.shipped
    ),
    "return_order_ratio": lambda m: share(
        [o for o in m.shipped if o["returned_quantity"] > 0], m.shipped
    ),
    "return_unit_ratio": lambda m: divided(
        total(m.shipped, "returned_quantity"), total(m.shipped, "shipped_quantity")
    ),
    **{f"return_ratio_{days}d": back_within(days) for days in (7, 15, 30, 60)},
    **{f"return_unit_ratio_{days}d": units_back_within(days) for days in (7, 15, 30, 60)},
    **{f"return_value_ratio_{days}d": value_back_within(days) for days in (7, 15, 30, 60)},
    "return_value_ratio": lambda m: divided(
        total(m.mine(m.shipped), "refunded_amount"), total(m.mine(m.shipped), "captured_amount")
    ),
    "refund_order_ratio": lambda m: share(
        [o for o in m.valid if o["refunded_amount"] > 0], m.valid
    ),
    **{f"{kind}_case_share": of_cases(kind) for kind in ("refund", "exchange", "repair")},
    "refund_cycle_p50": lambda m: median(
        [minutes(c["requested_at"], c["refunded_at"]) for c in m.cases
         if c["refunded_at"] and c["requested_at"]]
    ),
    "refund_after_inspection_p50": lambda m: median(
        [minutes(c["inspected_at"], c["refunded_at"]) for c in m.cases
         if c["refunded_at"] and c["inspected_at"] and c["refunded_at"] >= c["inspected_at"]]
    ),
    "compensation_cost_ratio": lambda m: divided(compensation(m), net(m.mine(m.valid))),
    "complaint_order_ratio": of_orders("COMPLAINT_OPENED", None, "valid"),
    "major_complaint_ratio": lambda m: share(
        _of(m.valid, m.with_event("order_id", ("COMPLAINT_ESCALATED", None),
                                  ("COMPLAINT_OPENED", "major"))),
        m.valid,
    ),
    "satisfaction_score": lambda m: divided(
        sum(_scores(m)), len(_scores(m))
    ),
    "order_defect_ratio": lambda m: share(
        _of(m.valid, {c["order_id"] for c in m.cases if c["intervened_at"]} | m.with_event(
            "order_id", ("COMPLAINT_ESCALATED", None), ("CHARGEBACK_OPENED", None))
            | {e["order_id"] for e in _scored(m) if e["quantity"] <= 2}),
        m.valid,
    ),
    "ship_error_ratio": of_orders("OPERATOR_ERROR_FOUND", None, "shipped"),
    "sla_attainment": lambda m: share([c for c in m.due() if is_kept(c)], m.due()),
    "sla_breach_minutes": lambda m: sum(m.late()),
    "sla_overrun_p50": lambda m: median(m.late()),
    "sla_overrun_p90": lambda m: quantile(m.late(), 0.9),
    "sla_open_overdue": lambda m: sum(1 for c in m.due() if c["stopped_at"] is None),
    "queue_inflow": lambda m: len(m.items),
    "queue_outflow": lambda m: len(m.closed_items),
    "queue_open": lambda m: len(m.open_items),
    "queue_age_p90": lambda m: quantile(
        [minutes(i["opened_at"], m.as_of) for i in m.open_items], 0.9
    ),
    "queue_stay_p50": lambda m: median(
        [minutes(i["opened_at"], m.left(i)) for i in m.closed_items
         if m.left(i) >= i["opened_at"]]
    ),
    "queue_reopen_ratio": lambda m: share(
        [i for i in m.items if i["episode_number"] > 1], m.items
    ),
    "queue_at_risk": lambda m: total(m.mine(m.open_items), "at_risk_amount"),
    "recon_match_ratio": lambda m: divided(
        *(total(m.rows("agg_recon_totals"), column) for column in ("matched_count", "left_count"))
    ),
    "recon_match_value_ratio": lambda m: divided(
        *(total(m.mine(m.rows("agg_recon_totals")), column)
          for column in ("matched_amount", "left_amount"))
    ),
    "recon_break_amount": lambda m: total(m.mine(m.rows("agg_recon_totals")), "break_amount"),
    "break_age_p50": lambda m: median(
        [minutes(b["seen_at"], m.as_of) for b in _breaks(m)
         if b["state_code"] == "OPEN" and b["opened_at"] and b["opened_at"] <= m.as_of]
    ),
    "unexplained_amount": lambda m: float(
        sum(abs(b["difference_amount"]) for b in m.mine(_breaks(m))
            if b["state_code"] in ("OPEN", "SUSPENSE"))
    ),
    "explained_amount": lambda m: float(
        sum(abs(b["difference_amount"]) for b in m.mine(m.rows("fct_recon_breaks"))
            if b["break_type"] != "ROUNDING" and b["state_code"] not in ("OPEN", "SUSPENSE"))
    ),
    "auto_match_ratio": lambda m: _by_engine(m.rows("agg_recon_totals"), "count"),
    "auto_match_value_ratio": lambda m: _by_engine(m.mine(m.rows("agg_recon_totals")), "amount"),
    **{f"money_{part}": _part_of_money(part) for part in ("not_billed", "held", "settled")},
    "on_hand": lambda m: total(m.stock, "on_hand_quantity"),
    "available": lambda m: total(m.stock, "atp_quantity"),
    "stock_drift": lambda m: float(sum(abs(s["drift_quantity"] or 0) for s in m.stock)),
    "oversold_units": lambda m: total(m.stock, "oversold_quantity"),
    "out_of_stock_ratio": lambda m: share([s for s in m.stock if s["atp_quantity"] <= 0], m.stock),
    "late_event_ratio": lambda m: share(
        [e for e in _told(m) if e["ingested_at"] > e["occurred_at"] + timedelta(hours=1)], _told(m)
    ),
}  # fmt: skip
