"""Cases and returned goods that wait too long, or that nobody expects."""

from __future__ import annotations

from ingestion.demo.faults.maker import FaultMaker
from ingestion.demo.orders import NEVER
from ingestion.demo.plan import DAY, HOUR, TAOBAO


def cases(maker: FaultMaker) -> None:
    online = maker.lives & ~maker.columns["is_cod"]
    delivered = maker.columns["delivered"]
    # Long enough ago for the goods to have come back and waited.
    for fault, oldest, newest in (
        ("case_undecided", 20 * DAY, 4 * DAY),
        ("return_overdue", 40 * DAY, 21 * DAY),
        ("return_wrong_item", 25 * DAY, 12 * DAY),
        ("qc_overdue", 25 * DAY, 13 * DAY),
        ("refund_overdue", 35 * DAY, 20 * DAY),
    ):
        maker.choose(fault, online & maker.between(delivered, oldest, newest))


def wrong_refunds(maker: FaultMaker) -> None:
    online = maker.lives & ~maker.columns["is_cod"]
    old = maker.between(maker.columns["delivered"], 45 * DAY, 22 * DAY)
    for fault in ("refund_too_much", "refund_twice", "refund_without_goods"):
        maker.choose(fault, online & old)
    # A Shopify refund of goods says that they are back in stock; Taobao's desk says nothing.
    maker.choose("refund_without_case", online & old & (maker.columns["shop"] == TAOBAO))
    # Money goes back when an order is cancelled; the parcel left after that, or before.
    regretted = (maker.columns["paid"] != NEVER) & ~maker.lives
    regretted &= maker.between(maker.columns["cancelled"], 30 * DAY, 8 * DAY)
    chosen = maker.choose("shipped_after_refund", regretted)
    maker.columns["handed"][chosen] = maker.columns["cancelled"][chosen] + 20 * HOUR
    maker.columns["delivered"][chosen] = maker.columns["handed"][chosen] + 30 * HOUR
    chosen = maker.choose("refund_in_transit", regretted)
    paid, cancelled = maker.columns["paid"][chosen], maker.columns["cancelled"][chosen]
    maker.columns["handed"][chosen] = paid + (cancelled - paid) // 2
    maker.columns["delivered"][chosen] = maker.columns["cancelled"][chosen] + 30 * HOUR


def stray_goods(maker: FaultMaker) -> None:
    delivered = maker.between(maker.columns["delivered"], 30 * DAY, 12 * DAY)
    maker.choose("return_unannounced", maker.lives & ~maker.columns["is_cod"] & delivered)
