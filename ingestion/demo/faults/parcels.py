"""Parcels with an exception, lost from sight, or not received."""

from __future__ import annotations

from ingestion.demo.faults.maker import FaultMaker
from ingestion.demo.orders import NEVER
from ingestion.demo.plan import DAY, HOUR


def exceptions(maker: FaultMaker) -> None:
    until = maker.plan.until_s
    under_way = maker.lives & maker.between(maker.columns["handed"], 70 * HOUR, 22 * HOUR)
    under_way &= (maker.columns["delivered"] > until - 16 * HOUR) & ~maker.columns["is_split"]
    chosen = maker.choose("parcel_exception", under_way)
    for name in ("delivered", "completed", "cod_collected"):
        maker.columns[name][chosen] = NEVER


def not_received(maker: FaultMaker) -> None:
    delivered = maker.lives & maker.between(maker.columns["delivered"], 9 * DAY, 26 * HOUR)
    chosen = maker.choose("delivered_not_received", delivered & ~maker.columns["is_split"])
    maker.columns["completed"][chosen] = NEVER


def silent(maker: FaultMaker) -> None:
    gone = maker.lives & maker.between(maker.columns["handed"], 14 * DAY, 6 * DAY)
    chosen = maker.choose("parcel_silent", gone & ~maker.columns["is_split"])
    for name in ("delivered", "completed", "cod_collected"):
        maker.columns[name][chosen] = NEVER


def lost(maker: FaultMaker) -> None:
    """The carrier says that it has lost them, and nobody has claimed them yet."""
    gone = maker.lives & maker.between(maker.columns["handed"], 9 * DAY, 5 * DAY)
    chosen = maker.choose("parcel_lost", gone & ~maker.columns["is_split"])
    for name in ("delivered", "completed", "cod_collected"):
        maker.columns[name][chosen] = NEVER
