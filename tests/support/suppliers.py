"""What a supplier is owed in the made-up business: shipments of four ages, a return, its share."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.support.people import NOW

AGES = (3, 12, 25, 40, 70, 100)


def add_suppliers(world: Any) -> None:
    def owed(kind: str, reference: str, days: float, amount: str, **more: Any) -> None:
        world.add(
            "fct_supplier_lines", line_id=f"{kind}|{reference}", line_kind=kind,
            supplier_id="SUP2", order_id="tb-main-20260193", sku="CUP-01", shop_id="tb-main",
            amount=Decimal(amount), currency_code="CNY", owed_at=NOW - timedelta(days=days),
            line_status="unreconciled", **more,
        )  # fmt: skip

    for number, days in enumerate(AGES):
        owed(
            "shipment", f"tb-main-FH{number}-CUP-01", days, f"{60 + number}.10",
            quantity=2, tracking_number=f"SF{number}",
        )  # fmt: skip
    owed("return", "tb-main-C1", 20, "-30.05", quantity=1, case_id="tb-main-C1")
    owed("compensation", "tb-main-C1", 21, "-6.00", case_id="tb-main-C1")
