"""Reads the feeds of a connection, window by window, page by page.

A page is landed before the next is asked for, and a feed's mark moves when its window is whole.
The mark is set by the other system's clock where that is behind ours: what it dates before our
present may still come.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx2
import structlog

from ingestion.connections import pulls_of
from ingestion.landing import Landing
from ingestion.pulling.calls import Caller, PullError
from ingestion.pulling.clients import CLIENTS
from ingestion.pulling.feeds import Client, Feed, Parcel, Question, Window
from ingestion.pulling.pacing import Pace
from ingestion.pulling.progress import Progress, alone, load_progress, save_progress
from orderhouse.connections import PullConnection
from orderhouse.failpoints import reach
from orderhouse.privacy import open_privacy
from orderhouse.settings import Settings, named

log = structlog.get_logger()
_EPOCH = datetime(1970, 1, 1)
_DAY = timedelta(days=1)
# Two clocks differ by less.
_CLOCKS = timedelta(hours=1)


@dataclass(slots=True, kw_only=True)
class PullReport:
    """What one reading brought. `files`: pages that were not landed before."""

    pages: int = 0
    rows: int = 0
    files: int = 0


def pull(
    settings: Settings,
    name: str,
    *,
    since: datetime | None = None,
    parcels: Callable[[], Sequence[Parcel]] = lambda: (),
    transport: httpx2.BaseTransport | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> PullReport:
    """Ask one connection for what is new.

    Args:
        since: read from here again, or for the first time; never forward past what is unread.
        transport: how calls travel; tests have their own.

    Raises:
        PullError: it could not be asked to the end. What was read is landed; the rest is read next.
    """
    connection = find_pull(settings, name)
    client = CLIENTS[connection.client or connection.source]
    secrets = {key: named(ref).get_secret_value() for key, ref in connection.credentials.items()}
    with alone(settings, name):
        progress = load_progress(settings, name)
        progress.tried_at = settings.clock().isoformat(timespec="seconds")
        with httpx2.Client(
            base_url=connection.address or client.address or "", transport=transport,
            timeout=settings.pull_timeout_seconds, **client.sign(secrets, connection),
        ) as http:  # fmt: skip
            reading = _Reading(settings, connection, client, secrets, progress, parcels)
            try:
                reading.run(http, sleep, since)
            except PullError as error:
                progress.error = str(error)
                save_progress(settings, name, progress)
                raise
        progress.error = ""
        progress.succeeded_at = progress.tried_at
        save_progress(settings, name, progress)
    return reading.report


def find_pull(settings: Settings, name: str) -> PullConnection:
    known = {one.name: one for one in pulls_of(settings)}
    if name not in known:
        raise PullError(f"No connection {name!r} is asked. Known: {', '.join(known) or 'none'}.")
    return known[name]


def feeds_of(connection: PullConnection) -> list[Feed]:
    """What a connection asks for."""
    client = CLIENTS[connection.client or connection.source]
    wanted = connection.feeds or tuple(feed.name for feed in client.feeds if feed.is_usual)
    return [feed for feed in client.feeds if feed.name in wanted]


class _Reading:
    """One run over the feeds of a connection."""

    def __init__(
        self,
        settings: Settings,
        connection: PullConnection,
        client: Client,
        secrets: dict[str, str],
        progress: Progress,
        parcels: Callable[[], Sequence[Parcel]],
    ) -> None:
        self._settings = settings
        self._connection = connection
        self._client = client
        self._secrets = secrets
        self._progress = progress
        self._parcels = parcels
        self.report = PullReport()

    def run(
        self, http: httpx2.Client, sleep: Callable[[float], None], since: datetime | None
    ) -> None:
        """A feed after the other; the marks of a longer reading are kept before it begins."""
        connection = self._connection
        feeds = feeds_of(connection)
        for feed in feeds:
            self._begin(feed, since)
        save_progress(self._settings, connection.name, self._progress)
        privacy = open_privacy(self._settings)
        try:
            landing = Landing(self._settings.landing_dir, privacy)
            pace = Pace(sleep)
            for feed in feeds:
                self._read(feed, landing, lambda: Caller(connection.name, http, sleep, pace))
        finally:
            privacy.vault.close()

    def _begin(self, feed: Feed, since: datetime | None) -> None:
        mark, name = self._progress.mark(feed.name), self._connection.name
        first = self._connection.since
        start = since or (datetime(first.year, first.month, first.day) if first else None)
        if not feed.has_past:
            return
        if mark is None and start is None:
            raise PullError(
                f"{name}: nothing was read yet. Say where to begin: `since:` in connections.yml, "
                f"or orderhouse pull --connection {name} --since 2026-01-01"
            )
        if mark is None or (since is not None and since < mark):
            assert start is not None
            self._progress.read_until[feed.name] = start.isoformat()

    def _read(self, feed: Feed, landing: Landing, calling: Callable[[], Caller]) -> None:
        now = self._settings.clock()
        for window in self._windows(feed, feed.present(now)):
            caller = calling()
            caller.refused_when(self._client.refused)
            question = Question(
                caller=caller, connection=self._connection, window=window, now=now,
                secrets=self._secrets, parcels=self._parcels,
            )  # fmt: skip
            self._land(feed, question, landing)
            reach("pulling.before_mark")
            self._move(feed, min(window.end, feed.present(caller.server_time or now)))
            reach("pulling.after_mark")

    def _windows(self, feed: Feed, now: datetime) -> Iterator[Window]:
        """Their borders lie at the same days for every reading: what has not changed since is
        then cut into the same pages, which are the files that are landed already."""
        if not feed.has_past:
            yield Window(start=now, end=now, is_open=True)
            return
        mark = self._progress.mark(feed.name) or now
        overlap = feed.overlap
        if self._connection.overlap_minutes is not None:
            overlap = timedelta(minutes=self._connection.overlap_minutes)
        step = timedelta(days=self._connection.window_days)
        start = mark - overlap
        if overlap >= _DAY:
            start -= (start - _EPOCH) % step
        while start <= now:
            border = start - (start - _EPOCH) % step + step
            yield Window(start=start, end=min(border, now), is_open=border > now - _CLOCKS)
            start = border

    def _land(self, feed: Feed, question: Question, landing: Landing) -> None:
        one = self._connection
        for page in feed.read(question):
            self.report.pages += 1
            self.report.rows += page.count
            if not page.count:
                continue
            if landing.find(hashlib.sha256(page.data).hexdigest()) is None:
                self.report.files += 1
            landing.land_bytes(
                f"pull-{one.name}-{feed.name}", page.data,
                source=one.source, shop=one.shop, received_at=self._settings.clock(),
            )  # fmt: skip
            reach("pulling.after_page")

    def _move(self, feed: Feed, until: datetime) -> None:
        before = self._progress.mark(feed.name)
        if before is None or until > before:
            self._progress.read_until[feed.name] = until.isoformat()
            save_progress(self._settings, self._connection.name, self._progress)
        log.info("pulled", connection=self._connection.name, feed=feed.name, until=str(until))
