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


def settled(
    order_id: str, kind: str, name: str, when: datetime, amount: float, /, **given: Any
) -> Fact:
    """One amount of a marketplace's settlement."""
    is_fee = kind == "ItemFees"
    values = {
        "settlement_line_id": f"{order_id}-{kind}-{name}", "provider": "amazon",
        "line_kind": "fee" if is_fee else "payment", "posted_at": when, "order_id": order_id,
        "gross_amount": 0 if is_fee else amount, "fee_amount": -amount if is_fee else None,
        "net_amount": amount, "currency_code": "USD", "sku": "SKU70", "amount_type": kind,
        "amount_description": name, "source": "amazon", "channel": "amazon", "shop_id": "amz",
    }  # fmt: skip
    return "settlement_lines", {**values, **given}


def settled_by_article() -> list[Fact]:
    """Orders of a marketplace, which says of each amount what it is."""
    t = START + DAY
    out = t + DAY * 10
    facts: list[Fact] = []
    for number in range(720, 728):
        name = f"amz-{number}"
        given = {"discount_amount": 10} if number in (724, 725, 726) else {}
        if number == 725:
            given["platform_discount_amount"] = 10
        facts += [
            order(name, t, payable_amount=None, currency_code="USD", channel="amazon"),
            line(name, sku="SKU70", shipping_amount=5, currency_code="USD", channel="amazon",
                 **given),
        ]  # fmt: skip
        if number not in (721, 727):
            goods = 97 if number == 722 else 100
            facts.append(settled(name, "ItemPrice", "Principal", out, goods))
            facts.append(settled(name, "ItemPrice", "Shipping", out, 5))
            facts.append(settled(name, "ItemFees", "Commission", out, -15))
    return [
        *facts,
        # The house bears its own discount; one of the platform is charged to it all the same.
        *[settled(f"amz-{n}", "Promotion", "Principal", out, -10) for n in (724, 725)],
        settled("amz-723", "ItemFees", "HolidaySurcharge", out, -2),
        # One kind nobody has named, of two orders.
        settled("amz-721", "ItemFees", "ReturnSurcharge", out, -3),
        settled("amz-722", "ItemFees", "ReturnSurcharge", out, -1),
        settled("amz-404", "ItemPrice", "Principal", out, 30),
        # Cancelled and never settled; settled in two parts.
        order("amz-727", t, payable_amount=None, currency_code="USD", channel="amazon",
              cancelled_at=t + DAY / 8, observed_at=t + DAY / 8),
        settled("amz-728", "ItemPrice", "Principal", out, 60),
        settled("amz-728", "ItemPrice", "Principal", out + DAY, 40,
                settlement_line_id="amz-728-rest"),
        order("amz-728", t, payable_amount=None, currency_code="USD", channel="amazon"),
        line("amz-728", sku="SKU70", currency_code="USD", channel="amazon"),
        *_settled_in_part(t), *_given_back_by_the_marketplace(t),
    ]  # fmt: skip


def _settled_in_part(t: datetime) -> list[Fact]:
    """Two articles of one order: nothing is settled, then the goods of both, the shipping never."""
    late = t + DAY * 30
    of = {"currency_code": "USD", "channel": "amazon", "shipping_amount": 5}
    return [
        order("amz-840", t, payable_amount=None, currency_code="USD", channel="amazon"),
        line("amz-840", sku="SKU70", **of), line("amz-840", 2, sku="SKU71", **of),
        settled("amz-840", "ItemPrice", "Principal", late, 100),
        settled("amz-840", "ItemPrice", "Principal", late, 100, sku="SKU71",
                settlement_line_id="amz-840-second"),
    ]  # fmt: skip


def _given_back_by_the_marketplace(t: datetime) -> list[Fact]:
    """Refunds we know of and those of a settlement: equal, less, never, one nobody asked for."""
    out, back = t + DAY * 10, t + DAY * 15
    facts: list[Fact] = []
    for number in range(841, 845):
        name = f"amz-{number}"
        facts += [
            order(name, t, payable_amount=None, currency_code="USD", channel="amazon"),
            line(name, sku="SKU70", currency_code="USD", channel="amazon"),
            settled(name, "ItemPrice", "Principal", out, 100),
        ]
        if number != 844:
            facts.append(
                refunded(name, "R1", back, 30, currency_code="USD", channel="amazon",
                         shop_id="amz", source="service_desk")
            )  # fmt: skip
    given = {"line_kind": "refund"}
    return [
        *facts,
        # The buyer gets the price and the tax less what the seller keeps; a commission that comes
        # back is none of the buyer's.
        settled("amz-841", "ItemPrice", "Principal", back + DAY, -33,
                settlement_line_id="amz-841-back", **given),
        settled("amz-841", "ItemPrice", "Tax", back + DAY, -2, **given),
        settled("amz-841", "ItemPrice", "RestockingFee", back + DAY, 5, **given),
        settled("amz-841", "ItemFees", "RefundCommission", back + DAY, 4),
        settled("amz-842", "ItemPrice", "Principal", back + DAY, -20,
                settlement_line_id="amz-842-back", **given),
        settled("amz-844", "ItemPrice", "Principal", back + DAY, -12,
                settlement_line_id="amz-844-back", **given),
    ]  # fmt: skip


def invoice(order_id: str, step: str, when: datetime, amount: float, /, **given: Any) -> Fact:
    values = {
        "invoice_event_id": f"{order_id}-{step}-{when:%d%H}", "invoice_step": step,
        "event_at": when, "order_id": order_id, "amount": amount, "currency_code": "CNY",
        "invoice_number": f"N{order_id}", "source": "tax_desk", "channel": "tax_desk",
        "shop_id": "tb",
    }  # fmt: skip
    return "invoices", {**values, **given}


def invoiced() -> list[Fact]:
    """Buyers asked for an invoice: who has got one, and for how much."""
    t = START + DAY * 2
    facts: list[Fact] = []
    for number in range(730, 740):
        name = f"tb-{number}"
        facts += [
            order(name, t), line(name, sku="SKU70"),
            paid(name, t + DAY / 24, provider="card"),
        ]  # fmt: skip
        if number != 737:
            facts.append(invoice(name, "requested", t + DAY / 12, 100))
    day = t + DAY
    return [
        *facts,
        # In full; too little; too much; twice; never.
        invoice("tb-730", "issued", day, 100), invoice("tb-731", "issued", day, 90),
        invoice("tb-732", "issued", day, 130), invoice("tb-733", "issued", day, 100),
        invoice("tb-733", "issued", day + DAY / 8, 100),
        # Voided and issued anew; part of it refunded and credited; refunded and not credited.
        invoice("tb-735", "issued", day, 90), invoice("tb-735", "voided", day + DAY / 24, 90),
        invoice("tb-735", "issued", day + DAY / 12, 100),
        *[fact for name in ("tb-736", "tb-738") for fact in (
            invoice(name, "issued", day, 100), refunded(name, "R1", day + DAY, 30, provider="card"),
        )],
        invoice("tb-736", "credited", day + DAY * 2, 30),
        # Nobody asked, it was issued and taken back; cancelled, refunded and still invoiced.
        invoice("tb-737", "issued", day, 100), invoice("tb-737", "credited", day + DAY / 24, 100),
        invoice("tb-739", "issued", day, 100),
        order("tb-739", t, cancelled_at=day + DAY, status_raw="交易关闭", observed_at=day + DAY),
        refunded("tb-739", "R1", day + DAY, 100, provider="card"),
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
