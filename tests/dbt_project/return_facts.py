"""Goods that came back without a word of whose they are, and what people said of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.dbt_project.facts import (
    DAY,
    START,
    Fact,
    billed,
    came_back,
    case,
    decided,
    line,
    order,
    paid,
    scan,
    step,
)

T = START + DAY * 3.5
FOUND, TAKEN_BACK, SENT_TWO, WRONG = "tb-900", "tb-901", "tb-902", "tb-903"


def sent_back(order_id: str, sku: str = "SKU900") -> list[Fact]:
    """An order whose buyer may send it back."""
    number = f"SFM{order_id[3:]}"
    return [
        order(order_id, T - DAY * 3), line(order_id, sku=sku), paid(order_id, T - DAY * 3),
        billed(order_id, T - DAY * 3),
        step(order_id, "handed_over", T - DAY * 2, carrier="sf", tracking_number=number),
        scan(number, "50", T - DAY * 2), scan(number, "80", T - DAY),
        case(order_id, "requested", T, case_kind="return", sku=sku, quantity=2, amount=100),
        case(order_id, "approved", T + DAY / 4),
    ]  # fmt: skip


def arrived(order_id: str, /, **given: Any) -> Fact:
    """Goods that the warehouse took in and looked at, and of which it knows no more."""
    told = {"order_id": None, "sku": "SKU900", "quantity": 2, "inspected_at": T + DAY * 3,
            "passed_quantity": 2}  # fmt: skip
    return came_back(order_id, T + DAY * 2, **{**told, **given})


def matched(receipt: str, case_of: str, when: datetime, /, **given: Any) -> Fact:
    about = {"queue_code": "Q27", "entity_type": "return", "entity_id": receipt}
    return decided(case_of, "match_case", when, **about, **{"case_id": f"{case_of}-C", **given})


def taken_back(receipt: str, case_of: str, said: datetime, when: datetime) -> Fact:
    return decided(
        case_of, "undo", when, queue_code="Q27", entity_type="return", entity_id=receipt,
        order_id=None, undoes_decision_id=f"{case_of}-match_case-{said:%d%H%M}",
    )  # fmt: skip


def people_matched() -> list[Fact]:
    """One found its case, of one the word was taken back, one was taken for another's."""
    said = T + DAY * 2.5
    return [
        *sent_back(FOUND), arrived(FOUND), matched(f"rr-{FOUND}", FOUND, said),
        *sent_back(TAKEN_BACK), arrived(TAKEN_BACK),
        matched(f"rr-{TAKEN_BACK}", TAKEN_BACK, said),
        taken_back(f"rr-{TAKEN_BACK}", TAKEN_BACK, said, said + DAY / 200),
        # The parcel of one order held what another's buyer sends back.
        *sent_back(SENT_TWO), *sent_back(WRONG, "SKU901"),
        arrived(SENT_TWO, order_id=SENT_TWO, sku="SKU901"),
        matched(f"rr-{SENT_TWO}", WRONG, said),
    ]  # fmt: skip
