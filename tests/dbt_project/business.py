"""A business of a few orders in which nearly everything happens once: the facts of the properties.

Each function tells the story of one order as facts (stream, values); `FACTS` is all of them.
"""

from __future__ import annotations

from datetime import datetime

from tests.dbt_project.access_facts import accounts
from tests.dbt_project.after_sales import after_sales, complaints, refunds_gone_wrong
from tests.dbt_project.balance_facts import accounts_with_balances
from tests.dbt_project.carrier_facts import to_be_sent
from tests.dbt_project.case_facts import acted_on
from tests.dbt_project.cost_facts import with_costs
from tests.dbt_project.deposit_facts import deposits
from tests.dbt_project.event_facts import told_at_last
from tests.dbt_project.facts import (
    DAY,
    START,
    Fact,
    billed,
    contact,
    decided,
    line,
    moved,
    order,
    paid,
    scan,
    shown,
    step,
)
from tests.dbt_project.forecast_facts import forecast
from tests.dbt_project.incidents import incidents
from tests.dbt_project.life_facts import lives, put_right, suggestible
from tests.dbt_project.money_facts import paid_out, with_the_carrier
from tests.dbt_project.parcel_facts import in_several_parcels
from tests.dbt_project.recon_facts import (
    goods_and_money,
    invoiced,
    refunds_on_bills,
    settled_by_article,
)
from tests.dbt_project.request_facts import refunds_decided, stock_decided
from tests.dbt_project.return_facts import people_matched
from tests.dbt_project.review_facts import under_review
from tests.dbt_project.shortage_facts import shortages
from tests.dbt_project.state_facts import closed_after_sending, disagreeing, ended_by_themselves
from tests.dbt_project.stock_facts import more_stock
from tests.dbt_project.supplier_facts import by_suppliers
from tests.dbt_project.work_facts import counted_with_totals, worked


def _delivered_and_returned() -> list[Fact]:
    one, t = "tb-1", START
    return [
        order(one, t, observed_at=t),
        order(one, t, status_raw="交易成功", completed_at=t + 6 * DAY, observed_at=t + 6 * DAY),
        line(one), paid(one, t + DAY / 24), billed(one, t + DAY / 24),
        ("shipments", {"shipment_id": "tb-1-SF1", "order_id": one, "carrier": "sf",
                       "tracking_number": "SF1", "observed_at": t + DAY}),
        step(one, "released", t + DAY / 2), step(one, "packed", t + DAY * 0.6),
        step(one, "handed_over", t + DAY, carrier="sf", tracking_number="SF1"),
        scan("SF1", "50", t + DAY * 1.1), scan("SF1", "33", t + DAY * 2),
        contact(one, "carrier_contacted", t + DAY * 2.1, tracking_number="SF1"),
        contact(one, "customer_contacted", t + DAY * 2.2, tracking_number="SF1"),
        scan("SF1", "44", t + DAY * 2.5), scan("SF1", "80", t + DAY * 2.8),
        scan("SF1", "8000", t + DAY * 2.81),
        contact(one, "not_received", t + DAY * 3),
        contact(one, "not_received_resolved", t + DAY * 4, outcome="found"),
        *[
            ("after_sales", {"case_id": "tb-C1", "order_id": one, "case_kind": "return",
                             "case_step": name, "event_at": t + DAY * (7 + n), "sku": "SKU1",
                             "quantity": 1})
            for n, name in enumerate(("requested", "approved", "return_received", "qc_passed"))
        ],
        ("refunds", {"refund_id": "tb-R1", "case_id": "tb-C1", "refund_status": "succeeded",
                     "refunded_at": t + DAY * 11, "amount": 50, "currency_code": "CNY",
                     "refund_kind": "return", "shop_id": "tb", "source": "service_desk"}),
    ]  # fmt: skip


def _in_two_parcels() -> list[Fact]:
    two, t = "shopify-2", START + DAY
    return [
        order(two, t, payable_amount=None, shipping_amount=8),
        line(two), line(two, 2, sku="SKU2", quantity=1, unit_price_amount=20, discount_amount=3),
        paid(two, t + DAY / 24, 125, provider="shopify_payments", merchant_payment_id=None),
        *[
            ("shipments", {"shipment_id": f"shopify-f{n}", "order_id": two, "carrier": "sf",
                           "tracking_number": f"SF2{n}", "shipped_at": t + DAY * n})
            for n in (1, 2)
        ],
        ("shipment_lines", {"shipment_id": "shopify-f1", "line_id": f"{two}-l1",
                            "order_id": two, "quantity": 2}),
        ("shipment_lines", {"shipment_id": "shopify-f2", "line_id": f"{two}-l2",
                            "order_id": two, "quantity": 1}),
        # The warehouse saw the first parcel leave a little earlier: it is the same parcel.
        step(two, "handed_over", t + DAY * 0.99, carrier="sf", tracking_number="SF21"),
        scan("SF21", "50", t + DAY * 1.2), scan("SF21", "??", t + DAY * 1.3),
        step(two, "hold_applied", t + DAY * 1.4, reason="stock"),
        step(two, "hold_released", t + DAY * 1.9),
    ]  # fmt: skip


