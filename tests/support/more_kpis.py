"""More metrics by hand: costs, money on its way, buyers over time, stock, forecasts, work at cases.

The same rules as in `kpis`: plain loops over the marts' rows, without our formulas.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta

from tests.support.rows import (
    SETTLING,
    WORKED,
    Marts,
    Row,
    divided,
    median,
    minutes,
    net,
    quantile,
    share,
    total,
)

PARTS = ("goods_cost", "pick_pack", "freight", "payment_fee", "commission")
_TAKEN_BACK = ("credited", "voided")


def _costs(m: Marts) -> list[Row]:
    return m.mine(m.rows("fct_order_costs"))


def _known(m: Marts) -> list[Row]:
    parts = [f"{part}_amount" for part in (*PARTS, "compensation")]
    return [o for o in _costs(m) if all(o[part] is not None for part in parts)]


def _left(m: Marts) -> float:
    parts = [f"{part}_amount" for part in (*PARTS, "compensation")]
    return float(sum(o["net_sales_amount"] - sum(o[p] for p in parts) for o in _known(m)))


def _spent(part: str) -> Callable[[Marts], float]:
    return lambda m: total(_costs(m), f"{part}_amount")


def _lags(m: Marts) -> list[float]:
    paid = {o["order_id"]: o["paid_at"] for o in m.orders if o["paid_at"]}
    out = {
        p["payout_id"]: p["paid_out_at"] for p in m.rows("fct_payouts")
        if p["payout_status"] != "failed"
    }  # fmt: skip
    return [
        minutes(paid[s["order_id"]], out[s["payout_id"]]) for s in m.rows("fct_settlement_lines")
        if s["line_kind"] == "payment" and s["order_id"] in paid and s["payout_id"] in out
    ]  # fmt: skip


def _invoiced(m: Marts) -> float | None:
    given = {i["order_id"] for i in m.rows("fct_invoices") if i["invoice_step"] == "issued"}
    return share([o for o in m.valid if o["order_id"] in given], m.valid)


def _standing(m: Marts) -> float:
    """What is issued, less what was credited or voided."""
    mine = m.mine(m.rows("fct_invoices"))
    issued = sum(i["amount"] for i in mine if i["invoice_step"] == "issued")
    return float(issued - sum(i["amount"] for i in mine if i["invoice_step"] in _TAKEN_BACK))


def _synced(m: Marts) -> list[float]:
    return [
        minutes(c["started_at"], min(c["stopped_at"] or m.as_of, m.as_of))
        for c in m.due("S12", "S03P", "S03D", "S03R")
    ]


def _feeds(m: Marts) -> list[float]:
    marks = [f["watermark_at"] for f in m.rows("agg_feed_watermarks")]
    return [minutes(at, m.as_of) for at in marks if at and at <= m.as_of]


def _plans(m: Marts) -> list[Row]:
    return m.rows("fct_stock_plans")


def _counted(m: Marts, abc: str | None = None) -> float | None:
    lines = [
        c for c in m.rows("fct_stock_counts")
        if c["counted_quantity"] is not None and abc in (None, c["abc_class"])
    ]  # fmt: skip
    return share([c for c in lines if c["is_within_tolerance"]], lines)


def _turnover(m: Marts) -> float | None:
    cost = {a["sku"]: a["cost_amount"] for a in m.rows("dim_products")}
    sold = [p for p in m.mine(_plans(m)) if p["turnover_ratio"] and cost.get(p["sku"])]
    over = sum(float(p["sold_quantity"] * cost[p["sku"]]) for p in sold)
    under = sum(
        float(p["sold_quantity"]) / float(p["turnover_ratio"]) * float(cost[p["sku"]]) for p in sold
    )
    return divided(over, under)


def _unsold(days: int) -> Callable[[Marts], float]:
    def value(m: Marts) -> float:
        last = m.as_of.date() - timedelta(days=days)
        return total(
            [p for p in m.mine(_plans(m)) if (p["stock_value_amount"] or 0) > 0
             and (p["last_sold_date"] < last if p["last_sold_date"] else p["active_days"] >= days)],
            "stock_value_amount",
        )  # fmt: skip

    return value


def _buyers(m: Marts) -> dict[str, list[Row]]:
    """Buyer -> valid orders from the first on."""
    found: dict[str, list[Row]] = defaultdict(list)
    for order in sorted(m.valid, key=lambda o: (o["placed_at"], o["order_id"])):
        if order["buyer_phone_index"]:
            found[order["buyer_phone_index"]].append(order)
    return found


def _retained(days: int) -> Callable[[Marts], float | None]:
    def value(m: Marts) -> float | None:
        span = timedelta(days=days)
        ripe = [of for of in _buyers(m).values() if of[0]["placed_at"] <= m.as_of - span]
        back = [
            of for of in ripe if len(of) > 1 and of[1]["placed_at"] <= of[0]["placed_at"] + span
        ]
        return share(back, ripe)

    return value


def _worth(days: int | None) -> Callable[[Marts], float | None]:
    def value(m: Marts) -> float | None:
        over, under = 0.0, 0
        for of in _buyers(m).values():
            first = of[0]
            if (first["currency_code"] or "") != m.currency:
                continue
            span = timedelta(days=days or 100_000)
            if days and first["placed_at"] > m.as_of - span:
                continue
            under += 1
            over += net([o for o in m.mine(of) if o["placed_at"] <= first["placed_at"] + span])
        return divided(over, under)

    return value


def _defective(days: int) -> Callable[[Marts], float | None]:
    def value(m: Marts) -> float | None:
        span = timedelta(days=days)
        hurt: dict[str, list[datetime]] = defaultdict(list)
        for case in m.cases:
            if case["intervened_at"]:
                hurt[case["order_id"]].append(case["intervened_at"])
        for e in m.events:
            is_bad = e["event_type"] == "SATISFACTION_SCORED" and (e["quantity"] or 9) <= 2
            if is_bad or e["event_type"] in ("COMPLAINT_ESCALATED", "CHARGEBACK_OPENED"):
                hurt[e["order_id"]].append(e["occurred_at"])
        ripe = [o for o in m.valid if o["placed_at"] <= m.as_of - span]
        bad = [o for o in ripe if any(at <= o["placed_at"] + span for at in hurt[o["order_id"]])]
        return share(bad, ripe)

    return value


def _complaints(m: Marts) -> float | None:
    mine = {o["order_id"] for o in m.valid}
    opened = [
        e for e in m.events if e["event_type"] == "COMPLAINT_OPENED" and e["order_id"] in mine
    ]
    return divided(1000 * len(opened), len(mine))


def _answered(m: Marts) -> float | None:
    of = ("order_id", "entity_id")
    scored = {tuple(e[k] for k in of) for e in m.events if e["event_type"] == "SATISFACTION_SCORED"}
    resolved = [e for e in m.events if e["event_type"] == "COMPLAINT_RESOLVED"]
    return share([e for e in resolved if tuple(e[k] for k in of) in scored], resolved)


def _picked(m: Marts) -> float | None:
    wrong: dict[str, float] = defaultdict(float)
    for e in m.events:
        if e["event_type"] == "OPERATOR_ERROR_FOUND":
            wrong[e["order_id"]] += float(1 if e["quantity"] is None else e["quantity"])
    sent = {o["order_id"]: float(o["shipped_quantity"]) for o in m.shipped}
    right = sum(n - min(n, wrong[order_id]) for order_id, n in sent.items() if n > 0)
    return divided(right, sum(sent.values()))


def _forecasts(what: str) -> Callable[[Marts], float | None]:
    def value(m: Marts) -> float | None:
        bins = m.rows("agg_breach_calibration")
        n, broke = total(bins, "forecast_count"), total(bins, "breach_count")
        if what == "brier":
            over = sum(float(b["forecast_count"] * b["brier_score"]) for b in bins)
            return divided(over, n)
        if what == "bias":
            over = sum(float(b["forecast_count"] * b["mean_probability"]) for b in bins)
            return divided(over - broke, n)
        top = [b for b in bins if b["probability_bin"] == 9]
        among = total(top, "forecast_count")
        return total(top, "breach_count") / among / (broke / n) if among and broke else None

    return value


def _done(m: Marts) -> list[Row]:
    """What was done about cases: noted, asked of others, settled; not what was taken back."""
    steps = m.rows("fct_decisions")
    return [d for d in steps if d["verb"] in WORKED and d["decision_id"] not in m.undone]


def _settling(m: Marts) -> list[Row]:
    return [d for d in _done(m) if d["verb"] in SETTLING]


def _touch(m: Marts) -> list[float]:
    """How long each thing took: since its doer's step before, a claim or the last thing."""
    before = [
        d for d in m.rows("fct_decisions")
        if d["verb"] in ("claim", "assign", "escalate") or d["verb"] in WORKED - SETTLING
    ]  # fmt: skip
    found = []
    for d in _done(m):
        own = [
            c["decided_at"] for c in before
            if (c["item_id"], c["actor_id"]) == (d["item_id"], d["actor_id"])
            and c["decided_at"] <= d["decided_at"] and c["decision_id"] != d["decision_id"]
        ]  # fmt: skip
        found.append(minutes(max(own, default=d["decided_at"]), d["decided_at"]))
    return found


