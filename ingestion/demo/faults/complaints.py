"""Complaints that nobody answered, or answered without a plan."""

from __future__ import annotations

from ingestion.demo.complaints import FAULTS
from ingestion.demo.faults.maker import FaultMaker
from ingestion.demo.plan import DAY


def waiting(maker: FaultMaker) -> None:
    """Buyers of parcels that arrived days ago, so that nothing else is open for them."""
    arrived = maker.lives & maker.between(maker.columns["delivered"], 40 * DAY, 4 * DAY)
    for fault in sorted(FAULTS):
        maker.choose(fault, arrived & ~maker.columns["is_cod"])
