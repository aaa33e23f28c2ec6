"""Orders that leave in several parcels, each with a fate of its own."""

from __future__ import annotations

from datetime import datetime

from tests.dbt_project.facts import DAY, START, Fact, billed, line, order, paid, scan, step

HOUR = DAY / 24
T = START + DAY * 3

# Code of the carrier -> (state of the parcel, what an order of several such is measured by).
STATES = {
    "left": ("LABELLED", 10), "50": ("COLLECTED", 30), "30": ("IN_TRANSIT", 50),
    "16": ("EXCEPTION", 55), "31": ("ARRIVED", 60), "44": ("OUT_FOR_DELIVERY", 80),
    "80": ("DELIVERED", 100), "648": ("RETURNING", 101), "RETURNED": ("RETURNED", 102),
    "99": ("LOST", 103),
}  # fmt: skip

# Order -> what happens to its parcels: (which, code, hours after the order).
FATES: dict[str, list[tuple[str, str, float]]] = {
    # The second is on its way when the first is there; the newest word is the first's.
    "tb-910": [("A", "left", 5), ("B", "left", 6), ("A", "50", 7), ("B", "50", 8), ("A", "44", 20),
               ("B", "30", 21), ("A", "80", 26)],
    "tb-911": [("A", "left", 5), ("B", "left", 6), ("A", "80", 30), ("B", "30", 20),
               ("B", "80", 50)],
    # One is on its way back while the other moves; then it is there, and one came back.
    "tb-912": [("A", "left", 5), ("B", "left", 6), ("A", "648", 30), ("B", "30", 20),
               ("B", "80", 50), ("A", "RETURNED", 70)],
    # Lost, found, delivered; the other stuck and delivered; one scanned again after it was there.
    "tb-913": [("A", "left", 5), ("B", "left", 6), ("C", "left", 7), ("A", "99", 30),
               ("B", "16", 31), ("C", "80", 32), ("C", "44", 33),
               ("A", "30", 40), ("A", "80", 50), ("B", "80", 60)],
    # Between the first parcel's arrival and the second's departure none is open.
    "tb-914": [("A", "left", 5), ("A", "80", 20), ("B", "left", 30), ("B", "31", 40)],
    "tb-915": [("A", "left", 5), ("B", "left", 6), ("A", "99", 30), ("B", "80", 40)],
}  # fmt: skip


def moment(hours: float) -> datetime:
    return T + HOUR * hours


def waybill(order_id: str, parcel: str) -> str:
    return f"SF{order_id[3:]}{parcel}"


def _dear_and_insured() -> list[Fact]:
    """Four that left: dear and uninsured, dear and insured in the end, dear and untold, cheap."""
    facts: list[Fact] = []
    said = {"tb-916": 0, "tb-917": 0, "tb-918": None, "tb-919": 0}
    for order_id, insured in said.items():
        worth = 100 if order_id == "tb-919" else 6000
        facts += [
            order(order_id, T, payable_amount=worth),
            line(order_id, sku="SKU60", quantity=1, unit_price_amount=worth),
            paid(order_id, T + HOUR, worth), billed(order_id, T + HOUR, worth),
            step(order_id, "review_passed", T + HOUR * 2),
            step(order_id, "handed_over", T + HOUR * 5, carrier="sf", quantity=1,
                 tracking_number=waybill(order_id, "A"), insured_amount=insured,
                 currency_code="CNY"),
            scan(waybill(order_id, "A"), "80", T + DAY),
        ]  # fmt: skip
    facts.append(
        ("shipments", {"shipment_id": "tb-917-s", "order_id": "tb-917", "carrier": "sf",
                       "tracking_number": waybill("tb-917", "A"), "shipped_at": T + HOUR * 5,
                       "insured_amount": 6000, "currency_code": "CNY"})
    )  # fmt: skip
    return facts


def in_several_parcels() -> list[Fact]:
    facts = _dear_and_insured()
    for order_id, fates in FATES.items():
        count = len({parcel for parcel, _, _ in fates})
        facts += [order(order_id, T), line(order_id, sku="SKU60", quantity=count),
                  paid(order_id, T + HOUR), billed(order_id, T + HOUR)]  # fmt: skip
        for parcel, code, hours in fates:
            number = waybill(order_id, parcel)
            if code == "left":
                facts.append(step(order_id, "handed_over", moment(hours), carrier="sf",
                                  tracking_number=number, quantity=1))  # fmt: skip
            else:
                source = "kuaidi100" if code == "RETURNED" else "sf_express"
                facts.append(scan(number, code, moment(hours), source=source))
    # A label that was printed and voided keeps no order open.
    void = {"carrier": "sf", "tracking_number": "SF911VOID"}
    facts.append(step("tb-911", "labelled", moment(4), **void))
    return facts
