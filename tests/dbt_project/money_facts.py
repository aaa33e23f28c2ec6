"""Money on its way: from a provider to the bank, to a carrier for parcels, from it for cash."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.dbt_project.facts import DAY, START, Fact, billed, line, order, paid, scan, step

SHOP = {"shop_id": "shopify", "currency_code": "USD"}


def charged(payout: str, number: str, when: datetime, net: float, /, **given: Any) -> Fact:
    """A line of 100 of which the provider keeps what is not `net`; 2.9 % and 0.30 are agreed."""
    values = {
        "settlement_line_id": f"{payout}-{number}", "provider": "shopify_payments",
        "line_kind": "payment", "payout_id": payout, "posted_at": when, "gross_amount": 100,
        "fee_amount": round(100 - net, 2), "net_amount": net, "merchant_payment_id": number,
        "source": "shopify", **SHOP,
    }  # fmt: skip
    return "settlement_lines", {**values, **given}


def payout(payout_id: str, day: datetime, amount: float, /, **given: Any) -> Fact:
    values = {
        "payout_id": payout_id, "provider": "shopify_payments", "provider_payout_id": payout_id,
        "payout_status": "paid", "paid_out_at": day, "amount": amount, "source": "shopify", **SHOP,
    }  # fmt: skip
    return "payouts", {**values, **given}


def received(payout_id: str | None, day: datetime, amount: float, /, **given: Any) -> Fact:
    values = {
        "bank_line_id": f"bank-{payout_id}-{day:%d}", "booked_at": day, "amount": amount,
        "party": "shopify_payments", "payout_reference": payout_id, "source": "bank", **SHOP,
    }  # fmt: skip
    return "bank_lines", {**values, **given}


def paid_out() -> list[Fact]:
    one, t = "shopify-50", START
    return [
        order(one, t, currency_code="USD"), line(one, currency_code="USD"),
        paid(one, t, currency_code="USD", provider="shopify_payments", merchant_payment_id="50"),
        # Agrees everywhere; first said to be on its way.
        payout("P1", t + DAY * 2, 193.60, payout_status="in_transit", observed_at=t + DAY * 2),
        payout("P1", t + DAY * 2, 193.60, observed_at=t + DAY * 3),
        charged("P1", "50", t, 96.80), charged("P1", "51", t, 96.80),
        received("P1", t + DAY * 3, 193.60),
        # Less than its lines, one of which kept too much; the bank got what was said.
        payout("P2", t + DAY * 3, 90), charged("P2", "52", t + DAY, 95),
        received("P2", t + DAY * 4, 90),
        # Never arrived, though the bank's statement is further; one failed, one has time.
        payout("P3", t + DAY * 4, 96.80), charged("P3", "53", t + DAY * 2, 96.80),
        payout("P4", t + DAY * 5, 96.80, payout_status="failed"),
        charged("P4", "54", t + DAY * 3, 96.80),
        payout("P5", t + DAY * 9, 96.80), charged("P5", "55", t + DAY * 7, 96.80),
        # Somebody else's money, and a payout nobody announced.
        received(None, t + DAY * 8, -3800, party=None), received("P9", t + DAY * 9, 12),
        # The same number in another currency is another thing; a refund costs no fee.
        received("P1", t + DAY * 5, 7, currency_code="EUR"),
        charged("P5", "r1", t + DAY * 7, -20, line_kind="refund", gross_amount=-20, fee_amount=0,
                merchant_payment_id=None, merchant_refund_id="r1"),
    ]  # fmt: skip


def charge(
    number: str, waybill: str | None, when: datetime, amount: float, /, **given: Any
) -> Fact:
    values = {
        "charge_id": f"sf-{number}", "carrier": "sf", "tracking_number": waybill,
        "charge_kind": "freight", "charged_at": when, "amount": amount, "currency_code": "CNY",
        "source": "carrier_account", "shop_id": "tb",
    }  # fmt: skip
    return "carrier_charges", {**values, **given}


def remitted(waybill: str, when: datetime, amount: float) -> Fact:
    return "cod_remittances", {
        "remittance_line_id": f"sf-cod-{waybill}-{when:%d}", "carrier": "sf",
        "tracking_number": waybill, "remitted_at": when, "amount": amount, "currency_code": "USD",
        "source": "carrier_account", "shop_id": "shopify",
    }  # fmt: skip


def claimed(claim: str, waybill: str, claim_step: str, when: datetime, amount: float) -> Fact:
    return "carrier_claims", {
        "claim_id": claim, "claim_step": claim_step, "carrier": "sf", "tracking_number": waybill,
        "event_at": when, "amount": amount, "currency_code": "CNY", "source": "carrier_account",
        "shop_id": "tb",
    }  # fmt: skip


def _sent(order_id: str, waybill: str, when: datetime, weight: float | None) -> list[Fact]:
    return [
        order(order_id, when), line(order_id), paid(order_id, when), billed(order_id, when),
        step(order_id, "handed_over", when + DAY / 4, carrier="sf", tracking_number=waybill,
             weight=weight),
    ]  # fmt: skip


def _cash(order_id: str, waybill: str, when: datetime) -> list[Fact]:
    return [
        order(order_id, when, payment_method="cod", currency_code="USD"),
        line(order_id, currency_code="USD"),
        step(order_id, "handed_over", when + DAY / 4, carrier="sf", tracking_number=waybill),
        ("payments", {"payment_id": f"cod-{waybill}", "order_id": order_id,
                      "payment_kind": "cod_collected", "payment_status": "succeeded",
                      "paid_at": when + DAY, "amount": 100, "currency_code": "USD"}),
    ]  # fmt: skip


def with_the_carrier() -> list[Fact]:
    """Bills, cash on delivery and claims: 12 for the first kilogram, 2.50 for each one more."""
    t = START + DAY * 3
    return [
        # As agreed; two kilograms too heavy; a little heavier, which is believed; back again.
        *_sent("tb-180", "SF180", t, 1.5), charge("80", "SF180", t + DAY, 14.5, weight=1.5),
        *_sent("tb-181", "SF181", t, 1), charge("81", "SF181", t + DAY, 17, weight=3),
        *_sent("tb-182", "SF182", t, 2), charge("82", "SF182", t + DAY, 17, weight=2.05),
        *_sent("tb-183", "SF183", t, None), charge("83", "SF183", t + DAY, 12, weight=0.5),
        scan("SF183", "50", t + DAY / 2), scan("SF183", "99", t + DAY * 2),
        # Not billed yet; billed for nobody; billed without a waybill.
        *_sent("tb-184", "SF184", t, 1),
        charge("85", "SF185", t + DAY, 12), charge("86", None, t + DAY * 2, 3, charge_kind="other"),
        # Another bill reaches further back, to a parcel that then has not been billed.
        *_sent("tb-187", "SF187", t - DAY * 2, 1),
        charge("88", "SF188", t - DAY * 2, 12),
        *_cash("shopify-190", "SF190", t), remitted("SF190", t + DAY * 6, 100),
        *_cash("shopify-191", "SF191", t), remitted("SF191", t + DAY * 6, 90),
        *_cash("shopify-192", "SF192", t), remitted("SF193", t + DAY * 9, 5),
        claimed("c1", "SF180", "filed", t + DAY * 2, 50),
        claimed("c1", "SF180", "accepted", t + DAY * 3, 50),
        claimed("c1", "SF180", "settled", t + DAY * 5, 30),
        claimed("c2", "SF181", "accepted", t + DAY * 3, 40),
        claimed("c4", "SF183", "filed", t + DAY * 2.5, 100),
        claimed("c3", "SF182", "rejected", t + DAY * 3, 40),
    ]  # fmt: skip
