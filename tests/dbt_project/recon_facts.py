"""What two accounts tell of the same money or goods: refunds, returns, amends."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.dbt_project.facts import DAY, START, Fact, came_back, case, line, order, paid, refunded

WECHAT = {"provider": "wechat"}


def booked(number: str, when: datetime, amount: float, /, **given: Any) -> Fact:
    """A refund on a bill of its own provider, so that no other story is billed by it."""
    values = {
        "settlement_line_id": f"wx-{number}-{when:%d}", "provider": "wechat",
        "line_kind": "refund", "posted_at": when, "gross_amount": -amount, "currency_code": "CNY",
        "merchant_refund_id": number, "source": "wechat", "channel": "wechat", "shop_id": "tb",
    }  # fmt: skip
    return "settlement_lines", {**values, **given}


def refunds_on_bills() -> list[Fact]:
    t = START + DAY
    facts: list[Fact] = []
    for number in range(700, 707):
        name = f"tb-{number}"
        facts += [order(name, t), line(name, sku="SKU70"), paid(name, t + DAY / 24, **WECHAT)]
    back = t + DAY
    return [
        *facts,
        # By its number; with another amount; not on the bill; of a day nobody has billed.
        refunded("tb-700", "R1", back, 20, **WECHAT), booked("700-R1", back, 20),
        refunded("tb-701", "R1", back, 20, **WECHAT), booked("701-R1", back, 25),
        refunded("tb-702", "R1", back, 20, **WECHAT),
        refunded("tb-703", "R1", back + DAY * 9, 20, **WECHAT),
        # Without a number both are of the same order: two parts there, one sum here.
        refunded("tb-704", "R1", back, 30, **WECHAT),
        booked("x1", back, 10, order_id="tb-704"), booked("x2", back, 20, order_id="tb-704"),
        # Booked, and failed after the bill was cut; booked, and nobody here knows of it.
        refunded("tb-705", "R1", back, 20, refund_status="failed", **WECHAT),
        booked("705-R1", back, 20), booked("404", back + DAY / 8, 9),
    ]  # fmt: skip


def goods_and_money() -> list[Fact]:
    """Returns whose goods and money differ, and amends that were promised."""
    t = START + DAY * 2
    facts: list[Fact] = []
    for number in range(710, 717):
        name = f"tb-{number}"
        facts += [order(name, t), line(name, sku="SKU70"), paid(name, t + DAY / 24)]
        facts.append(case(name, "requested", t + DAY * 3, case_kind="return", sku="SKU70",
                          quantity=2, amount=50, currency_code="CNY"))  # fmt: skip
    for number in (710, 711, 712):
        facts.append(
            came_back(f"tb-{number}", t + DAY * 5, sku="SKU70", quantity=2, passed_quantity=1,
                      failed_quantity=1, inspected_at=t + DAY * 6)
        )  # fmt: skip
    of_goods = {"refund_kind": "return"}
    return [
        *facts,
        # Half of it passed: half of the money; more than that; none at all.
        refunded("tb-710", "R1", t + DAY * 7, 25, case_id="tb-710-C", **of_goods),
        refunded("tb-711", "R1", t + DAY * 7, 30, case_id="tb-711-C", **of_goods),
        # No goods: the money went all the same; or nothing happened.
        refunded("tb-713", "R1", t + DAY * 7, 50, case_id="tb-713-C", **of_goods),
        # Amends: paid, paid in part, never paid, and paid though nobody agreed.
        *[case(f"tb-{n}", "compensation_agreed", t + DAY * 4, amount=10, currency_code="CNY")
          for n in (714, 715, 716)],
        refunded("tb-714", "K1", t + DAY * 5, 10, case_id="tb-714-C", refund_kind="compensation"),
        refunded("tb-715", "K1", t + DAY * 5, 4, case_id="tb-715-C", refund_kind="compensation"),
        refunded("tb-713", "K1", t + DAY * 5, 3, refund_kind="compensation"),
    ]  # fmt: skip
