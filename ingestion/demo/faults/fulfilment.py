"""Orders the warehouse is stuck with or short of, and parcels no carrier has seen."""

from __future__ import annotations

import numpy as np

from ingestion.demo.faults.maker import FaultMaker
from ingestion.demo.plan import DAY, HOUR, MINUTE


def stuck(maker: FaultMaker) -> None:
    """Accepted more than a day ago, and nobody has begun to pick."""
    accepted = maker.lives & maker.between(maker.columns["accepted"], 60 * HOUR, 25 * HOUR)
    chosen = maker.choose("stuck_in_warehouse", accepted)
    maker.stop_after("accepted", chosen)


def no_first_scan(maker: FaultMaker) -> None:
    """Handed over more than a day ago, says the warehouse; the carrier has never seen the parcel."""
    gone = maker.lives & maker.between(maker.columns["handed"], 44 * HOUR, 25 * HOUR)
    maker.stop_after("handed", maker.choose("no_first_scan", gone & ~maker.columns["is_split"]))


def short(maker: FaultMaker) -> None:
    """Some shortages wait for a decision; one old order in seventy had one that was decided."""
    columns = maker.columns
    picking = maker.lives & maker.between(columns["pick_started"], 60 * HOUR, HOUR)
    chosen = maker.choose("pick_short", picking)
    columns["short"][chosen] = columns["pick_started"][chosen] + 10 * MINUTE
    maker.stop_after("pick_started", chosen)
    settled = maker.lives & maker.between(columns["picked"], 60 * DAY, 2 * DAY)
    settled = np.flatnonzero(settled & (columns["n"] % 70 == 0))
    columns["short"][settled] = columns["pick_started"][settled] + MINUTE
    columns["short_decided"][settled] = columns["picked"][settled] - MINUTE
