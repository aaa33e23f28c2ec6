"""Orders that say too little, or never arrive here."""

from __future__ import annotations

from ingestion.demo.catalogue import UNLISTED
from ingestion.demo.faults.maker import FaultMaker
from ingestion.demo.plan import HOUR, MINUTE, TAOBAO


def incomplete(maker: FaultMaker) -> None:
    waiting = maker.lives & (maker.columns["handed"] > maker.plan.until_s)
    waiting &= maker.between(maker.confirmed, 20 * HOUR, 5 * MINUTE)
    for fault in ("sku_missing", "sku_unknown"):
        chosen = maker.choose(fault, waiting)
        first = maker.first_line[chosen]
        ours = maker.lines["sku"][first]
        codes = [UNLISTED + sku[-5:] if fault == "sku_unknown" else "" for sku in ours]
        maker.lines["sku"][first] = codes
        maker.columns["risk"][chosen] = "sku_missing"
        maker.stop_before_release(chosen)


def missing(maker: FaultMaker) -> None:
    maker.choose("order_missing", maker.settled_long_ago)


def by_telephone(maker: FaultMaker) -> None:
    """Nothing is wrong with these: ordered by telephone, paid by transfer, typed in by hand."""
    columns = maker.columns
    today = maker.lives & maker.between(columns["placed"], 30 * HOUR, HOUR)
    today &= maker.between(columns["paid"], 30 * HOUR, 20 * MINUTE)
    plain = ~columns["is_cod"] & (columns["risk"] == "") & (columns["supplier"] == "")
    maker.choose("by_telephone", today & plain & (columns["shop"] == TAOBAO), 3)