def _waiting_for_review() -> list[Fact]:
    """Two buyers: one bought far too much, one cancels often. A pass is taken back once."""
    many, habit, t = "tb-3", "tb-7", START + DAY * 2
    cancelled = [
        order(f"tb-{n}", t + DAY * (n - 4), buyer_id="fickle",
              cancelled_at=t + DAY * (n - 4) + DAY / 12, status_raw="交易关闭")
        for n in (4, 5, 6)
    ]  # fmt: skip
    undone = decided(many, "review_pass", t + DAY * 0.2)
    return [
        order(many, t), line(many, quantity=60, unit_price_amount=1), paid(many, t + DAY / 24),
        decided(many, "review_hold", t + DAY * 0.1),
        decided(many, "release_hold", t + DAY * 0.15),
        undone,
        decided(many, "undo", t + DAY * 0.21, undoes_decision_id=undone[1]["decision_id"]),
        *cancelled,
        order(habit, t + DAY * 4, buyer_id="fickle"), line(habit), paid(habit, t + DAY * 4.1),
        decided(habit, "review_pass", t + DAY * 4.2),
    ]  # fmt: skip


def _money_gone_wrong() -> list[Fact]:
    twice, short, other, t = "tb-8", "tb-9", "tb-10", START + DAY * 3
    return [
        order(twice, t), line(twice), paid(twice, t + DAY / 24), billed(twice, t + DAY / 24),
        billed(twice, t + DAY / 12, settlement_line_id="bill-again"),
        order(short, t), line(short),
        # First booked on the wrong order: a later version of the payment says whose it is.
        paid(other, t + DAY / 20, 90, payment_id="tb-9-pay", merchant_payment_id="T200P9"),
        paid(short, t + DAY / 20, 90, observed_at=t + DAY),
        order(other, t, cancelled_at=t + DAY * 2), line(other, sku=None),
        ("payments", {"payment_id": "tb-10-fail", "order_id": other, "payment_kind": "capture",
                      "payment_status": "failed", "paid_at": t + DAY / 24, "amount": 100}),
    ]  # fmt: skip


def _without_an_order() -> list[Fact]:
    t = START + DAY * 4
    return [
        step("tb-404", "handed_over", t, carrier="sf", tracking_number="SF404", quantity=1),
        scan("SF404", "50", t + DAY / 10),
        billed("tb-404", t - DAY / 2, order_id="tb-404"),
    ]  # fmt: skip


def _in_pieces() -> list[Fact]:
    """Money an hour before its order, a code that comes a day later, a parcel held by customs."""
    early, bare, abroad, t = "tb-420", "tb-421", "shopify-422", START + DAY * 4
    return [
        paid(early, t, ingested_at=t), billed(early, t),
        order(early, t, ingested_at=t + DAY / 24), line(early, sku="SKU42"),
        order(bare, t), paid(bare, t + DAY / 24), billed(bare, t + DAY / 24),
        line(bare, sku=None, observed_at=t), line(bare, sku="SKU42", observed_at=t + DAY),
        order(abroad, t), line(abroad, sku="SKU42"),
        paid(abroad, t, provider="shopify_payments"),
        step(abroad, "handed_over", t + DAY, carrier="sf", tracking_number="SF422"),
        scan("SF422", "50", t + DAY * 1.1), scan("SF422", "30", t + DAY * 2.5),
        scan("SF422", "30", t + DAY * 4.4),
        *[scan("SF422", "13", t + DAY * days, source="kuaidi100") for days in (1.5, 2)],
        scan("SF422", "80", t + DAY * 6),
    ]  # fmt: skip


def _quiet_ones() -> list[Fact]:
    unpaid, cod, test, old, t = "tb-11", "shopify-12", "tb-13", "online_retail-14", START + DAY * 5
    return [
        order(unpaid, t), line(unpaid),
        order(cod, t, payment_method="cod"), line(cod, quantity=1),
        ("payments", {"payment_id": "cod-12", "order_id": cod, "payment_kind": "cod_collected",
                      "payment_status": "succeeded", "paid_at": t + DAY * 4, "amount": 100}),
        ("shipments", {"shipment_id": "shopify-f12", "order_id": cod, "carrier": "sf",
                       "tracking_number": "SF12", "shipped_at": t + DAY,
                       "delivered_at": t + DAY * 3}),
        # A source that names no moment: it happened when the order says.
        ("payments", {"payment_id": "old-15", "order_id": "olist-15", "payment_kind": "capture",
                      "payment_status": "succeeded", "amount": 100, "currency_code": "BRL",
                      "observed_at": t}),
        order("olist-15", t, paid_at=t + DAY / 8, currency_code="BRL"), line("olist-15"),
        shown(cod, "pending/unfulfilled", t + DAY),
        order(test, t, is_test=True), line(test),
        order(old, t, buyer_id=None, payment_method=None, payable_amount=None), line(old),
        contact(unpaid, "buyer_urged", t + DAY / 10),
    ]  # fmt: skip


