"""Money on its way from a provider to the bank: payouts, what they are made of, what arrived."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.dbt_project.facts import DAY, START, Fact, line, order, paid

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
