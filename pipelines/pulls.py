"""Asking connected systems, with what only the whole house knows: the parcels on their way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import duckdb

from ingestion.connections import pulls_of
from ingestion.pulling.engine import PullReport, feeds_of, find_pull, pull
from ingestion.pulling.feeds import Parcel
from ingestion.pulling.progress import load_progress
from orderhouse.connections import PullConnection
from orderhouse.settings import Settings
from pipelines.publish import current_build


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far a connection has got.

    Attributes:
        lag_minutes: since the moment up to which every feed is read; None before the first.
        error: why the last reading ended, empty when it ended well.
    """

    name: str
    client: str
    shop: str
    succeeded_at: str
    lag_minutes: int | None
    error: str


def pull_connection(settings: Settings, name: str, since: datetime | None = None) -> PullReport:
    """Lands what is new at one connection. Next: a build, or the worker."""
    connection = find_pull(settings, name)
    return pull(settings, name, since=since, parcels=lambda: parcels_of(settings, connection))


def parcels_of(settings: Settings, connection: PullConnection) -> list[Parcel]:
    """The shop's parcels that have left and not arrived, as the snapshot in service knows them."""
    build_id = current_build(settings)
    if build_id is None:
        return []
    path = settings.serving_dir / f"serving-{build_id}.duckdb"
    with duckdb.connect(str(path), read_only=True) as con:
        rows = con.execute(
            "select distinct shipments.carrier, shipments.tracking_number "
            "from marts.fct_shipments as shipments "
            "inner join marts.fct_orders as orders on shipments.order_id = orders.order_id "
            "where orders.shop_id = ? and shipments.tracking_number is not null "
            "and shipments.carrier is not null and shipments.shipped_at is not null "
            "and shipments.delivered_at is null and shipments.shipped_at >= ? order by 1, 2",
            [connection.shop, connection.since or datetime.min],
        ).fetchall()
    return [Parcel(carrier=carrier, tracking_number=number) for carrier, number in rows]


def reaches(settings: Settings) -> Iterator[Reach]:
    """Every connection that is asked, in the order of the file."""
    for one in pulls_of(settings):
        progress = load_progress(settings, one.name)
        marks = [progress.mark(feed.name) for feed in feeds_of(one)]
        read = [mark for mark in marks if mark is not None]
        # A feed that was never read has no lag to speak of, and neither has its connection.
        whole = len(read) == len(marks)
        lag = int((settings.clock() - min(read)).total_seconds() // 60) if whole else None
        yield Reach(
            name=one.name, client=one.client or one.source, shop=one.shop,
            succeeded_at=progress.succeeded_at, lag_minutes=lag, error=progress.error,
        )  # fmt: skip
