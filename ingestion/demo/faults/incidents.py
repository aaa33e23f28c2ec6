"""Errors of operators that nobody reported or reviewed."""

from __future__ import annotations

from ingestion.demo.faults.maker import FaultMaker
from ingestion.demo.incidents import UNREPORTED, UNREVIEWED
from ingestion.demo.plan import DAY


def errors(maker: FaultMaker) -> None:
    arrived = maker.lives & maker.between(maker.columns["delivered"], 40 * DAY, 6 * DAY)
    for fault in (UNREPORTED, UNREVIEWED):
        maker.choose(fault, arrived & ~maker.columns["is_cod"])
