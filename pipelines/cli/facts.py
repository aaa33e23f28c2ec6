"""Commands about facts coming in: init, land, ingest, replay, status."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from orderhouse.settings import Settings, get_settings
from pipelines.cli.errors import UsageError


def register(app: typer.Typer) -> None:
    for command in (init, land, ingest, replay, hide_accounts, status):
        app.command()(command)


def init() -> None:
    """Prepare the home: folders, keys, warehouse, ledger, Dagster instance. Safe to repeat."""
    from pipelines.home import prepare_home

    settings = get_settings()
    prepare_home(settings)
    print(f"Ready: {settings.root}")


def land(
    path: Annotated[
        str, typer.Argument(help="A file, a folder, an archive, or s3://bucket/prefix.")
    ],
    source: Annotated[str, typer.Option(help="Which system it comes from.")],
    shop: Annotated[str, typer.Option(help="Which shop it belongs to.")],
    received_at: Annotated[
        datetime | None,
        typer.Option(help="When it was really received, UTC; default now."),
    ] = None,
    given: Annotated[
        list[str] | None,
        typer.Option("--set", help="A parameter of the mapping, NAME=VALUE; may be repeated."),
    ] = None,
) -> None:
    """Take files into the landing store. The same bytes land once, whatever their name."""
    from ingestion.landing import land as land_path
    from ingestion.mapping import source_names

    settings = get_settings()
    known = source_names(settings.sources_dir)
    if source not in known:
        raise UsageError(f"Unknown source {source!r}. Known: {', '.join(known)}.")
    now = received_at or settings.clock()
    chosen = _pairs(given or [])
    if path.startswith("s3://"):
        if chosen:
            raise UsageError("For a bucket, write parameters into sources.yml of the home.")
        ids = _land_bucket(settings, path, source, shop, now)
    else:
        if not Path(path).exists():
            raise UsageError(f"There is nothing at {path}.")
        ids = land_path(
            settings, Path(path), source=source, shop=shop, received_at=now, given=chosen
        )
    print(f"Landed {len(ids)} files of {source}, shop {shop}. Next: orderhouse build")


def _pairs(given: list[str]) -> dict[str, str]:
    found = dict(one.partition("=")[::2] for one in given)
    if bad := [one for one in given if not one.partition("=")[2]]:
        raise UsageError(f"--set {bad[0]}: write NAME=VALUE.")
    return found


def _land_bucket(settings: Settings, url: str, source: str, shop: str, now: datetime) -> list[str]:
    """A bucket of connections.yml, or one that the client reaches with its own credentials."""
    from ingestion.buckets import land_bucket
    from orderhouse.connections import BucketConnection, load_connections

    if not url.removeprefix("s3://").strip("/") or " " in url:
        raise UsageError(f"{url} names no bucket; write s3://bucket/prefix.")
    known = load_connections(settings).of(BucketConnection)
    place = next(
        (one for one in known if (one.url, one.source, one.shop) == (url, source, shop)),
        BucketConnection(name="bucket", kind="bucket", url=url, source=source, shop=shop),
    )
    report = land_bucket(settings, place, now)
    for key, why in report.refused.items():
        print(f"Not landed: {key}: {why}")
    print(f"{report.known} known already, {report.waiting} not complete yet")
    return report.landed


def ingest() -> None:
    """Load every landed file: records, quarantine and load row in one transaction each batch."""
    from pipelines.build import take_in
    from pipelines.lease import writer_lease

    settings = get_settings()
    with writer_lease(settings):
        taken = take_in(settings)
    print(f"{taken.decisions} decisions; {taken.report}")


def replay(
    file_id: Annotated[str | None, typer.Option(help="Only this file.")] = None,
) -> None:
    """Try quarantined records again under the mappings as they are now."""
    from ingestion.store import replay_quarantine
    from pipelines.lease import writer_lease

    settings = get_settings()
    with writer_lease(settings):
        moved = replay_quarantine(settings, now=settings.clock(), file_id=file_id)
    print(f"{moved} records left quarantine. Next: orderhouse build")


def hide_accounts() -> None:
    """Rewrite accounts that were recorded in clear before their source hid them. Safe to repeat."""
    from ingestion.hiding import hide_accounts as hide
    from pipelines.lease import writer_lease

    settings = get_settings()
    with writer_lease(settings):
        done = hide(settings, settings.clock())
    for file_id, why in done.unread.items():
        print(f"{file_id}: cannot be read again: {why}")
    print(f"{done.records} records of {done.files} files rewritten.")
    if done.records:
        print("Next: orderhouse build --full. Snapshots of before still show them until they age.")
    if done.unread:
        raise typer.Exit(1)


def status() -> None:
    """What is landed, loaded, quarantined, built and served."""
    from pipelines.status import describe

    for line in describe(get_settings()):
        print(line)
