"""Orders that say too little, or never arrive here."""

from __future__ import annotations

from ingestion.demo.faults.maker import FaultMaker
from ingestion.demo.plan import HOUR, MINUTE


def incomplete(maker: FaultMaker) -> None:
    waiting = maker.lives & (maker.columns["handed"] > maker.plan.until_s)
    waiting &= maker.between(maker.confirmed, 20 * HOUR, 5 * MINUTE)
    chosen = maker.choose("sku_missing", waiting)
    maker.lines["sku"][maker.first_line[chosen]] = ""
    maker.columns["risk"][chosen] = "sku_missing"
    maker.stop_before_release(chosen)


def missing(maker: FaultMaker) -> None:
    maker.choose("order_missing", maker.settled_long_ago)
