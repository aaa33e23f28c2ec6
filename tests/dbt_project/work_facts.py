"""Work done in the app about cases: what was said, agreed to, filed; some of it taken back."""

from __future__ import annotations

from typing import Any

from tests.dbt_project.facts import (
    DAY,
    START,
    Fact,
    billed,
    case,
    contact,
    decided,
    line,
    moved,
    order,
    paid,
    scan,
    step,
)
from tests.dbt_project.incidents import happened

HOUR = DAY / 24
T = START + DAY * 4


def worked() -> list[Fact]:
    return [
        *_stopped(), *_spoken_about(), *_agreed_to(), *_answered(), *_decided_short(), *_counted(),
        happened("E870", "error_found", T, "tb-870", "wrong_item"),
        _did("tb-870", "report_incident", T + HOUR / 2, "Q35", entity_type="incident",
             entity_id="E870"),
        happened("I870", "issue_raised", T, None, "outage"),
        _did("tb-870", "agree_plan", T + HOUR * 5, "Q35", entity_type="incident",
             entity_id="I870", order_id=None),
    ]  # fmt: skip


def _did(order_id: str, verb: str, when: Any, queue: str, /, **given: Any) -> Fact:
    return decided(order_id, verb, when, queue_code=queue, **given)


def _on_the_way(order_id: str, number: str) -> list[Fact]:
    return [
        order(order_id, T - DAY), line(order_id, sku="SKU870"), paid(order_id, T - DAY),
        billed(order_id, T - DAY),
        step(order_id, "handed_over", T - DAY / 2, carrier="sf", tracking_number=number),
        scan(number, "50", T - DAY / 3),
    ]  # fmt: skip


def _spoken_about() -> list[Fact]:
    """Two stuck parcels, of one the word with the customer is taken back; one lost; one missed."""
    stuck, undone, lost, missed = "tb-870", "tb-871", "tb-872", "tb-873"
    parcel = {"entity_type": "shipment"}
    facts = [
        fact
        for order_id in (stuck, undone, lost, missed)
        for fact in _on_the_way(order_id, f"SF{order_id[3:]}")
    ]
    for order_id in (stuck, undone):
        about = {**parcel, "entity_id": f"{order_id}-SF{order_id[3:]}"}
        facts += [
            scan(f"SF{order_id[3:]}", "16", T),
            _did(order_id, "contact_carrier", T + HOUR * 2, "Q23", **about),
            _did(order_id, "contact_customer", T + HOUR * 3, "Q23", **about),
        ]
    return [
        *facts, scan("SF870", "80", T + DAY), scan("SF871", "80", T + DAY),
        _did(undone, "undo", T + HOUR * 3.1, "Q23", **parcel, entity_id=f"{undone}-SF871",
             undoes_decision_id=f"{undone}-contact_customer-{T + HOUR * 3:%d%H%M}"),
        scan("SF872", "99", T),
        _did(lost, "file_claim", T + DAY, "Q24", entity_type="claim", entity_id=f"{lost}-SF872"),
        scan("SF873", "80", T),
        contact(missed, "not_received", T + HOUR),
        _did(missed, "reship", T + DAY, "Q25"),
    ]  # fmt: skip


def _agreed_to() -> list[Fact]:
    """A return agreed to and inspected in the app; a refund that failed and was tried again."""
    back, failed = "tb-874", "tb-875"
    about = {"entity_type": "case", "entity_id": f"{back}-C"}
    refund = {"refund_id": "tb-R875", "order_id": failed, "amount": 100, "currency_code": "CNY",
              "refund_kind": "cancel", "shop_id": "tb", "source": "service_desk"}  # fmt: skip
    money = {"entity_type": "refund", "entity_id": "tb-R875"}
    return [
        *_on_the_way(back, "SF874"), scan("SF874", "80", T - HOUR),
        case(back, "requested", T, case_kind="return", sku="SKU870", quantity=2, amount=100),
        _did(back, "ask_evidence", T + HOUR, "Q26", **about),
        _did(back, "evidence_received", T + HOUR * 5, "Q26", **about),
        _did(back, "approve_case", T + HOUR * 6, "Q26", **about),
        case(back, "return_received", T + DAY * 2, quantity=2),
        _did(back, "inspect_pass", T + DAY * 2 + HOUR, "Q28", **about),
        _did(back, "ask_account", T + DAY * 3, "Q28", **about),
        order(failed, T), line(failed, sku="SKU870"), paid(failed, T), billed(failed, T),
        ("refunds", {**refund, "refund_status": "requested", "refunded_at": T + HOUR}),
        _did(failed, "approve_refund", T + HOUR * 2, "Q28", **money),
        ("refunds", {**refund, "refund_status": "failed", "refunded_at": T + HOUR * 3}),
        _did(failed, "ask_account", T + HOUR * 4, "Q28", **money),
        _did(failed, "account_given", T + HOUR * 10, "Q28", **money),
        _did(failed, "pay_refund", T + HOUR * 12, "Q28", **money),
    ]  # fmt: skip


