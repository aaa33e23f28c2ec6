"""Channels that were not told what has happened."""

from __future__ import annotations

from ingestion.demo.faults.maker import FaultMaker
from ingestion.demo.plan import HOUR, MINUTE, SHOPIFY, TAOBAO


def ship_not_synced(maker: FaultMaker) -> None:
    """The parcel left within the last half day, and the channel shows no waybill."""
    gone = maker.lives & maker.between(maker.columns["handed"], 17 * HOUR, 40 * MINUTE)
    maker.choose("ship_not_synced", gone & ~maker.columns["is_split"])


def delivery_not_synced(maker: FaultMaker) -> None:
    """Delivered, says the carrier; the shop still shows it on its way."""
    arrived = maker.lives & maker.between(maker.columns["delivered"], 72 * HOUR, HOUR)
    on_shopify = (maker.columns["shop"] == SHOPIFY) & ~maker.columns["is_split"]
    maker.choose("delivery_not_synced", arrived & on_shopify)


def odd_ends(maker: FaultMaker) -> None:
    """Taobao closed what the warehouse is packing, or finished what is still on its way."""
    columns = maker.columns
    on_taobao = maker.lives & (columns["shop"] == TAOBAO)
    here = maker.between(columns["released"], 20 * HOUR, HOUR)
    maker.choose("closed_on_channel", on_taobao & here & (columns["handed"] > maker.plan.until_s))
    maker.choose(
        "finished_on_the_way", on_taobao & maker.between(columns["handed"], 17 * HOUR, 7 * HOUR)
    )
