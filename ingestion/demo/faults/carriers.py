"""Bills, cash and claims of the carrier that are not as agreed."""

from __future__ import annotations

from ingestion.demo.faults.maker import FaultMaker
from ingestion.demo.plan import DAY


def accounts(maker: FaultMaker) -> None:
    columns = maker.columns
    billed = maker.settled_long_ago & maker.between(columns["handed"], 55 * DAY, 10 * DAY)
    maker.choose("freight_wrong", billed)
    # What is not on a bill may come with the next: after five weeks nobody waits any longer.
    old = maker.settled_long_ago & maker.between(columns["handed"], 55 * DAY, 37 * DAY)
    maker.choose("freight_not_billed", old)
    lost = maker.settled_long_ago & maker.between(columns["delivered"], 55 * DAY, 37 * DAY)
    maker.choose("claim_unpaid", lost)
    collected = columns["is_cod"] & maker.between(columns["cod_collected"], 50 * DAY, 14 * DAY)
    for fault in ("cod_not_remitted", "cod_short"):
        maker.choose(fault, collected)
