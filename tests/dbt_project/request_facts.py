"""Stock that people decided about in the house, and what the warehouse booked of it."""

from __future__ import annotations

from typing import Any

from tests.dbt_project.facts import DAY, START, Fact, line, moved, order, paid, refunded

ADJUSTED, SENT, TOLD, LOST, FOREIGN = (f"OHS-{number:012X}" for number in range(1, 6))
T = START + DAY * 5
PAID_BACK, TWICE, NOT_SEEN, WRONG_ORDER, VOID = (f"OHR-{number:012X}" for number in range(1, 6))


def agreed(
    sku: str, kind: str, quantity: int, reference: str, days: float, /, **given: Any
) -> Fact:
    """A movement two people agreed to."""
    number = f"{reference}|{kind}|{days:g}"
    values = {"source": "ledger", "channel": "ledger", "shop_id": "ledger", "reference": reference}
    return moved(sku, kind, quantity, T + DAY * days, number, **{**values, **given})


def booked(
    sku: str, kind: str, quantity: int, reference: str, number: str, /, **given: Any
) -> Fact:
    """The warehouse's own movement that names one of our numbers."""
    return moved(sku, kind, quantity, T + DAY * 2, number, reference=reference, **given)


def stock_decided() -> list[Fact]:
    there = {"warehouse_id": "WH2"}
    to = {"to_warehouse_id": "WH2"}
    return [
        *[moved(f"SKU84{n}", "opening", 200, T - DAY, f"s84{n}") for n in range(5)],
        # Agreed to and booked, in two pieces and under another name.
        agreed("SKU840", "adjust", -30, ADJUSTED, 0, reason="damaged"),
        booked("SKU840", "scrap", -20, ADJUSTED, "s840b"),
        booked("SKU840", "adjust", -10, ADJUSTED, "s840c"),
        # Sixty sent, forty entered here and booked there: twenty are under way.
        agreed("SKU841", "transfer_out", -60, SENT, 0, **to),
        booked("SKU841", "transfer_out", -60, SENT, "s841b", **to),
        agreed("SKU841", "transfer_in", 40, SENT, 1, **there),
        booked("SKU841", "transfer_in", 40, SENT, "s841c", **there),
        # Nobody entered the receipt; the warehouse told it.
        agreed("SKU842", "transfer_out", -50, TOLD, 0, **to),
        booked("SKU842", "transfer_in", 50, TOLD, "s842b", **there),
        # Told by the warehouse as well, and the rest given up.
        agreed("SKU843", "transfer_out", -60, LOST, 0, **to),
        booked("SKU843", "transfer_in", 58, LOST, "s843b", **there),
        agreed("SKU843", "transfer_in", 2, LOST, 3, reason="lost_in_transit", **there),
        agreed("SKU843", "adjust", -2, LOST, 3, reason="lost_in_transit", **there),
        # Counted twice, in two bins and then in one of them and a third.
        *[
            (
                "stock_snapshots",
                {
                    "sku": "SKU840",
                    "warehouse_id": "WH1",
                    "bin_id": name,
                    "taken_at": T + DAY * days,
                    "on_hand_quantity": quantity,
                    "source": "wms",
                    "shop_id": "tb",
                },
            )
            for name, days, quantity in (
                ("A01-1", 3, 100),
                ("A01-4", 3, 70),
                ("A01-1", 4, 90),
                ("B02-1", 4, 80),
            )
        ],
        # A number that looks like ours and of which nothing is known here.
        booked("SKU844", "adjust", -7, FOREIGN, "s844b"),
    ]


def decided_refund(
    order_id: str, number: str, status: str, days: float, amount: float, /, **given: Any
) -> Fact:
    """A step of a refund that people decided."""
    values = {
        "refund_id": number, "order_id": order_id, "request_number": number,
        "refund_status": status, "refunded_at": T + DAY * days, "amount": amount,
        "currency_code": "CNY", "source": "ledger", "channel": "ledger", "shop_id": "ledger",
    }  # fmt: skip
    return "refunds", {**values, **given}


def refunds_decided() -> list[Fact]:
    """Refunds decided here; what the shop tells of them; and numbers that are none of ours."""
    facts: list[Fact] = []
    for number in range(870, 875):
        name = f"tb-{number}"
        facts += [order(name, T), line(name), paid(name, T + DAY / 24)]
    return [
        *facts,
        # Asked for, agreed to, sent; the shop made it before we heard of it.
        decided_refund("tb-870", PAID_BACK, "requested", 1, 30, refund_kind="goodwill"),
        decided_refund("tb-870", PAID_BACK, "approved", 1.1, 30),
        decided_refund("tb-870", PAID_BACK, "sent", 1.3, 30),
        refunded("tb-870", "R1", T + DAY * 1.2, 30, request_number=PAID_BACK,
                 provider="alipay", provider_refund_id="P870"),
        # The shop names the number twice: the first is ours, the other is another refund.
        decided_refund("tb-871", TWICE, "requested", 1, 10),
        decided_refund("tb-871", TWICE, "approved", 1, 10),
        refunded("tb-871", "R1", T + DAY * 2, 10, request_number=TWICE),
        refunded("tb-871", "R2", T + DAY * 3, 5, request_number=TWICE),
        # Sent, and nobody has told of it yet.
        decided_refund("tb-872", NOT_SEEN, "requested", 1, 20, refund_kind="goodwill"),
        decided_refund("tb-872", NOT_SEEN, "approved", 1, 20),
        decided_refund("tb-872", NOT_SEEN, "sent", 1.1, 20),
        # Asked for one order, named by a refund of another.
        decided_refund("tb-873", WRONG_ORDER, "requested", 1, 15),
        refunded("tb-874", "R1", T + DAY * 2, 15, request_number=WRONG_ORDER),
        # Given up: the shop refused it.
        decided_refund("tb-874", VOID, "requested", 1, 25),
        decided_refund("tb-874", VOID, "approved", 1, 25),
        decided_refund("tb-874", VOID, "failed", 1.5, 25),
    ]  # fmt: skip
