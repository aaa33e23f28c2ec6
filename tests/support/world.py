"""A small business for the app's tests: some hundred orders of three shops, with every queue alive.

Not a demo and not the oracle of any rule: only rows of the shape the contract promises, the same
for the same seed. What the numbers mean is tested where they are computed.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.support.people import NOW

HOSTILE = (
    "[领奖](javascript:alert(1)) <img src=x onerror=alert(2)> ![p](http://evil.test/p.png) $x$"
)
CANARY = "CANARY-13800138000-虹漕路88号"
SHOPS = (
    ("taobao", "tb-main", "CNY", 0.55),
    ("taobao", "tb-outlet", "CNY", 0.2),
    ("shopify", "sh-us", "USD", 0.25),
)
QUEUES = (
    ("Q01", "漏单", "Missing order", 1, "data_entry", "order"),
    ("Q02", "信息不全", "Incomplete order", 2, "order_processor", "order"),
    ("Q04", "超 24 小时未付款未取消", "Unpaid past 24 h", 3, "order_processor", "order"),
    ("Q06", "支付金额不符", "Payment mismatch", 1, "finance", "order"),
    ("Q07", "人工审单", "Manual review", 2, "order_processor", "order"),
    ("Q11", "超卖", "Oversold", 1, "inventory", "order"),
    ("Q14", "库存偏差", "Stock drift", 2, "inventory", "stock"),
    ("Q17", "发货将超时", "Ship-by at risk", 1, "warehouse", "order"),
    ("Q23", "物流异常", "Carrier exception", 2, "logistics", "shipment"),
    ("Q24", "轨迹停滞", "Silent parcel", 2, "logistics", "shipment"),
    ("Q25", "签收未收到", "Delivered, not received", 1, "cs", "shipment"),
    ("Q33", "对账差异", "Bill break", 1, "finance", "break"),
    ("Q36", "数据健康", "Data health", 1, "data_team", "file"),
)
METRICS = (
    ("placed_orders", "下单量", "Orders placed", "按下单日统计的订单数，含未付款。", "Orders by the day they were placed, unpaid ones included."),
    ("paid_orders", "付款订单", "Paid orders", "按下单日统计、已付款的订单数。", "Orders by day placed that were paid."),
    ("valid_orders", "有效订单", "Valid orders", "已付款或货到付款已确认，未取消，非测试单。", "Paid or confirmed cash-on-delivery, not cancelled, not a test."),
    ("gmv_placed", "成交总额", "GMV", "下单商品价×数量＋运费，含未付款。", "List price times quantity plus shipping of placed orders."),
    ("net_sales", "净销售额", "Net sales", "销售额－折扣－退货。", "Gross sales minus discounts minus returns."),
    ("cancel_ratio", "取消率", "Cancel rate", "取消订单÷下单量。", "Cancelled orders over orders placed."),
    ("average_order_value", "客单价", "Average order value", "净销售额÷有效订单。", "Net sales over valid orders."),
    ("conversion_ratio", "付款转化", "Payment conversion", "付款订单÷下单量。", "Paid orders over orders placed."),
)  # fmt: skip
SKUS = ("CUP-01", "CUP-02", "TEA-GR", "TEA-BK", "BAG-S", "BAG-L", "MUG-X", "KET-1")
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


def money(value: float) -> Decimal:
    return Decimal(f"{value:.2f}")


def build_world(seed: int = 7, orders: int = 320) -> World:
    """The same rows for the same seed."""
    world = World(seed=seed, orders=orders)
    rng = random.Random(seed)
    for number in range(orders):
        _order(world, rng, number)
    _stock(world, rng)
    _recon(world, rng)
    _loads(world, rng)
    _daily(world)
    _policies(world)
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
    _cases(world, rng, o, times)


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
        currency_code=o.currency, is_editable=o.fate == "unpaid", payment_method="online",
        buyer_id=f"b-{rng.randrange(90)}", buyer_name_masked="李*", buyer_phone_masked="138****5678",
        buyer_phone_index=f"{rng.randrange(2**40):016x}",
        ship_address_masked=f"{region}{city}***", ship_country="CN" if o.currency == "CNY" else "US",
        ship_region=region, ship_city=city,
        status_raw=HOSTILE if o.number % 40 == 7 else "买家已付款，等待卖家发货",
        goods_amount=o.goods, discount_amount=money(0), shipping_amount=money(8),
        tax_amount=money(0), payable_amount=o.goods + 8, captured_amount=o.goods + 8 if paid else money(0),
        refunded_amount=money(0), line_count=2, ordered_quantity=3, cancelled_quantity=0,
        shipped_quantity=3 if shipped else 0, delivered_quantity=3 if delivered else 0,
        returned_quantity=0, shipment_count=1 if shipped else 0, placed_at=o.placed, paid_at=paid,
        confirmed_at=times.get("ORDER_CONFIRMED"), shipped_at=shipped, delivered_at=delivered,
        completed_at=times.get("ORDER_COMPLETED"), cancelled_at=times.get("ORDER_CANCELLED"),
        ship_by_at=o.placed + timedelta(hours=48), last_event_at=max(times.values()),
        placed_date=(o.placed + timedelta(hours=8)).date(), event_count=len(times),
        deviation_count=deviations, _file_id=f"{o.number % 9:02d}" * 32, _row_number=o.number + 2,
    )  # fmt: skip
    row |= {f"{name}_status": value for name, value in axes.items()}
    for line in (1, 2):
        world.add(
            "fct_order_lines", line_id=f"{o.order_id}-{line}", order_id=o.order_id, line_number=line,
            line_kind="goods", sku=rng.choice(SKUS),
            product_name=HOSTILE if o.number % 40 == 7 else ("青瓷茶杯", "Travel mug 350 ml")[line - 1],
            quantity=line, unit_price_amount=o.goods / 3, discount_amount=money(0),
            shipping_amount=money(4), tax_amount=money(0), line_amount=o.goods / 3 * line,
            currency_code=o.currency, shipped_quantity=line if shipped else 0, cancelled_quantity=0,
            returned_quantity=0, _file_id=row["_file_id"], _row_number=row["_row_number"],
        )  # fmt: skip
    if paid:
        world.add(
            "fct_payments", payment_id=f"p-{o.order_id}", order_id=o.order_id, payment_kind="capture",
            amount=o.goods + 8, currency_code=o.currency, event_at=paid, provider="alipay",
            _file_id=row["_file_id"], _row_number=row["_row_number"],
        )  # fmt: skip
    if shipped:
        world.add(
            "fct_shipments", shipment_id=f"{o.order_id}-SF{o.number}", order_id=o.order_id,
            carrier="sf", tracking_number=f"SF{10**11 + o.number}", warehouse_id="WH-SH",
            logistics_status=axes["logistics"], last_state_code="in_transit", last_place=city,
            shipped_at=shipped, first_scan_at=times.get("TRACK_SCAN"),
            last_scan_at=times.get("TRACK_SCAN"), delivered_at=delivered,
            promised_at=shipped + timedelta(days=4), scan_count=3,
        )  # fmt: skip


def _why(rule: str, facts: list[tuple[Any, ...]], leaves: str, clock: dict[str, Any] | None) -> str:
    said = [
        {"name": name, "value": value, "op": op, "threshold": threshold}
        for name, value, op, threshold in facts
    ]
    body = {
        "rule": rule, "version": 3, "facts": said, "evidence": [], "clock": clock,
        "leaves_when": leaves,
    }  # fmt: skip
    return json.dumps(body, ensure_ascii=False, default=str)


def _cases(world: World, rng: random.Random, o: _Order, times: dict[str, datetime]) -> None:
    paid = times.get("PAYMENT_CAPTURED", o.placed)
    age_hours = (NOW - o.placed).total_seconds() / 3600
    if o.fate == "review":
        due = paid + timedelta(hours=rng.choice((2, 30, 200)))
        clock = {"started_at": paid.isoformat(), "due_at": due.isoformat()}
        rule, facts = rng.choice(
            (
                ("RV11", [("payable_amount", str(o.goods + 8), ">", "500"), ("currency_code", o.currency, "=", None)]),
                ("RV02", [("address_shown_length", 3, "<", 5)]),
                ("RV07", [("cancelled_of_last_10_count", 4, ">=", 3)]),
                ("RV10", [("largest_line_quantity", 60, ">", 20)]),
            )
        )  # fmt: skip
        why = _why(rule, facts, "DECIDED", clock)
        _item(world, o, "Q07", paid, due, 2, why)
        world.add(
            "fct_review_hits", order_id=o.order_id, rule_code=rule, rule_version=3, effect="manual",
            hit_at=paid, facts=json.dumps([{"name": n, "value": v, "op": p, "threshold": t} for n, v, p, t in facts]),
        )  # fmt: skip
    if o.fate == "unpaid" and age_hours > 24:
        due = o.placed + timedelta(hours=24)
        facts = [("unpaid_hours", round(age_hours), ">", 24)]
        _item(world, o, "Q04", due, due, 3, _why("S01", facts, "PAID_OR_CANCELLED", None))
    if o.fate == "to_ship":
        due = paid + timedelta(hours=48)
        at = paid + timedelta(hours=38)
        clock = {"started_at": paid.isoformat(), "due_at": due.isoformat()}
        facts = [("sla_code", "S07", "=", None), ("elapsed_ratio", 0.8, ">=", 0.8)]
        _item(world, o, "Q17", at, due, 1, _why("S07", facts, "SHIPPED", clock))
        world.add(
            "fct_sla_clocks", clock_id=f"S07-{o.order_id}", sla_code="S07", entity_type="order",
            entity_id=o.order_id, order_id=o.order_id, episode_number=1, channel=o.channel,
            shop_id=o.shop, started_at=paid, warn_at=at, due_at=due, paused_minutes=0,
            budget_minutes=2880,
        )  # fmt: skip
        if o.number % 3 == 0:
            facts = [("sku", "CUP-01", "=", None), ("shortfall_quantity", 2, ">", 0)]
            _item(world, o, "Q11", paid, None, 1, _why("CUTLINE", facts, "ABOVE_CUT_LINE", None))
    if o.fate == "transit":
        scan = times["TRACK_SCAN"]
        code = "Q23" if o.number % 2 else "Q24"
        due = scan + timedelta(hours=24)
        fact = (
            ("last_state_code", "stuck", "in", "exception")
            if code == "Q23"
            else ("silent_hours", 31, ">", 24)
        )
        _item(
            world,
            o,
            code,
            scan,
            due,
            2,
            _why("S16", [fact, ("carrier", "sf", "=", None)], "NEXT_SCAN", None),
            "shipment",
        )
    if o.fate == "done" and o.number % 29 == 1:
        at = times["DELIVERED"]
        facts = [("reported_at", at, "=", None)]
        _item(
            world,
            o,
            "Q25",
            at,
            at + timedelta(hours=48),
            1,
            _why("S17", facts, "RESOLVED", None),
            "shipment",
        )
    if o.number % 31 == 4 and o.fate == "done":
        facts = [
            ("captured_amount", str(o.goods), "<>", str(o.goods + 8)),
            ("difference_amount", "-8.00", ">", "0.01"),
        ]
        _item(world, o, "Q06", paid, None, 1, _why("RC1", facts, "AMOUNTS_EQUAL", None))
    if o.number % 41 == 9:
        facts = [("missing_fields", "ship_address, sku", "=", None)]
        _item(world, o, "Q02", o.placed, None, 2, _why("R4", facts, "FIELDS_VALID", None))


def _item(
    world: World, o: _Order, code: str, opened: datetime, due: datetime | None, severity: int,
    why: str, entity: str = "order",
) -> None:  # fmt: skip
    entity_id = o.order_id if entity == "order" else f"{o.order_id}-SF{o.number}"
    world.add(
        "queue_items", item_id=f"{code}{o.number:028x}", queue_code=code, entity_type=entity,
        entity_id=entity_id, episode_number=1, order_id=o.order_id, channel=o.channel,
        shop_id=o.shop, opened_at=opened, due_at=due, severity=severity,
        at_risk_amount=o.goods + 8, currency_code=o.currency, why=why,
    )  # fmt: skip


def _stock(world: World, rng: random.Random) -> None:
    for number, sku in enumerate(SKUS):
        for warehouse in ("WH-SH", "WH-GZ"):
            on_hand, hard = rng.randrange(0, 90), rng.randrange(0, 40)
            drift = rng.choice((0, 0, 0, -3, 2))
            world.add(
                "fct_stock_positions", sku=sku, warehouse_id=warehouse, on_hand_quantity=on_hand,
                damaged_quantity=1, frozen_quantity=0, sellable_quantity=max(on_hand - 1, 0),
                reserved_hard_quantity=hard, reserved_soft_quantity=2,
                atp_quantity=max(on_hand - 1, 0) - hard - 2,
                oversold_quantity=max(0, hard + 2 - max(on_hand - 1, 0)),
                snapshot_quantity=on_hand + drift, snapshot_at=NOW - timedelta(hours=6),
                ledger_at_snapshot_quantity=on_hand, drift_quantity=drift,
                last_moved_at=NOW - timedelta(hours=rng.randrange(1, 90)),
            )  # fmt: skip
            if drift:
                facts = [
                    ("drift_quantity", drift, "<>", 0),
                    ("snapshot_quantity", on_hand + drift, "=", None),
                    ("ledger_quantity", on_hand, "=", None),
                ]
                world.add(
                    "queue_items", item_id=f"Q14{number:02d}{warehouse}", queue_code="Q14",
                    entity_type="stock", entity_id=f"{sku}@{warehouse}", episode_number=1,
                    opened_at=NOW - timedelta(hours=6), severity=2,
                    why=_why("RC12", facts, "WITHIN_TOLERANCE", None),
                )  # fmt: skip
            running = 0
            for rank in range(1, 6):
                running += 8
                order_id = world.tables["fct_orders"][-rank * 5]["order_id"]
                world.add(
                    "fct_stock_demand", line_id=f"{order_id}-1", order_id=order_id, sku=sku,
                    warehouse_id=warehouse, open_quantity=8, priority_number=rank,
                    paid_at=NOW - timedelta(hours=40 - rank), running_quantity=running,
                    sellable_quantity=max(on_hand - 1, 0),
                    is_served=running <= max(on_hand - 1, 0),
                    shortfall_quantity=max(0, running - max(on_hand - 1, 0)),
                )  # fmt: skip
            for day in range(10):
                world.add(
                    "fct_stock_daily", sku=sku, warehouse_id=warehouse,
                    stock_date=(NOW - timedelta(days=9 - day)).date(), opening_quantity=on_hand,
                    in_quantity=5, out_quantity=5, closing_quantity=on_hand,
                )  # fmt: skip


def _recon(world: World, rng: random.Random) -> None:
    for day in range(20):
        date = (NOW - timedelta(days=day + 1)).date()
        left = money(rng.uniform(3000, 9000))
        gap = money(rng.choice((0, 0, 0, 8, 128.5, -59))) if day % 3 == 0 else money(0)
        for code in ("RC1", "RC2"):
            world.add(
                "agg_recon_totals", recon_code=code, recon_date=date, currency_code="CNY",
                left_count=40, left_amount=left, right_count=40, right_amount=left - gap,
                matched_count=39 if gap else 40, matched_amount=left - abs(gap),
                break_count=1 if gap else 0, break_amount=gap,
            )  # fmt: skip
            if gap:
                order_id = f"tb-main-{20260000 + day}"
                world.add(
                    "fct_recon_breaks", recon_code=code, break_id=f"{code}-{day}",
                    break_type="LEFT_ONLY" if gap > 0 else "RIGHT_ONLY", match_key=f"T200P{day}",
                    order_id=order_id, recon_date=date, currency_code="CNY",
                    left_amount=gap if gap > 0 else None, right_amount=-gap if gap < 0 else None,
                    difference_amount=gap, opened_at=NOW - timedelta(days=day), channel="taobao",
                    shop_id="tb-main",
                )  # fmt: skip
                if code == "RC2":
                    facts = [
                        ("break_type", "LEFT_ONLY", "=", None),
                        ("difference_amount", str(gap), "<>", "0"),
                    ]
                    world.add(
                        "queue_items", item_id=f"Q33{day:029x}", queue_code="Q33",
                        entity_type="recon_break", entity_id=f"{code}-{day}", episode_number=1,
                        order_id=order_id, channel="taobao", shop_id="tb-main",
                        opened_at=NOW - timedelta(days=day), severity=1, at_risk_amount=abs(gap),
                        currency_code="CNY", why=_why("RC2", facts, "MATCHED", None),
                    )  # fmt: skip


def _loads(world: World, rng: random.Random) -> None:
    for seq in range(1, 19):
        source, shop = rng.choice(
            (("taobao", "tb-main"), ("shopify", "sh-us"), ("alipay", "tb-main"))
        )
        read, bad = rng.randrange(40, 900), rng.choice((0, 0, 0, 0, 2))
        at = NOW - timedelta(hours=seq * 5)
        world.add(
            "fct_loads", load_seq=seq, load_id=f"l-{seq}", file_id=f"{seq % 9:02d}" * 32, source=source,
            shop_id=shop, layout="orders", started_at=at, finished_at=at + timedelta(seconds=3),
            records_read=read, records_recorded=read - bad - 1, records_quarantined=bad,
            records_skipped=1, received_at=at, mapping_version="3",
        )  # fmt: skip
        world.add("fct_load_streams", load_seq=seq, stream="orders", rows=read - bad - 1)
        for index in range(bad):
            world.add(
                "fct_quarantine", quarantine_id=f"q-{seq}-{index}", load_seq=seq,
                file_id=f"{seq % 9:02d}" * 32, source=source, shop_id=shop, layout="orders",
                stream="orders", row_number=17 + index, byte_from=900, byte_to=990,
                reason_code="bad_money", column_name="payable_amount", detail="not a decimal number",
                raw_cipher=CANARY.encode(), raw_masked="2026**** | ***,** | a**", received_at=at,
                state="open",
            )  # fmt: skip
        if bad:
            facts = [("quarantined_records", bad, ">", 0), ("source", source, "=", None)]
            world.add(
                "queue_items", item_id=f"Q36{seq:029x}", queue_code="Q36", entity_type="file",
                entity_id=f"{seq % 9:02d}" * 32, episode_number=seq, shop_id=shop, channel=source,
                opened_at=at, severity=1, why=_why("QUARANTINE", facts, "FRESH_AND_VALID", None),
            )  # fmt: skip
    for source, shop, stream in (
        ("taobao", "tb-main", "orders"),
        ("shopify", "sh-us", "orders"),
        ("alipay", "tb-main", "settlement_lines"),
    ):
        at = NOW - timedelta(hours=rng.randrange(1, 30))
        world.add(
            "agg_feed_watermarks", source=source, shop_id=shop, stream=stream, watermark_at=at,
            record_count=rng.randrange(900, 9000), last_ingested_at=at + timedelta(minutes=6),
        )  # fmt: skip
    world.add(
        "fct_control_totals", load_seq=3, name="合计笔数", stated=40, computed=40, is_equal=True
    )
    world.add(
        "fct_control_totals",
        load_seq=6,
        name="合计金额",
        stated=money(812.5),
        computed=money(804.5),
        is_equal=False,
    )


def _daily(world: World) -> None:
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in world.tables["fct_orders"]:
        groups[row["placed_date"], row["channel"], row["shop_id"], row["currency_code"]].append(row)
    for (date, channel, shop, currency), rows in groups.items():
        valid = [r for r in rows if r["paid_at"] and not r["cancelled_at"]]
        gross = sum((r["goods_amount"] for r in valid), money(0))
        world.add(
            "agg_daily_channel_orders", order_date=date, channel=channel, shop_id=shop,
            currency_code=currency, placed_count=len(rows),
            paid_count=sum(bool(r["paid_at"]) for r in rows), valid_count=len(valid),
            cancelled_count=sum(bool(r["cancelled_at"]) for r in rows),
            shipped_count=sum(bool(r["shipped_at"]) for r in rows),
            delivered_count=sum(bool(r["delivered_at"]) for r in rows), refunded_count=0,
            placed_amount=sum((r["payable_amount"] for r in rows), money(0)), gross_amount=gross,
            discount_amount=money(0), returns_amount=money(0), net_amount=gross,
            shipping_amount=money(8) * len(valid), tax_amount=money(0), item_quantity=3 * len(valid),
        )  # fmt: skip


def _policies(world: World) -> None:
    for code, zh, en, severity, owner, entity in QUEUES:
        world.add(
            "queues",
            queue_code=code,
            name_zh=zh,
            name_en=en,
            severity=severity,
            owner_role=owner,
            entity_type=entity,
            actions="",
            leaves_when="",
        )
    for code, zh, en, dzh, den in METRICS:
        world.add(
            "metric_catalogue",
            metric_code=code,
            name_zh=zh,
            name_en=en,
            definition_zh=dzh,
            definition_en=den,
            grain="day, channel, shop, currency",
            date_basis="placed",
            owner="analyst",
            version=1,
        )
    world.add(
        "sla_policies",
        sla_code="S07",
        name_zh="承诺发货",
        name_en="Ship-by promise",
        budget_minutes=2880,
        warn_ratio=0.8,
    )
    for channel, zone in (("taobao", "Asia/Shanghai"), ("shopify", "UTC")):
        world.add("channels", channel=channel, zone=zone, requires_address=True, is_reviewed=True)
    world.add(
        "contacts",
        order_id=world.tables["fct_orders"][0]["order_id"],
        column_name="buyer_phone",
        cipher=CANARY.encode(),
        subject_id="s-1",
    )