def _shared() -> list[Fact]:
    """Two orders on one waybill and in one payment; what names only those goes to one of them."""
    a, b, t = "tb-16", "tb-17", START + DAY * 3
    together = {"merchant_payment_id": "T200P1617"}
    return [
        order(a, t), line(a), paid(a, t + DAY / 24, **together),
        order(b, t), line(b), paid(b, t + DAY / 24, **together),
        billed(a, t + DAY / 24, 200, **together),
        step(a, "handed_over", t + DAY, carrier="sf", tracking_number="SF16"),
        step(b, "handed_over", t + DAY, carrier="sf", tracking_number="SF16"),
        scan("SF16", "50", t + DAY * 1.1), scan("SF16", "80", t + DAY * 2),
        contact("-", "not_received", t + DAY * 3, order_id=None, tracking_number="SF16",
                carrier="sf"),
    ]  # fmt: skip


def _in_the_warehouse() -> list[Fact]:
    """One order is short at picking until somebody decides; one is accepted and forgotten."""
    short, stuck, t = "tb-30", "tb-31", START + DAY * 3
    return [
        order(short, t), line(short, sku="SKU30"), paid(short, t), billed(short, t),
        step(short, "released", t + DAY / 8), step(short, "wms_accepted", t + DAY / 6),
        step(short, "pick_started", t + DAY / 4),
        step(short, "pick_short", t + DAY / 3, sku="SKU30", quantity=1),
        step(short, "pick_short_resolved", t + DAY * 1.5, reason="delay"),
        order(stuck, t), line(stuck, sku="SKU30"), paid(stuck, t), billed(stuck, t),
        step(stuck, "released", t + DAY / 24), step(stuck, "wms_accepted", t + DAY / 24),
        step(stuck, "pick_started", t + DAY / 4), step(stuck, "pick_short", t + DAY / 3),
    ]  # fmt: skip


def _out_of_order() -> list[Fact]:
    """Shipped before it was paid, then twice more; one was justified, one answer taken back."""
    one, t = "tb-18", START + DAY * 6
    about = {"queue_code": "Q32", "entity_type": "deviation"}
    taken_back = decided(one, "justify", t + DAY * 3.2, **about, entity_id=f"SHIPPED_TWICE@{one}")
    return [
        order(one, t, observed_at=t), line(one), billed(one, t + DAY * 1.1),
        step(one, "handed_over", t + DAY, carrier="sf", tracking_number="SF18", quantity=2),
        paid(one, t + DAY * 1.1),
        step(one, "handed_over", t + DAY * 2, carrier="sf", tracking_number="SF18B", quantity=1),
        decided(one, "justify", t + DAY * 2.5, **about, entity_id=f"SHIPPED_TWICE@{one}"),
        step(one, "handed_over", t + DAY * 3, carrier="sf", tracking_number="SF18C", quantity=1),
        taken_back,
        decided(one, "undo", t + DAY * 3.21, undoes_decision_id=taken_back[1]["decision_id"]),
        *[scan(number, "80", t + DAY * 3.5) for number in ("SF18", "SF18B", "SF18C")],
    ]  # fmt: skip


def _shown_by_channels() -> list[Fact]:
    """Shown late, shown with the wrong waybill, shown in time, and a shop nobody hears of."""
    late, timely, quiet, t = "tb-80", "shopify-81", "quiet-82", START + DAY * 4
    minute = DAY / 1440
    silent = {"channel": "shopify", "source": "shopify", "shop_id": "quiet"}
    return [
        order(late, t), line(late, sku="SKU80"), paid(late, t + DAY / 24),
        billed(late, t + DAY / 24),
        shown(late, "WAIT_BUYER_PAY", t),
        shown(late, "WAIT_SELLER_SEND_GOODS", t + DAY / 24 + minute * 40),
        step(late, "handed_over", t + DAY, carrier="sf", tracking_number="SF80"),
        shown(late, "WAIT_BUYER_CONFIRM_GOODS", t + DAY + minute, tracking_number="SF08"),
        shown("tb-11", "TRADE_CLOSED_BY_TAOBAO", t + DAY * 2),
        order(timely, t), line(timely, sku="SKU80"), paid(timely, t, provider="shopify_payments"),
        shown(timely, "paid/unfulfilled", t),
        step(timely, "handed_over", t + DAY, carrier="sf", tracking_number="SF81"),
        ("shipments", {"shipment_id": "shopify-f81", "order_id": timely, "carrier": "sf",
                       "tracking_number": "SF81", "shipped_at": t + DAY + minute * 10}),
        shown(timely, "fulfillment/success", t + DAY + minute * 10, tracking_number="SF81",
              shipment_id="shopify-f81"),
        scan("SF81", "80", t + DAY * 2),
        shown(timely, "event/delivered", t + DAY * 2 + minute * 20, shipment_id="shopify-f81"),
        shown(timely, "no such word", t + DAY * 3),
        order(quiet, t, **silent), line(quiet, sku="SKU80", **silent), paid(quiet, t, **silent),
        shown(quiet, "paid/unfulfilled", t, **silent),
        step(quiet, "handed_over", t + DAY, carrier="sf", tracking_number="SF82"),
        *_told_in_vain("tb-212", t),
    ]  # fmt: skip


