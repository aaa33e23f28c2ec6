"""Orders that wait too long: unshipped, urged, unpaid."""

from __future__ import annotations

from ingestion.demo.faults.maker import FaultMaker
from ingestion.demo.orders import NEVER
from ingestion.demo.plan import DAY, HOUR


def never_shipped(maker: FaultMaker) -> None:
    late = maker.lives & maker.between(maker.confirmed, 72 * HOUR, 40 * HOUR)
    maker.stop_before_release(maker.choose("not_shipped_in_time", late))


def buyer_urges(maker: FaultMaker) -> None:
    waiting = maker.lives & maker.between(maker.confirmed, 30 * HOUR, 2 * HOUR)
    waiting &= maker.columns["handed"] > maker.plan.until_s
    maker.choose("buyer_urges", waiting)


def unpaid(maker: FaultMaker) -> None:
    online = ~maker.columns["is_cod"] & (maker.columns["paid"] == NEVER)
    forgotten = maker.between(maker.columns["placed"], 15 * DAY, 26 * HOUR)
    # Some would have been cancelled, some would have been paid: none was.
    candidates = forgotten & (online | (maker.lives & ~maker.columns["is_cod"]))
    chosen = maker.choose("unpaid_not_cancelled", candidates)
    maker.stop_before_release(chosen)
    maker.columns["paid"][chosen] = NEVER
    maker.columns["cancelled"][chosen] = NEVER
