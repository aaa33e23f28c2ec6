"""Batches, holds, purchases, sets, counts and promises: the odd stories of stock."""

from __future__ import annotations

from tests.dbt_project.facts import DAY, START, Fact, line, moved, order, paid, step


def more_stock() -> list[Fact]:
    """Batches, a transfer, purchases, a set, a stocktake, what the shops were told, a promotion."""
    kit, late, gone, aside = "tb-61", "tb-62", "tb-63", "tb-67"
    t = START + DAY * 6
    at_wh = {"sku": "SKU9", "warehouse_id": "WH1", "source": "wms", "shop_id": "tb"}
    purchase = {
        "purchase_order_id": "PO1", "supplier_id": "SUP1", "purchase_status": "planned",
        "ordered_at": t, "due_at": t + DAY * 2, "ordered_quantity": 10, "source": "erpnext",
        "unit_cost_amount": 3, "currency_code": "CNY", "shop_id": "tb",
    }  # fmt: skip
    count = {**at_wh, "count_id": "C1", "source": "wms"}
    return [
        moved("SKU9", "opening", 6, t - DAY, "n1", lot="A", lot_expires_at=t + DAY * 5),
        moved("SKU9", "receipt", 4, t, "n2", lot="B"),
        moved("SKU9", "qc_hold", 1, t, "n3", lot="B"),
        moved("SKU9", "transfer_out", -3, t, "n4", lot="A", reference="T1", to_warehouse_id="WH2"),
        moved("SKU9", "transfer_in", 1, t + DAY, "n5", warehouse_id="WH2", reference="T1"),
        moved("SKU9", "adjust", -1, t + DAY * 6, "n6", lot="B", reason="broken"),
        moved("SKU8", "opening", 20, t - DAY, "n7"),
        ("stock_snapshots", {**at_wh, "lot": "A", "taken_at": t + DAY * 2, "on_hand_quantity": 3}),
        ("stock_snapshots", {**at_wh, "lot": "B", "taken_at": t + DAY * 2, "on_hand_quantity": 6}),
        ("purchase_orders", {**purchase, "purchase_line_id": "tb-po1", "sku": "SKU9",
                             "warehouse_id": "WH1"}),
        ("purchase_orders", {**purchase, "purchase_line_id": "tb-po1", "sku": "SKU9",
                             "warehouse_id": "WH1", "purchase_status": "in_transit",
                             "confirmed_at": t + DAY / 4, "received_quantity": 4,
                             "observed_at": t + DAY}),
        ("kit_components", {"kit_sku": "SET", "component_sku": "SKU9", "component_quantity": 2,
                            "stated_at": t - DAY}),
        ("kit_components", {"kit_sku": "SET", "component_sku": "SKU8", "component_quantity": 1,
                            "stated_at": t - DAY}),
        *[
            ("stock_counts", {**count, "count_line_id": f"tb-C1-{n}", "count_step": step_name,
                              "event_at": t + DAY * days, "book_quantity": 9,
                              "counted_quantity": found})
            for n, step_name, days, found in (
                (1, "counted", 2, 7), (1, "approved", 3, None), (2, "counted", 2, 9),
                (3, "counted", 4, 12))
        ],
        ("channel_stock", {"listing_id": "tb-SKU8", "sku": "SKU8", "published_at": t + DAY,
                           "published_quantity": 50, "shop_id": "tb", "source": "wms"}),
        order(kit, t, payable_amount=30), line(kit, sku="SET", quantity=2),
        paid(kit, t + DAY / 24, 30),
        # Reserved in a promotion, let go after half an hour, paid an hour later.
        order(late, t, payable_amount=90), line(late, sku="SKU9", quantity=9),
        step(late, "stock_reserved", t, reason="soft"),
        step(late, "reservation_expired", t + DAY / 48), paid(late, t + DAY / 16, 90),
        order(gone, t, cancelled_at=t + DAY / 2, status_raw="交易关闭"), line(gone, sku="SKU8"),
        step(gone, "stock_reserved", t, reason="soft"),
        # Three ordered, two there; set aside for a day, and back in the line.
        moved("SKU7", "opening", 2, t - DAY, "n8"),
        order(aside, t, payable_amount=30), line(aside, sku="SKU7", quantity=3),
        paid(aside, t + DAY / 24, 30),
        step(aside, "hold_applied", t + DAY / 8, reason="refund_pending"),
        step(aside, "hold_released", t + DAY * 1.5, reason="refund_pending"),
        *_counted_while_it_moved(),
    ]  # fmt: skip


def _counted_while_it_moved() -> list[Fact]:
    """What moves near a count is in the one and not yet in the other."""
    counted_at = START + DAY * 8
    told = {"warehouse_id": "WH1", "source": "wms", "shop_id": "tb", "taken_at": counted_at}
    return [
        fact
        for sku, kind, quantity, minutes, found in (
            ("SKU960", "ship", -2, 10, 8),  # taken from the shelf already
            ("SKU961", "ship", -2, 45, 8),  # too long after
            ("SKU962", "receipt", 5, -10, 10),  # not on the shelf yet
            ("SKU963", "receipt", 5, -10, 12),  # two of five are no count of anything
        )
        for fact in (
            moved(sku, "opening", 10, counted_at - DAY * 2, f"{sku}-1"),
            moved(sku, kind, quantity, counted_at + DAY / 1440 * minutes, f"{sku}-2"),
            ("stock_snapshots", {**told, "sku": sku, "on_hand_quantity": found}),
        )
    ]
