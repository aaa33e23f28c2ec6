"""The marts of a build as plain rows, and the arithmetic that tests do with them by hand."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

import duckdb

from orderhouse.access import get_policy
from orderhouse.ledger.verbs import HANDLERS

Row = dict[str, Any]
REOPENING = frozenset({"reopen_break"})
# Verbs that leave a case where it is: who holds it, when it comes back, what was noted.
_HOLDING = frozenset({"claim", "release", "assign", "escalate", "snooze", "undo"})
_WORKED = frozenset(
    verb.code for verb in get_policy().verbs.values() if verb.does in ("note", "wait")
) | {"re_push", "chase_supplier", "reject_match"}
SETTLING = (
    (frozenset(HANDLERS) | {v.code for v in get_policy().verbs.values() if v.does == "settle"})
    - _HOLDING
    - _WORKED
    - REOPENING
    - {"stock_short", "stock_reached"}
)
WORKED = _WORKED | SETTLING


@dataclass(frozen=True)
class Marts:
    """The rows of a build, of one currency where they are money."""

    con: duckdb.DuckDBPyConnection
    as_of: datetime
    currency: str

    def rows(self, relation: str) -> list[Row]:
        cursor = self.con.execute(f"select * from marts.{relation}")
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    @cached_property
    def orders(self) -> list[Row]:
        return self.rows("fct_orders")

    @cached_property
    def events(self) -> list[Row]:
        return self.rows("fct_order_events")

    @cached_property
    def parcels(self) -> list[Row]:
        return self.rows("fct_shipments")

    @cached_property
    def clocks(self) -> list[Row]:
        return self.rows("fct_sla_clocks")

    @cached_property
    def cases(self) -> list[Row]:
        return self.rows("fct_after_sales_cases")

    @cached_property
    def hops(self) -> list[Row]:
        return self.rows("fct_order_milestones")

    @cached_property
    def items(self) -> list[Row]:
        return [row for row in self.rows("queue_items") if row["opened_at"] <= self.as_of]

    @cached_property
    def open_items(self) -> list[Row]:
        return [i for i in self.items if self.left(i) is None or self.left(i) > self.as_of]

    @cached_property
    def closed_items(self) -> list[Row]:
        return [i for i in self.items if self.left(i) and self.left(i) <= self.as_of]

    @cached_property
    def undone(self) -> set[str]:
        """What was taken back."""
        return {d["undoes_decision_id"] for d in self.rows("fct_decisions")}

    @cached_property
    def settled(self) -> dict[str, datetime]:
        """When each case was settled for good, by what its verbs mean, not by our column."""
        said: dict[str, list[tuple[datetime, str]]] = {}
        for d in self.rows("fct_decisions"):
            if d["decision_id"] not in self.undone and d["verb"] in SETTLING | REOPENING:
                said.setdefault(d["item_id"], []).append((d["decided_at"], d["verb"]))
        last = {item: max(steps) for item, steps in said.items()}
        return {item: at for item, (at, verb) in last.items() if verb in SETTLING}

    def left(self, item: Row) -> datetime | None:
        """When a case left its queue: its cause was gone, or somebody settled it before."""
        ends = [at for at in (item["closed_at"], self.settled.get(item["item_id"])) if at]
        return min(ends, default=None)

    @cached_property
    def stock(self) -> list[Row]:
        return self.rows("fct_stock_positions")

    @cached_property
    def valid(self) -> list[Row]:
        return [
            o for o in self.orders
            if o["order_status"] not in ("CANCELLED", "EXPIRED")
            and (o["paid_at"] or o["payment_status"] in ("NOT_REPORTED", "AUTHORIZED")
                 or (o["payment_method"] == "cod" and o["confirmed_at"]))
        ]  # fmt: skip

    @cached_property
    def firsts(self) -> dict[str, datetime]:
        """Buyer -> when the first valid order was placed."""
        found: dict[str, datetime] = {}
        for order in self.valid:
            buyer = order["buyer_phone_index"]
            if buyer:
                found[buyer] = min(found.get(buyer, order["placed_at"]), order["placed_at"])
        return found

    @property
    def shipped(self) -> list[Row]:
        return [order for order in self.orders if order["shipped_at"]]

    @property
    def delivered(self) -> list[Row]:
        return [order for order in self.orders if order["delivered_at"]]

    @property
    def handed(self) -> list[Row]:
        return [parcel for parcel in self.parcels if parcel["shipped_at"]]

    def mine(self, rows: Iterable[Row]) -> list[Row]:
        return [row for row in rows if (row["currency_code"] or "") == self.currency]

    def with_event(self, key: str, *wanted: tuple[str, str | None]) -> set[str]:
        """Orders or parcels (`key`) with one of the events (type, detail or any)."""
        return {
            event[key]
            for event in self.events
            for kind, detail in wanted
            if event["event_type"] == kind and detail in (None, event["detail_code"])
        }

    def due(self, *codes: str) -> list[Row]:
        return [
            clock for clock in self.clocks
            if (not codes or clock["sla_code"] in codes) and clock["cancelled_at"] is None
            and clock["due_at"] and (clock["stopped_at"] or clock["due_at"] <= self.as_of)
        ]  # fmt: skip

    def late(self) -> list[float]:
        ends = [(c["due_at"], c["stopped_at"] or self.as_of) for c in self.due()]
        return [minutes(due, min(end, self.as_of)) for due, end in ends if end > due]


def minutes(first: datetime, last: datetime) -> float:
    return (last - first) // timedelta(seconds=1) / 60


def share(part: Iterable[Any], whole: Iterable[Any]) -> float | None:
    over, under = len(list(part)), len(list(whole))
    return over / under if under else None


def total(rows: Iterable[Row], *columns: str) -> float:
    return float(sum((row[name] or 0) for row in rows for name in columns))


def quantile(values: list[float], q: float) -> float | None:
    """Between the two nearest values, by distance."""
    if not values:
        return None
    ordered = sorted(values)
    place = (len(ordered) - 1) * q
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def median(values: list[float]) -> float | None:
    return statistics.median(values) if values else None


def net(rows: Iterable[Row]) -> float:
    """What the goods were sold for and stayed sold."""
    return float(sum(max(sold(o) - o["refunded_amount"], min(sold(o), 0)) for o in rows))


def given_back_for_goods(m: Marts) -> float:
    """Refund after refund, as long as there is something left of what the goods were sold for."""
    left = {o["order_id"]: max(sold(o), 0) for o in m.orders}
    back = [
        r for r in m.rows("fct_refunds")
        if r["succeeded_at"] and r["refund_kind"] != "compensation"
    ]  # fmt: skip
    mine = {r["refund_id"] for r in m.mine(back)}
    given = 0
    for refund in sorted(back, key=lambda r: (r["succeeded_at"], r["refund_id"])):
        order = refund["order_id"]
        part = min(refund["amount"], left.get(order, refund["amount"]))
        left[order] = left.get(order, 0) - part
        given += part if refund["refund_id"] in mine else 0
    return float(given)


def sold(order: Row) -> Decimal:
    """What goods were sold for."""
    return (order["goods_amount"] or Decimal(0)) - order["discount_amount"]


def is_kept(clock: Row) -> bool:
    return clock["stopped_at"] is not None and clock["stopped_at"] <= clock["due_at"]


def divided(over: float, under: float) -> float | None:
    return over / under if under else None


def in_time(m: Marts) -> set[str]:
    return {c["order_id"] for c in m.clocks if c["sla_code"] == "S07" and is_kept(c)}


def whole(order: Row) -> bool:
    return order["shipped_quantity"] >= order["ordered_quantity"] - order["cancelled_quantity"]


def scanned(*codes: str) -> Callable[[Marts], float | None]:
    def value(m: Marts) -> float | None:
        seen = m.with_event("shipment_id", *[("TRACK_SCAN", code) for code in codes])
        return share([p for p in m.handed if p["shipment_id"] in seen], m.handed)

    return value


def back_within(days: int) -> Callable[[Marts], float | None]:
    def value(m: Marts) -> float | None:
        span = timedelta(days=days)
        ripe = [o for o in m.shipped if o["shipped_at"] <= m.as_of - span]
        received: dict[str, datetime] = {}
        for case in m.cases:
            if at := case["received_at"]:
                received[case["order_id"]] = min(at, received.get(case["order_id"], at))
        came = [
            o for o in ripe
            if o["order_id"] in received and received[o["order_id"]] <= o["shipped_at"] + span
        ]  # fmt: skip
        return share(came, ripe)

    return value


def _came_back(m: Marts, span: timedelta) -> dict[str, dict[str, list[Decimal]]]:
    """Pieces that came back in time, by order and article; what names none of its articles is out.

    Per article: pieces back, what was paid for it, pieces ordered.
    """
    articles: dict[str, dict[str, list[Decimal]]] = {}
    skus: dict[str, str] = {}
    for line in m.rows("fct_order_lines"):
        if line["line_kind"] == "goods" and line["sku"]:
            skus[line["line_id"]] = line["sku"]
            parts = articles.setdefault(line["order_id"], {}).setdefault(
                line["sku"], [Decimal(0)] * 3
            )
            parts[1] += line["line_amount"] or 0
            parts[2] += line["quantity"]
    left = {o["order_id"]: o["shipped_at"] for o in m.shipped}
    for event in m.events:
        is_back = event["event_type"] == "RETURN_RECEIVED" or (
            (event["event_type"], event["detail_code"]) == ("REFUND_SUCCEEDED", "return")
            and not event["case_id"]
        )
        if is_back and event["quantity"] and (at := left.get(event["order_id"])):
            sku = event["sku"] or skus.get(event["line_id"], "")
            parts = articles.get(event["order_id"], {}).get(sku)
            if parts and event["occurred_at"] <= at + span:
                parts[0] += event["quantity"]
    return articles


def units_back_within(days: int) -> Callable[[Marts], float | None]:
    def value(m: Marts) -> float | None:
        span = timedelta(days=days)
        ripe = [o for o in m.shipped if o["shipped_at"] <= m.as_of - span]
        back = _came_back(m, span)
        pieces = [
            min(o["shipped_quantity"], sum(p[0] for p in back.get(o["order_id"], {}).values()))
            for o in ripe
        ]
        return divided(float(sum(pieces)), total(ripe, "shipped_quantity"))

    return value


def value_back_within(days: int) -> Callable[[Marts], float | None]:
    def value(m: Marts) -> float | None:
        span = timedelta(days=days)
        ripe = [o for o in m.mine(m.shipped) if o["shipped_at"] <= m.as_of - span]
        worth: dict[str, float] = defaultdict(float)
        for line in m.rows("fct_order_lines"):
            if line["line_kind"] == "goods" and line["quantity"]:
                share_shipped = line["shipped_quantity"] / line["quantity"]
                worth[line["order_id"]] += float((line["line_amount"] or 0) * share_shipped)
        back = _came_back(m, span)
        came = [
            min(
                worth[o["order_id"]],
                float(sum(n * paid / ordered for n, paid, ordered in
                          back.get(o["order_id"], {}).values() if ordered)),
            )
            for o in ripe
        ]  # fmt: skip
        return divided(sum(came), sum(worth[o["order_id"]] for o in ripe))

    return value


def of_orders(kind: str, detail: str | None, base: str) -> Callable[[Marts], float | None]:
    def value(m: Marts) -> float | None:
        having = m.with_event("order_id", (kind, detail))
        among = getattr(m, base)
        return share([o for o in among if o["order_id"] in having], among)

    return value


def of_cases(kind: str) -> Callable[[Marts], float | None]:
    return lambda m: share(
        [c for c in m.cases if c["case_kind"] == kind and c["requested_at"]],
        [c for c in m.cases if c["requested_at"]],
    )