def _told_in_vain(order_id: str, t: datetime) -> list[Fact]:
    """Given up, sent again, given up again, and told at last; another system was told at once."""
    about = {"entity_type": "message", "entity_id": "a-212.wms", "actor_id": "automation"}
    return [
        decided(order_id, "re_push", t, decision_id="a-212"),
        decided(order_id, "delivery_given_up", t + DAY, **about, reason_code="503"),
        decided(order_id, "delivery_given_up", t + DAY * 2, **about, reason_code="422"),
        decided(order_id, "delivery_answered", t + DAY * 3, **about, reason_code="200"),
        decided(order_id, "delivery_answered", t + DAY * 1.5, entity_type="message",
                entity_id="a-212.shop", actor_id="automation", reason_code="200"),
    ]  # fmt: skip


def _stock() -> list[Fact]:
    facts = [
        moved("SKU1", "opening", 10, START - DAY, "m1"),
        moved("SKU1", "ship", -2, START + DAY, "m2"),
        moved("SKU1", "return_damaged", 1, START + DAY * 9, "m3"),
        moved("SKU1", "freeze", 2, START + DAY * 9, "m4"),
        moved("SKU2", "opening", 1, START - DAY, "m5"),
    ]
    counts = ((2, 8), (4, 9), (6, 8), (8, 5))
    for day, quantity in counts:
        facts.append(
            ("stock_snapshots", {"sku": "SKU1", "warehouse_id": "WH1", "source": "wms",
                                 "taken_at": START + DAY * day, "on_hand_quantity": quantity,
                                 "shop_id": "tb"})
        )  # fmt: skip
    facts.append(("products", {"sku": "SKU1", "product_name": "cup", "listed_at": START}))
    return facts


def _of_codes() -> list[Fact]:
    """Goods whose code is on no list, and on one only two days later."""
    t = START + DAY * 4
    return [
        order("tb-967", t), line("tb-967", sku="NOWHERE1", observed_at=t), paid("tb-967", t),
        order("tb-968", t), line("tb-968", sku="LATE1", observed_at=t), paid("tb-968", t),
        ("products", {"sku": "LATE1", "listed_at": t + DAY * 2}),
    ]  # fmt: skip


def _listed(facts: list[Fact]) -> list[Fact]:
    """The product list of the house, which names all that is sold in it from the beginning."""
    sold = {given.get("sku") for stream, given in facts if stream == "order_lines"}
    late = {"NOWHERE1", "LATE1", None}
    return [
        ("products", {"sku": sku, "listed_at": START - DAY * 40}) for sku in sorted(sold - late)
    ]


FACTS: list[Fact] = [
    *_delivered_and_returned(), *_in_two_parcels(), *_waiting_for_review(), *_money_gone_wrong(),
    *_without_an_order(), *_in_pieces(), *_quiet_ones(), *_shared(), *_stock(), *after_sales(),
    *_in_the_warehouse(), *_shown_by_channels(),
    *_out_of_order(), *more_stock(),
    *refunds_gone_wrong(), *complaints(), *under_review(), *paid_out(), *with_the_carrier(),
    *incidents(), *disagreeing(), *closed_after_sending(), *ended_by_themselves(),
    *with_costs(), *to_be_sent(), *accounts(), *shortages(), *by_suppliers(),
    *refunds_on_bills(), *goods_and_money(), *lives(), *settled_by_article(), *invoiced(),
    *suggestible(), *stock_decided(), *refunds_decided(), *put_right(), *worked(),
    *people_matched(), *counted_with_totals(), *deposits(),
    *accounts_with_balances(),
    *told_at_last(), *in_several_parcels(), *forecast(), *acted_on(), *_of_codes(),
]  # fmt: skip
FACTS += _listed(FACTS)
