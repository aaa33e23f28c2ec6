"""A small business for the app's tests: some hundred orders of three shops, with every queue alive.

Not a demo and not the oracle of any rule: only rows of the shape the contract promises, the same
for the same seed. What the numbers mean is tested where they are computed.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.support.cases import add_cases, add_decisions
from tests.support.milestones import add_milestones
from tests.support.people import NOW
from tests.support.suppliers import add_suppliers
from tests.support.surroundings import (
    add_contacts,
    add_daily,
    add_loads,
    add_open_breaks,
    add_recon,
    add_stock,
    add_unsettled_order,
    money,
)

HOSTILE = (
    "[领奖](javascript:alert(1)) <img src=x onerror=alert(2)> ![p](http://evil.test/p.png) $x$"
)
SHOPS = (
    ("taobao", "tb-main", "CNY", 0.55),
    ("taobao", "tb-outlet", "CNY", 0.2),
    ("shopify", "sh-us", "USD", 0.25),
)
SKUS = ("CUP-01", "CUP-02", "TEA-GR", "TEA-BK", "BAG-S", "BAG-L", "MUG-X", "KET-1")
NAMES = ("青瓷茶杯", "Travel mug 350 ml")
CITIES = (("上海", "上海"), ("浙江", "杭州"), ("广东", "深圳"), ("四川", "成都"))

Row = dict[str, Any]


@dataclass
class World:
    """Rows by relation."""

    seed: int = 7
    orders: int = 320
    days: int = 120
    tables: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))

    def add(self, relation: str, **row: Any) -> Row:
        self.tables[relation].append(row)
        return row


def build_world(seed: int = 7, orders: int = 320) -> World:
    """The same rows for the same seed."""
    world = World(seed=seed, orders=orders)
    rng = random.Random(seed)
    for number in range(orders):
        _order(world, rng, number)
    add_stock(world, rng)
    add_recon(world, rng)
    add_open_breaks(world)
    add_unsettled_order(world)
    add_loads(world, rng)
    add_daily(world)
    add_contacts(world)
    add_decisions(world)
    add_milestones(world)
    add_suppliers(world)
    return world


def _order(world: World, rng: random.Random, number: int) -> None:
    channel, shop, currency, _ = rng.choices(SHOPS, [s[3] for s in SHOPS])[0]
    age = world.days * (1 - (number + 1) / world.orders) ** 2.6
    placed = NOW - timedelta(days=age, minutes=rng.randrange(5, 600))
    order_id = f"{shop}-{20260000 + number}"
    goods = money(rng.choice((19.9, 59, 128, 239, 512, 1888)) * rng.choice((1, 1, 2, 3)))
    if currency == "USD":
        goods = money(float(goods) / 7)
    fate = rng.choices(
        ("done", "transit", "to_ship", "review", "unpaid", "cancelled", "after_sales"),
        (40, 15, 14, 10, 8, 9, 4) if age < 12 else (80, 1, 0, 0, 0, 14, 5),
    )[0]
    _history(world, rng, _Order(order_id, number, channel, shop, currency, placed, goods, fate))


@dataclass
class _Order:
    order_id: str
    number: int
    channel: str
    shop: str
    currency: str
    placed: datetime
    goods: Decimal
    fate: str


STEPS = {
    "unpaid": ("ORDER_PLACED",),
    "cancelled": ("ORDER_PLACED", "ORDER_CANCELLED"),
    "review": ("ORDER_PLACED", "PAYMENT_CAPTURED", "REVIEW_RULE_HIT"),
    "to_ship": ("ORDER_PLACED", "PAYMENT_CAPTURED", "ORDER_CONFIRMED", "STOCK_RESERVED"),
    "transit": ("ORDER_PLACED", "PAYMENT_CAPTURED", "ORDER_CONFIRMED", "HANDED_OVER", "TRACK_SCAN"),
    "done": (
        "ORDER_PLACED", "PAYMENT_CAPTURED", "ORDER_CONFIRMED", "HANDED_OVER", "TRACK_SCAN",
        "DELIVERED", "ORDER_COMPLETED",
    ),
    "after_sales": (
        "ORDER_PLACED", "PAYMENT_CAPTURED", "ORDER_CONFIRMED", "HANDED_OVER", "DELIVERED",
        "AS_REQUESTED",
    ),
}  # fmt: skip
AFTER = {
    "ORDER_PLACED": {"order": "PLACED", "payment": "UNPAID", "headline": "UNPAID"},
    "ORDER_CANCELLED": {"order": "CANCELLED", "headline": "CANCELLED"},
    "PAYMENT_CAPTURED": {"payment": "PAID", "headline": "IN_REVIEW"},
    "REVIEW_RULE_HIT": {"review": "PENDING_MANUAL", "headline": "IN_REVIEW"},
    "ORDER_CONFIRMED": {"order": "CONFIRMED", "review": "AUTO_PASSED", "headline": "TO_SHIP"},
    "STOCK_RESERVED": {"fulfilment": "RESERVED"},
    "HANDED_OVER": {"fulfilment": "SHIPPED", "logistics": "COLLECTED", "headline": "IN_TRANSIT"},
    "TRACK_SCAN": {"logistics": "IN_TRANSIT"},
    "DELIVERED": {"logistics": "DELIVERED", "headline": "DELIVERED"},
    "ORDER_COMPLETED": {"order": "COMPLETED", "settlement": "SETTLED", "headline": "COMPLETED"},
    "AS_REQUESTED": {"after_sales": "REQUESTED", "headline": "AFTER_SALES"},
}


def _history(world: World, rng: random.Random, o: _Order) -> None:
    axes = {
        "headline": "UNPAID", "order": "PLACED", "payment": "UNPAID", "review": "NOT_STARTED",
        "fulfilment": "NONE", "logistics": "NONE", "after_sales": "NONE", "settlement": "UNSETTLED",
    }  # fmt: skip
    at, times, deviations = o.placed, {}, 0
    for number, step in enumerate(STEPS[o.fate], 1):
        if number > 1:
            room = max((NOW - o.placed).total_seconds() / (len(STEPS[o.fate]) + 1), 60)
            at = at + timedelta(seconds=min(rng.uniform(0.3, 1.0) * room, 86400 * 2))
        axes |= AFTER[step]
        times[step] = at
        event_id = f"e-{o.order_id}-{number}"
        is_deviation = step == "ORDER_CONFIRMED" and o.number % 37 == 5
        deviations += is_deviation
        status = {f"{name}_status": value for name, value in axes.items()}
        world.add(
            "fct_order_states", order_id=o.order_id, state_number=number, event_id=event_id,
            event_type=step, occurred_at=at, is_deviation=is_deviation,
            deviation_code="CONFIRMED_BEFORE_REVIEW" if is_deviation else None, **status,
        )  # fmt: skip
        late = timedelta(hours=30) if o.number % 11 == 3 and number == 2 else timedelta(minutes=4)
        world.add(
            "fct_order_events", event_id=event_id, order_id=o.order_id, event_type=step,
            event_rank=number, occurred_at=at, observed_at=at, ingested_at=at + late,
            source=o.channel, channel=o.channel, shop_id=o.shop, entity_type="order",
            entity_id=o.order_id, actor_type="system", amount=o.goods if number < 3 else None,
            currency_code=o.currency, _file_id=f"{o.number % 9:02d}" * 32, _row_number=o.number + 2,
            _byte_from=1000 + o.number * 90, _byte_to=1089 + o.number * 90,
        )  # fmt: skip
    _order_rows(world, rng, o, axes, times, deviations)
    add_cases(world, rng, o, times)


def _order_rows(
    world: World, rng: random.Random, o: _Order, axes: dict[str, str], times: dict[str, datetime],
    deviations: int,
) -> None:  # fmt: skip
    paid, shipped, delivered = (
        times.get(k) for k in ("PAYMENT_CAPTURED", "HANDED_OVER", "DELIVERED")
    )
    region, city = rng.choice(CITIES)
    row = world.add(
        "fct_orders", order_id=o.order_id, channel=o.channel, shop_id=o.shop,
        channel_order_id=o.order_id.rpartition("-")[2], source=o.channel, order_kind="sale",
        currency_code=o.currency, is_editable=o.fate == "unpaid",
        is_valid=paid is not None and "ORDER_CANCELLED" not in times, payment_method="online",
        buyer_id=f"b-{rng.randrange(90)}", buyer_name_masked="李*",
        buyer_phone_masked="138****5678",
        buyer_phone_index=f"{rng.randrange(2**40):016x}",
        ship_address_masked=f"{region}{city}***",
        ship_country="CN" if o.currency == "CNY" else "US",
        ship_region=region, ship_city=city,
        status_raw=HOSTILE if o.number % 40 == 7 else "买家已付款，等待卖家发货",
        goods_amount=o.goods, discount_amount=money(0), shipping_amount=money(8),
        tax_amount=money(0), payable_amount=o.goods + 8,
        captured_amount=o.goods + 8 if paid else money(0),
        refunded_amount=money(0), line_count=2, ordered_quantity=3, cancelled_quantity=0,
        shipped_quantity=3 if shipped else 0, delivered_quantity=3 if delivered else 0,
        returned_quantity=0, shipment_count=1 if shipped else 0, placed_at=o.placed, paid_at=paid,
        confirmed_at=times.get("ORDER_CONFIRMED"), shipped_at=shipped, delivered_at=delivered,
        completed_at=times.get("ORDER_COMPLETED"), cancelled_at=times.get("ORDER_CANCELLED"),
        ship_by_at=o.placed + timedelta(hours=48), last_event_at=max(times.values()),
        placed_date=(o.placed + timedelta(hours=8)).date(), event_count=len(times),
        deviation_count=deviations, edit_count=0,
        _file_id=f"{o.number % 9:02d}" * 32, _row_number=o.number + 2,
    )  # fmt: skip
    row |= {f"{name}_status": value for name, value in axes.items()}
    _lines(world, rng, o, row)
    _money_and_parcels(world, o, row, axes, times)


def _lines(world: World, rng: random.Random, o: _Order, row: Row) -> None:
    for line in (1, 2):
        world.add(
            "fct_order_lines", line_id=f"{o.order_id}-{line}", order_id=o.order_id,
            line_number=line, line_kind="goods", sku=(sku := rng.choice(SKUS)), shop_sku=sku,
            is_code_unknown=False,
            product_name=HOSTILE if o.number % 40 == 7 else NAMES[line - 1],
            quantity=line, unit_price_amount=o.goods / 3, discount_amount=money(0),
            shipping_amount=money(4), tax_amount=money(0), line_amount=o.goods / 3 * line,
            currency_code=o.currency, cancelled_quantity=0,
            shipped_quantity=line if row["shipped_at"] else 0, returned_quantity=0,
            _file_id=row["_file_id"], _row_number=row["_row_number"],
        )  # fmt: skip


def _money_and_parcels(
    world: World, o: _Order, row: Row, axes: dict[str, str], times: dict[str, datetime]
) -> None:
    paid, shipped = row["paid_at"], row["shipped_at"]
    if paid:
        world.add(
            "fct_payments", payment_id=f"p-{o.order_id}", order_id=o.order_id,
            payment_kind="capture",
            amount=o.goods + 8, currency_code=o.currency, paid_at=paid, provider="alipay",
            channel=o.channel, shop_id=o.shop,
            _file_id=row["_file_id"], _row_number=row["_row_number"],
        )  # fmt: skip
    if shipped:
        world.add(
            "fct_shipments", shipment_id=f"{o.order_id}-SF{o.number}", order_id=o.order_id,
            carrier="sf", tracking_number=f"SF{10**11 + o.number}", warehouse_id="WH-SH",
            logistics_status=axes["logistics"], last_state_code="IN_TRANSIT",
            last_place=row["ship_city"],
            shipped_at=shipped, first_scan_at=times.get("TRACK_SCAN"),
            last_scan_at=times.get("TRACK_SCAN"), delivered_at=row["delivered_at"],
            promised_at=shipped + timedelta(days=4),
            expected_at=shipped + timedelta(days=3), is_disputed=False, scan_count=3,
            insured_amount=money(0), currency_code=o.currency,
        )  # fmt: skip
    elif paid:
        for rank, carrier, obstacle in ((1, "sf", None), (None, "zto", "too_heavy")):
            world.add(
                "fct_carrier_choices", order_id=o.order_id, carrier=carrier, obstacle=obstacle,
                choice_rank=rank, delivery_mode="standard", is_in_time=True, weight=Decimal("1.5"),
                is_fragile=False, shipping_cost_amount=money(14), insurance_amount=money(0),
                currency_code=o.currency, usual_minutes=4320,
            )  # fmt: skip