def _claimed(m: Marts) -> list[float]:
    """From the first claim of a case to what settled it."""
    claims = [d for d in m.rows("fct_decisions") if d["verb"] == "claim"]
    found = []
    for d in _settling(m):
        at = [c["decided_at"] for c in claims
              if c["item_id"] == d["item_id"] and c["decided_at"] <= d["decided_at"]]  # fmt: skip
        found.append(minutes(min(at, default=d["decided_at"]), d["decided_at"]))
    return found


def _untouched(m: Marts) -> float | None:
    worked = {d["item_id"] for d in _done(m)}
    return share([i for i in m.closed_items if i["item_id"] not in worked], m.closed_items)


def _taken_back(m: Marts) -> float | None:
    aids = ("claim", "release", "snooze", "assign", "escalate", "undo")
    steps = [d for d in m.rows("fct_decisions") if d["verb"] not in aids]
    return share([d for d in steps if d["decision_id"] in m.undone], steps)


MORE: dict[str, Callable[[Marts], float | None]] = {
    "invoiced_ratio": _invoiced,
    "invoiced_amount": _standing,
    "missing_invoices": lambda m: sum(
        1 for b in m.rows("fct_recon_breaks")
        if b["break_type"] == "NOT_INVOICED" and b["opened_at"] <= m.as_of
    ),
    "contribution": _left,
    "contribution_per_order": lambda m: divided(_left(m), len(_known(m))),
    "contribution_known_ratio": lambda m: share(
        [o for o in m.rows("fct_order_costs") if o["contribution_amount"] is not None],
        m.rows("fct_order_costs"),
    ),
    "goods_cost": _spent("goods_cost"),
    **{f"{part}_cost": _spent(part) for part in PARTS[1:]},
    "settlement_lag_p50": lambda m: median(_lags(m)),
    "settlement_lag_p90": lambda m: quantile(_lags(m), 0.9),
    "supplier_recovery_ratio": lambda m: divided(
        *(total([c for c in m.mine(m.cases) if c["compensation_amount"]], name)
          for name in ("supplier_amount", "compensation_amount"))
    ),
    "sync_minutes_p95": lambda m: quantile(_synced(m), 0.95),
    "sync_in_time_ratio": lambda m: share([n for n in _synced(m) if n <= 15], _synced(m)),
    "feed_age_p50": lambda m: median(_feeds(m)),
    "feed_age_p90": lambda m: quantile(_feeds(m), 0.9),
    "publish_age_p90": lambda m: quantile(
        [minutes(s["published_at"], m.as_of) for s in m.rows("fct_channel_stock")
         if s["published_at"] and s["published_at"] <= m.as_of],
        0.9,
    ),
    "cover_days_p50": lambda m: median(
        [float(p["cover_days"]) for p in _plans(m) if p["cover_days"] is not None]
    ),
    "stockout_ratio": lambda m: divided(
        *(total(_plans(m), name) for name in ("stockout_days", "active_days"))
    ),
    "lost_units_estimate": lambda m: total(_plans(m), "lost_estimate_quantity"),
    "oversell_ratio": lambda m: divided(
        total(
            [s for s in m.stock if (s["sku"], s["warehouse_id"])
             in {(p["sku"], p["warehouse_id"]) for p in _plans(m)}],
            "oversold_quantity",
        ),
        total(_plans(m), "sold_quantity"),
    ),
    "count_accuracy_ratio": _counted,
    **{f"count_accuracy_{abc.lower()}_ratio": lambda m, abc=abc: _counted(m, abc) for abc in "ABC"},
    "shrinkage": lambda m: -total(
        [c for c in m.mine(m.rows("fct_stock_counts")) if (c["variance_amount"] or 0) < 0],
        "variance_amount",
    ),
    "stock_turnover": _turnover,
    "stock_value": lambda m: total(m.mine(_plans(m)), "stock_value_amount"),
    "dead_stock_value": _unsold(90),
    "slow_stock_value": _unsold(30),
    "repeat_buyer_ratio": lambda m: share(
        [of for of in _buyers(m).values() if len(of) > 1], _buyers(m)
    ),
    **{f"retention_ratio_{days}d": _retained(days) for days in (30, 60, 90)},
    "lifetime_value": _worth(None),
    "lifetime_value_30d": _worth(30),
    **{f"order_defect_ratio_{days}d": _defective(days) for days in (30, 60)},
    "complaints_per_thousand": _complaints,
    "satisfaction_response_ratio": _answered,
    "pick_accuracy": _picked,
    **{f"forecast_{what}": _forecasts(what) for what in ("brier", "bias", "lift")},
    "queue_auto_close_ratio": _untouched,
    "queue_touch_p50": lambda m: median(_touch(m)),
    "queue_handling_mean": lambda m: divided(
        sum(_touch(m)), len({d["item_id"] for d in _done(m)})
    ),
    "queue_claim_to_resolve_p50": lambda m: median(_claimed(m)),
    "queue_snooze_count": lambda m: sum(
        1 for d in m.rows("fct_decisions") if d["verb"] == "snooze"
    ),
    "queue_false_alarm_ratio": lambda m: share(
        [d for d in _settling(m) if d["verb"] == "dismiss" and d["reason_code"] == "false_alarm"],
        _settling(m),
    ),
    "decision_undone_ratio": _taken_back,
}  # fmt: skip
