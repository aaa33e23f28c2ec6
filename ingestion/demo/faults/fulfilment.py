"""Orders the warehouse is stuck with, or short of."""

from __future__ import annotations

import numpy as np

from ingestion.demo.faults.maker import FaultMaker
from ingestion.demo.orders import NEVER
from ingestion.demo.plan import DAY, HOUR, MINUTE

_AFTER_PICKING = ("picked", "packed", "handed", "delivered", "completed", "cod_collected")


def stuck(maker: FaultMaker) -> None:
    """Accepted more than a day ago, and nobody has begun to pick."""
    accepted = maker.lives & maker.between(maker.columns["accepted"], 60 * HOUR, 25 * HOUR)
    chosen = maker.choose("stuck_in_warehouse", accepted)
    for name in ("pick_started", *_AFTER_PICKING):
        maker.columns[name][chosen] = NEVER


def short(maker: FaultMaker) -> None:
    """Some shortages wait for a decision; one old order in seventy had one that was decided."""
    columns = maker.columns
    picking = maker.lives & maker.between(columns["pick_started"], 60 * HOUR, HOUR)
    chosen = maker.choose("pick_short", picking)
    columns["short"][chosen] = columns["pick_started"][chosen] + 10 * MINUTE
    for name in _AFTER_PICKING:
        columns[name][chosen] = NEVER
    settled = maker.lives & maker.between(columns["picked"], 60 * DAY, 2 * DAY)
    settled = np.flatnonzero(settled & (columns["n"] % 70 == 0))
    columns["short"][settled] = columns["pick_started"][settled] + MINUTE
    columns["short_decided"][settled] = columns["picked"][settled] - MINUTE
