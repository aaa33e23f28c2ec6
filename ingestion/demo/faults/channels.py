"""Channels that were not told what has happened."""

from __future__ import annotations

from ingestion.demo.faults.maker import FaultMaker
from ingestion.demo.plan import HOUR, MINUTE, SHOPIFY


def ship_not_synced(maker: FaultMaker) -> None:
    """The parcel left within the last half day, and the channel shows no waybill."""
    gone = maker.lives & maker.between(maker.columns["handed"], 17 * HOUR, 40 * MINUTE)
    maker.choose("ship_not_synced", gone & ~maker.columns["is_split"])


def delivery_not_synced(maker: FaultMaker) -> None:
    """Delivered, says the carrier; the shop still shows it on its way."""
    arrived = maker.lives & maker.between(maker.columns["delivered"], 72 * HOUR, HOUR)
    on_shopify = (maker.columns["shop"] == SHOPIFY) & ~maker.columns["is_split"]
    maker.choose("delivery_not_synced", arrived & on_shopify)
