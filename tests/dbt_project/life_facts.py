"""What becomes of differences between payments and a bill that comes the next morning."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import md5
from typing import Any

from tests.dbt_project.facts import DAY, START, Fact, case, line, order, paid, refunded
from tests.dbt_project.recon_facts import invoice

PAID = START + DAY * 8
# The bill of the day comes in the morning of the next; what people decide, they decide at noon.
BILL = PAID + DAY
NOON = BILL + timedelta(hours=2)
SIX = (101.5, 102.5, 103.5, 104.5, 105.5, 107.25)
OWN = {"provider": "unionpay", "source": "unionpay", "channel": "unionpay", "shop_id": "tb"}


def key_of(number: str) -> str:
    return f"T200P{number}"


def break_of(number: str, recon: str = "RC2", currency: str = "CNY") -> str:
    key = f"{recon}|{key_of(number)}|{currency}"
    return md5(key.encode(), usedforsecurity=False).hexdigest()


def bought(number: str, when: datetime = PAID, amount: float = 100) -> list[Fact]:
    name = f"tb-{number}"
    return [
        order(name, when, payable_amount=amount), line(name, sku="SKU80"),
        paid(name, when, amount, provider="unionpay"),
    ]  # fmt: skip


def on_bill(number: str, amount: float, known: datetime = BILL, **given: Any) -> Fact:
    values = {
        "settlement_line_id": f"up-{number}", "line_kind": "payment", "posted_at": PAID,
        "merchant_payment_id": key_of(number), "gross_amount": amount, "fee_amount": 0,
        "currency_code": "CNY", "observed_at": known, "ingested_at": known, **OWN,
    }  # fmt: skip
    return "settlement_lines", {**values, **given}


def judged(number: str, verb: str, when: datetime, left: float, right: float, **given: Any) -> Fact:
    values = {
        "decision_id": f"{number}-{verb}-{when:%d%H%M}", "verb": verb, "decided_at": when,
        "break_id": break_of(number), "recon_code": "RC2", "match_key": key_of(number),
        "currency_code": "CNY", "left_amount": left, "right_amount": right, "actor_id": "wu",
        "actor_role": "finance", "source": "ledger",
    }  # fmt: skip
    return "recon_decisions", {**values, **given}


def lives() -> list[Fact]:
    late, later = BILL + DAY * 3, BILL + DAY * 5
    facts = [fact for number in range(800, 813) if number not in (806, 808)
             for fact in bought(str(number))]  # fmt: skip
    adjusted = judged("809", "adjust_break", NOON, 100, 90)
    return [
        *facts,
        # On the bill; on a bill that came three days too late.
        on_bill("800", 100), on_bill("801", 100, late),
        # Somebody knows why; let go, until the bill is corrected; claimed, until it is paid.
        on_bill("802", 90),
        judged("802", "explain_break", NOON, 100, 90, reason_code="bank_charge"),
        on_bill("803", 90), judged("803", "write_off", NOON, 100, 90, reason_code="too_small"),
        on_bill("803", 95, later),
        on_bill("804", 90), judged("804", "claim_break", NOON, 100, 90),
        on_bill("804", 100, later),
        # Two numbers for one payment, put together; together no longer when one of them changes.
        on_bill("806", 100),
        judged("805", "match_manually", NOON, 100, 0, group_id="g1"),
        judged("806", "match_manually", NOON, 0, 100, group_id="g1"),
        on_bill("808", 100), on_bill("808", 70, later),
        judged("807", "match_manually", NOON, 100, 0, group_id="g2"),
        judged("808", "match_manually", NOON, 0, 100, group_id="g2"),
        # Taken back; decided otherwise; decided on what was no longer true.
        on_bill("809", 90), adjusted,
        judged("809", "undo", NOON + DAY / 96, 0, 0,
               undoes_decision_id=adjusted[1]["decision_id"]),
        on_bill("810", 90), judged("810", "write_off", NOON, 100, 90),
        judged("810", "reopen_break", NOON + DAY, 100, 90),
        on_bill("811", 90), judged("811", "write_off", NOON, 100, 80),
        # A day nobody has billed.
        *bought("813", PAID + DAY * 9),
    ]  # fmt: skip


def suggested(one: str, other: str, amount: str) -> str:
    """What a suggestion of two differences with the same amount is called."""
    key = f"{break_of(one)}{break_of(other)}|{amount}|0.0000"
    return md5(key.encode(), usedforsecurity=False).hexdigest()


def suggestible() -> list[Fact]:
    """Payments and lines of a bill under other numbers, days of their own and odd amounts."""
    t = PAID + DAY * 20
    known = t + DAY

    def line_of(number: str, amount: float, days: float = 0, **given: Any) -> Fact:
        return on_bill(number, amount, known, posted_at=t + DAY * days, **given)

    return [
        # One character is wrong; a payment in two parts; three payments in one line.
        *bought("820", t, 1033.5), line_of("82O", 1033.5, merchant_payment_id="T200P82O"),
        *bought("821", t, 2077), line_of("821a", 1500), line_of("821b", 577, 1),
        *bought("822", t, 311), *bought("823", t, 322), *bought("824", t, 344),
        line_of("825", 977),
        # The amount is near and nothing else is.
        *bought("826", t, 4100), line_of("other", 4100.5, -9),
        # Said not to be the same.
        *bought("827", t, 5123), line_of("829", 5123),
        judged("827", "reject_match", known + DAY / 24, 5123, 0,
               suggestion_id=suggested("827", "829", "5123.0000")),
        # Known reasons: what the platform adds, and what happened too late for its day.
        ("settlement_lines", {**on_bill("830", 105, known)[1], "provider": "alipay",
                              "posted_at": t, "fee_amount": 0.63}),
        order("tb-830", t), line("tb-830", sku="SKU80"), paid("tb-830", t, 100),
        *bought("831", t.replace(hour=15, minute=45) + DAY * 4),
        # Six payments of three days in one line of the day after; and an order paid twice that the
        # bill names with other parts.
        *[fact for n in range(6) for fact in bought(
            f"85{n}", t - DAY * (6 - n // 2), SIX[n])],
        line_of("856", sum(SIX), -3),
        order("tb-857", t - DAY * 10, payable_amount=400), line("tb-857", sku="SKU80"),
        *[paid("tb-857", t - DAY * 10, amount, payment_id=f"tb-857-{part}", provider="unionpay",
               merchant_payment_id=key_of(f"857{part}"))
          for part, amount in (("a", 141), ("b", 259))],
        *[line_of(f"857{part}", amount, -10, order_id="tb-857")
          for part, amount in (("c", 133), ("d", 267))],
    ]  # fmt: skip


# (reconciliation, its key, how much both sides differed by) until everything was put right at once.
PUT_RIGHT_AT = BILL + DAY * 2
PUT_RIGHT = (
    ("RC4", "up-fee-860", "-4.4"),
    ("RC5", "po-861", "-5"),
    ("RC7", "amz-862|SKU70|goods", "3"),
    ("RC9", "tb-863-C", "5"),
    ("RC18", "cl-864", "10"),
    ("RC19", "tb-865", "10"),
)


def put_right() -> list[Fact]:
    """Said wrong in the morning, said otherwise two days later, and then both sides agree."""
    t = PAID

    def twice(fact: Fact, name: str, wrong: float, right: float) -> list[Fact]:
        stream, values = fact
        said = {"observed_at": BILL, "ingested_at": BILL, name: wrong}
        anew = {"observed_at": PUT_RIGHT_AT, "ingested_at": PUT_RIGHT_AT, name: right}
        return [(stream, {**values, **said}), (stream, {**values, **anew})]

    fee = on_bill("fee-860", 100, provider="alipay", merchant_payment_id=key_of("860"))
    share = {"line_kind": "adjustment", "payout_id": "po-861", "currency_code": "EUR",
             "merchant_payment_id": None, "provider": "paypal"}  # fmt: skip
    told = {"ingested_at": BILL, "observed_at": BILL}
    dollars = {"currency_code": "USD", "channel": "amazon"}
    claim = {"claim_id": "cl-864", "carrier": "sf", "currency_code": "CNY", "source": "sf",
             "channel": "sf", "shop_id": "tb", "event_at": t}  # fmt: skip
    return [
        order("tb-860", t), line("tb-860", sku="SKU80"), paid("tb-860", t),
        *twice(fee, "fee_amount", 5, 0.6),
        ("payouts", {"payout_id": "po-861", "provider": "paypal", "provider_payout_id": "po-861",
                     "payout_status": "paid", "paid_out_at": t, "amount": 50,
                     "currency_code": "EUR", "source": "paypal", "channel": "paypal",
                     "shop_id": "tb", **told}),
        on_bill("861a", 30, **share), *twice(on_bill("861b", 20, **share), "gross_amount", 25, 20),
        order("amz-862", t, payable_amount=None, **dollars),
        line("amz-862", sku="SKU70", **dollars),
        *twice(("settlement_lines", {
            "settlement_line_id": "amz-862-goods", "provider": "amazon", "line_kind": "payment",
            "posted_at": t, "order_id": "amz-862", "currency_code": "USD", "sku": "SKU70",
            "amount_type": "ItemPrice", "amount_description": "Principal", "source": "amazon",
            "channel": "amazon", "shop_id": "amz"}), "gross_amount", 97, 100),
        *bought("863", t),
        case("tb-863", "requested", t, case_kind="refund_only", sku="SKU80", amount=10,
             currency_code="CNY"),
        *twice(case("tb-863", "compensation_agreed", t, currency_code="CNY"), "amount", 15, 10),
        refunded("tb-863", "K1", t, 10, case_id="tb-863-C", refund_kind="compensation", **told),
        ("carrier_claims", {**claim, "claim_step": "accepted", "amount": 40, **told}),
        *twice(("carrier_claims", {**claim, "claim_step": "settled"}), "amount", 30, 40),
        *bought("865", t),
        invoice("tb-865", "requested", t, 100, **told),
        *twice(invoice("tb-865", "issued", t, 100), "amount", 90, 100),
    ]  # fmt: skip
