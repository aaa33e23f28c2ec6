"""Facts of the rules of review: for each rule an order it stops, and one it just lets through."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.dbt_project import facts as b

MINUTE = timedelta(minutes=1)
# Which rules stop which order: the second of a pair is the near miss.
EXPECTED: dict[str, set[str]] = {}


def _paid_order(
    number: int, when: datetime, rules: str = "", /, amount: float = 100,
    lines: dict[str, Any] | None = None, **given: Any,
) -> list[b.Fact]:  # fmt: skip
    """An order of a shop of its own kind, with one line, paid two minutes later."""
    name = f"shopify-{number}"
    EXPECTED[name] = set(rules.split())
    values = {"sku": f"RV{number}", "unit_price_amount": amount / 2} | (lines or {})
    cod = given.get("payment_method") == "cod"
    terms = {"provider": "shopify_payments", "merchant_payment_id": None}
    return [
        b.order(name, when, payable_amount=amount, **given), b.line(name, **values),
        *([] if cod else [b.paid(name, when + 2 * MINUTE, amount, **terms)]),
    ]  # fmt: skip


def under_review() -> list[b.Fact]:
    t = b.START + b.DAY * 20
    return [
        *_places(t), *_people(t), *_goods(t), *_money(t), *_pairs(t), *_later(t),
        *_trusted(t), *_edited(t),
    ]  # fmt: skip


def _places(t: datetime) -> list[b.Fact]:
    lists = {"source": "risk_desk", "valid_from": t - b.DAY}
    return [
        *_paid_order(500, t, "RV02", ship_address=None),
        *_paid_order(501, t, "RV02", ship_country="US", ship_region="Oregon", ship_city="Bangor"),
        *_paid_order(502, t, ship_country="US", ship_region="Maine", ship_city="Portland"),
        *_paid_order(503, t, "RV02", ship_address="island 1"),
        *_paid_order(504, t, ship_address="island 2"),
        *_paid_order(505, t, "RV12", ship_country="US", ship_region="American Samoa"),
        ("risk_entries", {**lists, "entry_id": "u1", "list_kind": "undeliverable",
                          "address": "island 1"}),
        ("risk_entries", {**lists, "entry_id": "u2", "list_kind": "undeliverable",
                          "address": "island 2", "valid_to": t}),
        *_paid_order(506, t, "RV21", ship_method="unset"),
        *[fact for n in range(5)
          for fact in _paid_order(510 + n, t + b.DAY * n, "RV09" if n == 4 else "",
                                  ship_address="one door")],
        # Nobody can call them: the number they share says nothing.
        *[fact for n in range(5)
          for fact in _paid_order(515 + n, t + b.DAY * n, "RV03", buyer_phone="1",
                                  buyer_phone_masked="****")],
    ]  # fmt: skip


def _people(t: datetime) -> list[b.Fact]:
    lists = {"source": "risk_desk", "valid_from": t - b.DAY, "list_kind": "black"}
    listed = [
        ("risk_entries", {**lists, "entry_id": "b1", "phone": "+86 1"}),
        ("risk_entries", {**lists, "entry_id": "b2", "buyer_channel": "shopify",
                          "buyer_id": "bad"}),
        ("risk_entries", {**lists, "entry_id": "w2", "list_kind": "white", "phone": "+86 3"}),
        ("risk_entries", {**lists, "entry_id": "b3", "buyer_channel": "shopify",
                          "buyer_id": "forgiven"}),
    ]  # fmt: skip
    terms = {"currency_code": "CNY", "refund_status": "succeeded", "refund_kind": "goodwill"}

    def customer(first: int, refunds: int, rules: str) -> list[b.Fact]:
        name = f"returner-{first}"
        facts: list[b.Fact] = []
        for n in range(4):
            facts += _paid_order(first + n, t + b.DAY * n * 4, buyer_id=name)
            if n < refunds:
                facts.append(
                    ("refunds", {**terms, "refund_id": f"rv-{first + n}", "amount": 5,
                                 "order_id": f"shopify-{first + n}",
                                 "refunded_at": t + b.DAY * (n * 4 + 1)})
                )  # fmt: skip
        return [*facts, *_paid_order(first + 4, t + b.DAY * 16, rules, buyer_id=name)]

    def let_down(first: int) -> list[b.Fact]:
        """Paid, cancelled by the shop and paid back, again and again."""
        name, facts = f"let-down-{first}", []
        for n in range(4):
            order, when = f"shopify-{first + n}", t + b.DAY * n * 4
            facts += [
                b.order(order, when, buyer_id=name, cancelled_at=when + b.DAY / 2,
                        cancel_reason="inventory"),
                b.line(order), b.paid(order, when),
                ("refunds", {**terms, "refund_id": f"rv-{first + n}", "amount": 100,
                             "order_id": order, "refunded_at": when + b.DAY / 2}),
            ]  # fmt: skip
        return [*facts, *_paid_order(first + 4, t + b.DAY * 16, "", buyer_id=name)]

    def fickle(first: int, cancels: int, rules: str, /, **said: str) -> list[b.Fact]:
        name, facts = f"fickle-{first}", []
        for n in range(cancels):
            when = t + b.DAY * n
            order = f"shopify-{first + n}"
            facts += [b.order(order, when, buyer_id=name, cancelled_at=when + b.DAY / 4,
                              **said)]  # fmt: skip
        return [*facts, *_paid_order(first + 9, t + b.DAY * 9, rules, buyer_id=name)]

    return [
        *listed,
        *_paid_order(520, t, "RV06", buyer_phone="+86 1"),
        *_paid_order(521, t, "RV06", buyer_id="bad"),
        *_paid_order(522, t - b.DAY * 2, buyer_id="bad"),
        *_paid_order(523, t, buyer_id="forgiven", buyer_phone="+86 3"),
        *customer(530, 3, "RV08"), *customer(535, 2, ""),
        *fickle(540, 3, "RV07"), *fickle(550, 2, ""),
        # What the shop could not deliver is nothing against its buyer.
        *fickle(1000, 3, "", cancel_reason="inventory"),
        *let_down(1020),
        *fickle(1010, 3, "RV07", cancel_reason="CUSTOMER"),
    ]  # fmt: skip


def _goods(t: datetime) -> list[b.Fact]:
    bulk = "shopify-570"
    EXPECTED[bulk] = set()
    return [
        ("products", {"sku": "RVC", "cost_amount": 40, "currency_code": "CNY", "listed_at": t}),
        *_paid_order(560, t, "RV05", 78, {"sku": "RVC"}),
        *_paid_order(561, t, "", 80, {"sku": "RVC"}),
        *[fact for n in range(10)
          for fact in _paid_order(580 + n, t + b.DAY * n, "", 100, {"sku": "RVM"})],
        *_paid_order(562, t + b.DAY * 10, "RV05", 49, {"sku": "RVM"}),
        *_paid_order(563, t + b.DAY * 10, "", 50, {"sku": "RVM"}),
        *_paid_order(564, t, "RV10", lines={"quantity": 21}),
        *_paid_order(565, t, "", lines={"quantity": 20}),
        b.order(bulk, t), *[b.line(bulk, n, sku="RVQ", quantity=1) for n in range(100)],
        *_paid_order(566, t + b.DAY, "RV10", lines={"sku": "RVQ", "quantity": 6}),
        *_paid_order(567, t + b.DAY, "", lines={"sku": "RVQ", "quantity": 5}),
        *_paid_order(568, t, "RV17", lines={"sku": None}),
    ]  # fmt: skip


def _money(t: datetime) -> list[b.Fact]:
    bad = {"buyer_phone_masked": "12**"}
    return [
        *_paid_order(600, t, "RV11", 5001), *_paid_order(601, t, "", 5000),
        *_paid_order(602, t, "RV11", 20001),
        *_paid_order(603, t, "RV03 RV18", payment_method="cod", **bad),
        *_paid_order(604, t, "", payment_method="cod"),
        *_paid_order(605, t, "RV03", **bad),
        *_paid_order(606, t, "RV14", remark_topics="address,gift"),
        b.decided("shopify-602", "review_pass", t + b.DAY / 24),
        b.decided("shopify-602", "finance_return", t + b.DAY / 12),
        b.decided("shopify-602", "review_pass", t + b.DAY / 8),
        b.decided("shopify-602", "finance_pass", t + b.DAY / 6),
    ]  # fmt: skip


def _pairs(t: datetime) -> list[b.Fact]:
    same = {"sku": "RVT"}
    apart = {"ship_address": "elsewhere"}
    return [
        *_paid_order(610, t, "", 100, same, buyer_id="twice"),
        *_paid_order(611, t + 9 * MINUTE, "RV13", 100, same, buyer_id="twice", **apart),
        *_paid_order(612, t, "", 100, same, buyer_id="thrice"),
        *_paid_order(613, t + 11 * MINUTE, "", 100, same, buyer_id="thrice", **apart),
        *_paid_order(614, t, buyer_id="near", ship_address="both"),
        *_paid_order(615, t + b.DAY, "RV16", buyer_id="near", ship_address="both"),
        *_paid_order(616, t, buyer_id="far", ship_address="gone"),
        b.step("shopify-616", "packed", t + b.DAY / 2),
        *_paid_order(617, t + b.DAY, buyer_id="far", ship_address="gone"),
        # The first of the twins is cancelled: the second is no longer one of two.
        *_paid_order(618, t, "", 100, same, buyer_id="kept"),
        *_paid_order(619, t + 5 * MINUTE, "RV13", 100, same, buyer_id="kept", **apart),
        b.decided("shopify-619", "merge_orders", t + b.DAY),
    ]  # fmt: skip


def _later(t: datetime) -> list[b.Fact]:
    asked = {"currency_code": "CNY", "refund_kind": "cancel", "amount": 100,
             "refund_status": "requested"}  # fmt: skip
    return [
        *_paid_order(620, t, "RV15"), *_paid_order(621, t),
        ("refunds", {**asked, "refund_id": "q620", "order_id": "shopify-620",
                     "refunded_at": t + b.DAY / 2}),
        ("refunds", {**asked, "refund_id": "q620", "order_id": "shopify-620",
                     "refund_status": "rejected", "refunded_at": t + b.DAY}),
        b.step("shopify-621", "handed_over", t + b.DAY / 4, carrier="sf", tracking_number="RV621"),
        ("refunds", {**asked, "refund_id": "q621", "order_id": "shopify-621",
                     "refunded_at": t + b.DAY / 2}),
        *_paid_order(622, t, "RV19"), *_paid_order(623, t),
        ("order_risks", {"risk_id": "r622", "order_id": "shopify-622", "seen_at": t,
                         "recommendation": "investigate"}),
        ("order_risks", {"risk_id": "r623", "order_id": "shopify-623", "seen_at": t,
                         "recommendation": "accept"}),
        b.decided("shopify-622", "release_hold", t + b.DAY / 4, actor_role="order_processor"),
        *_paid_order(624, t, "RV20"),
        b.step("shopify-624", "packed", t + b.DAY / 2),
        b.step("shopify-624", "label_failed", t + b.DAY * 0.6),
        b.step("shopify-624", "labelled", t + b.DAY),
    ]  # fmt: skip


def _trusted(t: datetime) -> list[b.Fact]:
    def keeper(first: int, kept: int, rules: str) -> list[b.Fact]:
        name, facts = f"keeper-{first}", []
        for n in range(kept):
            when = t + b.DAY * n
            facts += _paid_order(first + n, when, buyer_id=name,
                                 completed_at=when + b.DAY, ship_address=f"{name} {n}")  # fmt: skip
        return [*facts, *_paid_order(first + 9, t + b.DAY * 12, rules, 5001, buyer_id=name)]

    return [*keeper(630, 5, "RV11 RV22"), *keeper(640, 4, "RV11")]


def _edited(t: datetime) -> list[b.Fact]:
    """What a channel tells otherwise later: before payment, before release, and after it."""

    def again(number: int, when: datetime, /, **given: Any) -> b.Fact:
        name = f"shopify-{number}"
        return b.line(name, sku=f"RV{number}", observed_at=when, **given)

    unpaid = "shopify-703"
    return [
        *_paid_order(700, t), again(700, t + b.DAY, quantity=1),
        b.step("shopify-700", "released", t + b.DAY / 2),
        *_paid_order(701, t), again(701, t + b.DAY / 4, quantity=1),
        b.step("shopify-701", "released", t + b.DAY / 2),
        *_paid_order(702, t),
        b.order("shopify-702", t, ship_address="moved", observed_at=t + b.DAY),
        b.step("shopify-702", "released", t + b.DAY / 2),
        b.order(unpaid, t), b.line(unpaid, quantity=9, observed_at=t),
        *[b.line(unpaid, quantity=n + 1, observed_at=t + 10 * n * MINUTE) for n in range(1, 5)],
        b.line(unpaid, quantity=7, observed_at=t + 90 * MINUTE),
        b.order(unpaid, t, ship_address="moved", observed_at=t + 5 * MINUTE),
    ]  # fmt: skip
