"""The rest of the made-up business: stock, reconciliation, loads, daily figures, policies."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from hashlib import md5
from typing import Any

from tests.support.cases import why
from tests.support.people import NOW

Row = dict[str, Any]
CANARY = "CANARY-13800138000-虹漕路88号"
SKUS = ("CUP-01", "CUP-02", "TEA-GR", "TEA-BK", "BAG-S", "BAG-L", "MUG-X", "KET-1")


def money(value: float) -> Decimal:
    return Decimal(f"{value:.2f}")


def add_stock(world: Any, rng: random.Random) -> None:
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
                    ("drift_quantity", drift, "=", 0),
                    ("snapshot_quantity", on_hand + drift, "=", on_hand),
                ]
                world.add(
                    "queue_items", item_id=f"Q14{number:02d}{warehouse}", queue_code="Q14",
                    entity_type="stock", entity_id=f"{sku}@{warehouse}", episode_number=1,
                    opened_at=NOW - timedelta(hours=6), severity=2,
                    why=why("STOCK_DRIFT", facts, "WITHIN_TOLERANCE", None),
                )  # fmt: skip
            _demand(world, sku, warehouse, on_hand)


def _demand(world: Any, sku: str, warehouse: str, on_hand: int) -> None:
    """Open lines in a queue for one position, and ten quiet days."""
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


def add_recon(world: Any, rng: random.Random) -> None:
    for day in range(20):
        date = (NOW - timedelta(days=day + 1)).date()
        left = money(rng.uniform(3000, 9000))
        gap = money(rng.choice((0, 0, 0, 8, 128.5, -59))) if day % 3 == 0 else money(0)
        for code in ("RC1", "RC2"):
            world.add(
                "agg_recon_totals", recon_code=code, recon_date=date, unit_code="CNY",
                currency_code="CNY",
                left_count=40, left_amount=left, right_count=40, right_amount=left - gap,
                matched_count=39 if gap else 40, matched_amount=left - abs(gap),
                break_count=1 if gap else 0, break_amount=gap, explained_amount=0,
                unexplained_amount=gap, unexplained_count=1 if gap else 0, manual_count=0,
                manual_amount=0,
            )  # fmt: skip
            if gap:
                order_id = f"tb-main-{20260000 + day}"
                world.add(
                    "fct_recon_breaks", recon_code=code, break_id=f"{code}-{day}",
                    case_id=f"{code}-{day}",
                    break_type="LEFT_ONLY" if gap > 0 else "RIGHT_ONLY", match_key=f"T200P{day}",
                    order_id=order_id, recon_date=date, unit_code="CNY",
                    currency_code="CNY",
                    left_amount=max(gap, money(0)), right_amount=max(-gap, money(0)),
                    difference_amount=gap, opened_at=NOW - timedelta(days=day), channel="taobao",
                    shop_id="tb-main", party="alipay", state_code="OPEN", episode_number=1,
                    seen_at=NOW - timedelta(days=day), explained_amount=0, unexplained_amount=gap,
                )  # fmt: skip
                if code == "RC2":
                    facts = [
                        ("break_type", "LEFT_ONLY", "=", "MATCHED"),
                        ("paid_amount", abs(gap), "=", None),
                        ("billed_amount", None, "=", abs(gap)),
                        ("merchant_payment_id", f"T200P{day}", None, None),
                    ]
                    world.add(
                        "queue_items", item_id=f"Q33{day:029x}", queue_code="Q33",
                        entity_type="recon_break", entity_id=f"{code}-{day}", episode_number=1,
                        order_id=order_id, channel="taobao", shop_id="tb-main",
                        opened_at=NOW - timedelta(days=day), severity=1, at_risk_amount=abs(gap),
                        currency_code="CNY", why=why("RC2", facts, "MATCHED", None),
                    )  # fmt: skip


def break_item(break_id: str, episode: int = 1) -> str:
    """The case of a difference, as queue_items names it."""
    key = f"Q33|recon_break|{break_id}|{episode}"
    return md5(key.encode(), usedforsecurity=False).hexdigest()


def add_open_breaks(world: Any) -> None:
    """Two sides of one payment under two numbers, twice, and one that is worth a lot."""
    seen = NOW - timedelta(days=12)
    sides = (("left", 900, 0), ("right", 0, 900), ("early", 70, 0), ("late", 0, 70),
             ("large", 2600, 0))  # fmt: skip
    for name, left, right in sides:
        common = {
            "recon_code": "RC2", "break_id": f"RC2-{name}", "match_key": f"T200P-{name}",
            "recon_date": seen.date(), "currency_code": "CNY", "left_amount": money(left),
            "right_amount": money(right), "channel": "taobao", "shop_id": "tb-main",
            "party": "alipay",
        }  # fmt: skip
        state = {
            "break_type": "LEFT_ONLY" if left else "RIGHT_ONLY", "state_code": "OPEN",
            "difference_amount": money(left - right), "seen_at": seen, "opened_at": seen,
            "episode_number": 1,
        }  # fmt: skip
        world.add(
            "fct_recon_breaks", **common, **state, unit_code="CNY", explained_amount=0,
            unexplained_amount=money(left - right), case_id=f"RC2-{name}",
        )  # fmt: skip
        world.add("fct_recon_turns", **common, **state, turn_number=1, from_at=seen)
        if name == "large":
            continue
        first = name in ("left", "right")
        world.add(
            "fct_recon_suggestions", **common, suggestion_id="sug-1" if first else "sug-2",
            member_number=1 if left else 2, score=93 if first else 75, days_apart=0,
            key_distance=1, rest_amount=0, is_rejected=False, found_by="parts",
        )  # fmt: skip


def add_unsettled_order(world: Any) -> None:
    """An order a marketplace has not settled: its goods and its shipping are one case."""
    seen, order_id = NOW - timedelta(days=2), "tb-main-7700"
    parts = {"goods": money(8800), "shipping": money(200)}
    for component, amount in parts.items():
        world.add(
            "fct_recon_breaks", recon_code="RC7", break_id=f"RC7-{component}",
            match_key=f"{order_id}|SKU1|{component}", order_id=order_id, recon_date=seen.date(),
            unit_code="CNY", currency_code="CNY", left_amount=amount, right_amount=money(0),
            difference_amount=amount, channel="taobao", shop_id="tb-main", party="taobao",
            break_type="LEFT_ONLY", state_code="OPEN", seen_at=seen, opened_at=seen,
            episode_number=1, explained_amount=0, unexplained_amount=amount, case_id="RC7-order",
        )  # fmt: skip
    total = sum(parts.values())
    facts = [
        ("recon_code", "RC7", None, None), ("break_type", "LEFT_ONLY", "=", "MATCHED"),
        ("left_amount", total, "=", 0), ("right_amount", 0, "=", total),
        ("match_key", order_id, None, None), ("sku", "SKU1", None, None),
        *[(f"{component}_amount", 0, "<>", amount) for component, amount in parts.items()],
    ]  # fmt: skip
    world.add(
        "queue_items", item_id=break_item("RC7-order"), queue_code="Q33", episode_number=1,
        entity_type="recon_break", entity_id="RC7-order", order_id=order_id, channel="taobao",
        shop_id="tb-main", opened_at=seen, severity=1, at_risk_amount=total, currency_code="CNY",
        why=why("RC7", facts, "MATCHED", None),
    )  # fmt: skip


def add_loads(world: Any, rng: random.Random) -> None:
    sources = (("taobao", "tb-main"), ("shopify", "sh-us"), ("alipay", "tb-main"))
    for seq in range(1, 19):
        source, shop = rng.choice(sources)
        read, bad = rng.randrange(40, 900), rng.choice((0, 0, 0, 0, 2))
        at, file_id = NOW - timedelta(hours=seq * 5), f"{seq % 9:02d}" * 32
        of = {"file_id": file_id, "source": source, "shop_id": shop}
        world.add(
            "fct_loads", **of, load_seq=seq, load_id=f"l-{seq}", layout="orders", started_at=at,
            finished_at=at + timedelta(seconds=3), records_read=read,
            records_recorded=read - bad - 1, records_quarantined=bad, records_skipped=1,
            received_at=at, mapping_version="3",
        )  # fmt: skip
        count = {"stream": "orders", "row_count": read - bad - 1}
        world.add("fct_load_streams", **of, load_id=f"l-{seq}", **count)
        if bad:
            _quarantine(world, seq, bad, at, of)
    for source, shop in sources:
        stream = "settlement_lines" if source == "alipay" else "orders"
        at = NOW - timedelta(hours=rng.randrange(1, 30))
        world.add(
            "agg_feed_watermarks", source=source, shop_id=shop, stream=stream, watermark_at=at,
            record_count=rng.randrange(900, 9000), last_ingested_at=at + timedelta(minutes=6),
        )  # fmt: skip
    for name, stated, computed in (("合计笔数", 40, 40), ("合计金额", 812.5, 804.5)):
        world.add(
            "fct_control_totals", load_id="l-3", source="alipay", shop_id="tb-main",
            file_id="03" * 32, name=name, stated=money(stated), computed=money(computed),
            is_equal=stated == computed,
        )  # fmt: skip


def _quarantine(world: Any, seq: int, bad: int, at: Any, of: Row) -> None:
    for index in range(bad):
        world.add(
            "fct_quarantine", **of, quarantine_id=f"q-{seq}-{index}", layout="orders",
            stream="orders", row_number=17 + index, byte_from=900, byte_to=990,
            reason_code="bad_money", column_name="payable_amount", detail="not a decimal number",
            raw_cipher=CANARY.encode(), raw_masked="2026**** | ***,** | a**", received_at=at,
            state="open",
        )  # fmt: skip
    names = ("quarantined_rows", "unknown_codes", "unequal_totals")
    facts: list[Any] = [(n, bad if n == names[0] else 0, "=", 0) for n in names]
    world.add(
        "queue_items", item_id=f"Q36{seq:029x}", queue_code="Q36", entity_type="file",
        entity_id=of["file_id"], episode_number=seq, shop_id=of["shop_id"], channel=of["source"],
        opened_at=at, severity=1, why=why("Q36", facts, "FRESH_AND_VALID", None),
    )  # fmt: skip


def add_daily(world: Any) -> None:
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
            shipping_amount=money(8) * len(valid), tax_amount=money(0),
            item_quantity=3 * len(valid),
        )  # fmt: skip


def add_contacts(world: Any) -> None:
    """One ciphertext whose plaintext must never travel."""
    order_id = world.tables["fct_orders"][0]["order_id"]
    world.add(
        "contacts",
        order_id=order_id,
        column_name="buyer_phone",
        cipher=CANARY.encode(),
        subject_id="s-1",
    )
