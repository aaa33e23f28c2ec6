"""Cases and returned goods that wait too long, or that nobody expects."""

from __future__ import annotations

from ingestion.demo.faults.maker import FaultMaker
from ingestion.demo.plan import DAY


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


def stray_goods(maker: FaultMaker) -> None:
    delivered = maker.between(maker.columns["delivered"], 30 * DAY, 12 * DAY)
    maker.choose("return_unannounced", maker.lives & ~maker.columns["is_cod"] & delivered)