def _answered() -> list[Fact]:
    """A major complaint answered, planned for and scored; one about no order is answered."""
    one = "tb-876"
    about = {"entity_type": "complaint", "entity_id": "K876"}
    return [
        order(one, T), line(one, sku="SKU870"), paid(one, T), billed(one, T),
        contact(one, "complaint", T, contact_id="K876", complaint_id="K876", level="major"),
        _did(one, "respond", T + HOUR, "Q30", **about),
        _did(one, "make_good", T + HOUR * 2, "Q30", **about),
        _did(one, "close_with_score", T + DAY, "Q30", **about, quantity=4),
        contact("", "complaint", T, contact_id="K877", complaint_id="K877", order_id=None),
        _did(one, "respond", T + HOUR * 3, "Q30", entity_type="complaint", entity_id="K877",
             order_id=None, decision_id="respond-877"),
    ]  # fmt: skip


def _decided_short() -> list[Fact]:
    """Short at picking: the customer is asked, answers six hours later, and waits."""
    one, silent = "tb-878", "tb-879"
    return [
        order(one, T), line(one, sku="SKU870"), paid(one, T), billed(one, T),
        step(one, "released", T + HOUR), step(one, "wms_accepted", T + HOUR),
        step(one, "pick_short", T + HOUR * 2, sku="SKU870", quantity=1),
        _did(one, "ask_customer", T + HOUR * 3, "Q19"),
        _did(one, "customer_answered", T + HOUR * 9, "Q19"),
        _did(one, "delay", T + HOUR * 10, "Q19"),
        # Another customer never answers.
        order(silent, T), line(silent, sku="SKU870"), paid(silent, T), billed(silent, T),
        step(silent, "pick_short", T + HOUR * 2, sku="SKU870", quantity=1),
        _did(silent, "ask_customer", T + HOUR * 3, "Q19"),
    ]  # fmt: skip


def _counted() -> list[Fact]:
    """Two counted lines: one is approved, the refusal of the other is taken back."""
    line_of = {"count_id": "C870", "sku": "SKU871", "warehouse_id": "WH1", "source": "wms",
               "channel": "wms", "shop_id": "tb", "book_quantity": 10}  # fmt: skip
    facts: list[Fact] = [
        ("stock_counts", {**line_of, "count_line_id": f"C870-{number}", "count_step": "counted",
                          "event_at": T, "counted_quantity": 7, "lot": f"L{number}"})
        for number in (1, 2)
    ]  # fmt: skip
    about = {"entity_type": "count", "order_id": None}
    return [
        *facts,
        _did("C870", "approve_count", T + HOUR, "Q16", **about, entity_id="C870-1"),
        _did("C870", "reject_count", T + HOUR, "Q16", **about, entity_id="C870-2",
             decision_id="refused"),
        _did("C870", "undo", T + HOUR * 1.1, "Q16", **about, entity_id="C870-2",
             undoes_decision_id="refused"),
    ]  # fmt: skip


def counted_with_totals() -> list[Fact]:
    """Totals told beside bins and batches, a row that only looks like one, a small drift."""
    said = {"warehouse_id": "WH1", "source": "wms", "taken_at": T, "shop_id": "tb"}
    rows: list[dict[str, Any]] = [
        {"sku": "SKU872", "on_hand_quantity": 12},
        {"sku": "SKU872", "lot": "A", "on_hand_quantity": 8},
        {"sku": "SKU872", "lot": "A", "bin_id": "1-1", "on_hand_quantity": 5},
        {"sku": "SKU872", "lot": "A", "bin_id": "1-2", "on_hand_quantity": 3},
        {"sku": "SKU872", "lot": "B", "bin_id": "2-1", "on_hand_quantity": 4},
        # Seven lie in bins, and two more nowhere in particular.
        {"sku": "SKU873", "bin_id": "1-1", "on_hand_quantity": 7},
        {"sku": "SKU873", "on_hand_quantity": 2},
        {"sku": "SKU874", "on_hand_quantity": 96},
        {"sku": "SKU875", "on_hand_quantity": 94},
    ]
    return [
        *[("stock_snapshots", {**said, **row}) for row in rows],
        moved("SKU872", "opening", 8, T - DAY, "m-872a", lot="A"),
        moved("SKU872", "opening", 4, T - DAY, "m-872b", lot="B"),
        *[
            moved(sku, "opening", quantity, T - DAY, f"m-{sku}")
            for sku, quantity in (("SKU873", 9), ("SKU874", 100), ("SKU875", 100))
        ],
    ]  # fmt: skip


def _stopped() -> list[Fact]:
    """Dear orders a person looks at: one is blocked, of the other the block is taken back."""
    facts: list[Fact] = []
    for order_id in ("tb-877", "tb-8770"):
        facts += [
            order(order_id, T, payable_amount=6000),
            line(order_id, sku="SKU876", unit_price_amount=3000),
            paid(order_id, T, 6000), billed(order_id, T, 6000),
            _did(order_id, "review_block", T + HOUR, "Q07", reason_code="suspected_fraud"),
        ]  # fmt: skip
    return [
        *facts,
        _did("tb-8770", "undo", T + HOUR * 1.1, "Q07",
             undoes_decision_id=f"tb-8770-review_block-{T + HOUR:%d%H%M}"),
    ]  # fmt: skip
