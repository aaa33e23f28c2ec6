"""Orders that wait for a parcel: light, frail, heavy, dear, far away, to be fetched, in haste."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.dbt_project.facts import DAY, START, Fact, billed, line, order, paid, step

SHIPPED = "tb-848"


def _article(sku: str, when: Any, **given: Any) -> Fact:
    return "products", {"sku": sku, "listed_at": when, **given}


def to_be_sent() -> list[Fact]:
    t = START + DAY * 5
    here: dict[str, Any] = {"ship_country": "CN", "ship_region": "广东省", "ship_city": "深圳市",
                            "ship_method": "快递"}  # fmt: skip
    far = {**here, "ship_region": "海南省", "ship_city": "三沙市"}
    facts: list[Fact] = [
        _article("LIGHT", t, weight=0.4, is_fragile=False),
        _article("LAMP", t, weight=0.6, is_fragile=True),
        # It is weighed a day after the order for it came.
        _article("STONE", t), _article("STONE", t + DAY, weight=30, observed_at=t + DAY),
        _article("CLOUD", t),
        ("kit_components", {"kit_sku": "LIGHTKIT", "component_sku": "LAMP",
                            "component_quantity": 2, "stated_at": t, "source": "erpnext",
                            "shop_id": "tb"}),
    ]  # fmt: skip
    stories: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("tb-840", "LIGHT", here),
        ("tb-841", "LAMP", here),
        ("tb-842", "STONE", here),
        ("tb-843", "LIGHT", {**here, "payable_amount": 25_000, "goods_amount": 25_000}),
        ("tb-844", "LIGHT", far),
        ("tb-845", "LIGHT", {**here, "ship_method": "门店自提"}),
        ("tb-846", "CLOUD", here),
        ("tb-847", "LIGHT", {**here, "ship_by_at": t + DAY, "promised_at": t + DAY * 5}),
        (SHIPPED, "LIGHT", here),
        ("tb-849", "LIGHTKIT", here),
    )
    for order_id, sku, given in stories:
        amount = float(given.get("payable_amount", 100))
        facts += [
            order(order_id, t, **given),
            line(order_id, sku=sku, unit_price_amount=amount / 2),
            paid(order_id, t, amount), billed(order_id, t, amount),
        ]  # fmt: skip
    facts.append(
        step(SHIPPED, "handed_over", t + timedelta(hours=9), tracking_number="SF848",
             carrier="sf", quantity=2)
    )  # fmt: skip
    return facts
