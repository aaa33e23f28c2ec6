"""`POST /hooks/{source}/{shop}` as an ASGI application.

A request is acknowledged only after its file is landed: the bytes and what is known of them are on
disk for good. Whoever gets no yes sends again, and the same bytes are the same file. The log says
of every request what became of it, never what was in it.
"""

from __future__ import annotations

import asyncio
import math
import re
import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ingestion.connections import hooks_of
from ingestion.errors import LandingError
from ingestion.hooks.limits import Limiter
from ingestion.hooks.signatures import SCHEMES, Call, Refusal, Scheme, check, scheme_of
from ingestion.landing import Landing
from ingestion.parameters import ParametersError
from orderhouse.connections import FILE_NAME, ConnectionsError, HookConnection
from orderhouse.privacy import open_privacy
from orderhouse.reach import UNKNOWN, count_hook
from orderhouse.settings import MissingCredential, Settings, named

log = structlog.get_logger()
_BODY_WITHIN_S = 20.0
# A shop that has just made a webhook asks whether anybody is there; this carries no fact.
_PING = re.compile(rb"webhook_id=[0-9]{1,18}")


@dataclass(slots=True)
class Book:
    """The connections with a hook; read again when their file has changed."""

    settings: Settings
    _stamp: tuple[int, int] | None = None
    _hooks: dict[tuple[str, str], HookConnection] = field(default_factory=dict)

    def find(self, source: str, shop: str) -> HookConnection | None:
        try:
            self.renew()
        except ConnectionsError as error:
            # Half a file while somebody edits it must not turn callers away.
            log.error("connections unreadable, the ones before stay", reason=str(error))
        return self._hooks.get((source, shop))

    def renew(self) -> None:
        """Reads the file if it has changed; a broken one is told once."""
        stamp = _stamp_of(self.settings)
        if stamp != self._stamp:
            self._stamp = stamp
            self._hooks = {(one.source, one.shop): one for one in hooks_of(self.settings)}


def _stamp_of(settings: Settings) -> tuple[int, int] | None:
    try:
        status = (settings.root / FILE_NAME).stat()
    except FileNotFoundError:
        return None
    return status.st_mtime_ns, status.st_size


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a request."""

    status: int
    code: str
    body: bytes
    size: int = 0
    file_id: str = ""
    retry_after_s: int = 0


def hooks_app(settings: Settings, clock: Callable[[], float] = time.monotonic) -> Starlette:
    """The application of one home."""
    book = Book(settings)
    book.renew()
    inbox = Inbox(settings, book, Limiter(settings.hooks_per_minute, clock))
    return Starlette(
        routes=[
            Route("/hooks/{source}/{shop}", inbox.answer, methods=["POST"]),
            Route("/healthz", _health, methods=["GET"]),
        ]
    )


async def _health(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})


class Inbox:
    """Takes requests: finds the connection, checks, lands, answers, logs."""

    def __init__(self, settings: Settings, book: Book, limiter: Limiter) -> None:
        self._settings = settings
        self._book = book
        self._limiter = limiter
        self._knocks = 0
        self._knocked_at = datetime.min

    async def answer(self, request: Request) -> Response:
        started = time.monotonic()
        source, shop = request.path_params["source"], request.path_params["shop"]
        try:
            outcome = await self._take(request, source, shop)
        except Refusal as refusal:
            outcome = Outcome(status=refusal.status, code=refusal.code, body=b"{}")
        except ClientDisconnect:
            outcome = Outcome(status=400, code="cut", body=b"{}")
        self._count(source, shop, outcome.code)
        log.info(
            "hook", source=source[:64], shop=shop[:64], outcome=outcome.code,
            status=outcome.status, bytes=outcome.size, file=outcome.file_id[:12],
            ms=round((time.monotonic() - started) * 1000),
        )  # fmt: skip
        wait = {"Retry-After": str(outcome.retry_after_s)} if outcome.retry_after_s else None
        return Response(outcome.body, outcome.status, wait, media_type="application/json")

    def _count(self, source: str, shop: str, code: str) -> None:
        """For the page of connections; a full disk is no reason to answer otherwise."""
        connection = self._book.find(source, shop)
        now = self._settings.clock()
        if connection is None:
            # Anybody can knock at addresses nobody has: no more than one writing a second.
            self._knocks += 1
            if now - self._knocked_at < timedelta(seconds=1):
                return
            self._knocked_at = now
        try:
            if connection is None:
                count_hook(self._settings, UNKNOWN, code, now, self._knocks)
            else:
                count_hook(self._settings, connection.name, code, now)
        except OSError as error:
            log.error("hook not counted", reason=str(error))
        if connection is None:
            self._knocks = 0

    async def _take(self, request: Request, source: str, shop: str) -> Outcome:
        connection = self._book.find(source, shop)
        if connection is None:
            raise Refusal(404, "unknown")
        caller = request.client.host if request.client else ""
        if wait := self._limiter.wait((source, shop, caller)):
            return Outcome(status=429, code="too_often", body=b"{}", retry_after_s=math.ceil(wait))
        scheme = scheme_of(connection)
        try:
            body = await asyncio.wait_for(
                _body(request, self._settings.hooks_max_bytes), _BODY_WITHIN_S
            )
        except TimeoutError as error:
            raise Refusal(408, "slow") from error
        if scheme is SCHEMES["woocommerce"] and _PING.fullmatch(body):
            return Outcome(status=200, code="ping", body=b"{}", size=len(body))
        data = self._checked(request.headers, body, connection, scheme)
        return await run_in_threadpool(self._land, connection, data, scheme)

    def _checked(
        self, headers: Mapping[str, str], body: bytes, connection: HookConnection, scheme: Scheme
    ) -> bytes:
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in scheme.content_types or "content-encoding" in headers:
            raise Refusal(415, "content_type")
        secrets = [found for name in connection.secrets if (found := _secret(connection, name))]
        if not secrets:
            raise Refusal(503, "no_secret")
        call = Call(
            headers=headers, body=body, now=self._settings.clock(),
            tolerance=timedelta(seconds=self._settings.hooks_tolerance_seconds),
        )  # fmt: skip
        data = check(scheme, call, secrets)
        if not data.strip():
            raise Refusal(400, "empty")
        return data

    def _land(self, connection: HookConnection, data: bytes, scheme: Scheme) -> Outcome:
        settings, now = self._settings, self._settings.clock()
        try:
            privacy = open_privacy(settings)
            try:
                landing = Landing(settings.landing_dir, privacy)
                ids = landing.land_bytes(
                    f"hook-{now:%Y%m%dT%H%M%S}", data,
                    source=connection.source, shop=connection.shop, received_at=now,
                )  # fmt: skip
            finally:
                privacy.vault.close()
        # The house's own mistake in sources.yml is no reason for the sender to give up.
        except (OSError, sqlite3.Error, ParametersError) as error:
            log.error("hook not stored", connection=connection.name, reason=str(error))
            return Outcome(
                status=503, code="not_stored", body=b"{}", size=len(data), retry_after_s=60
            )
        except LandingError:
            # The same bytes are another shop's, or a damaged archive: sending again mends nothing.
            return Outcome(status=422, code="refused", body=b"{}", size=len(data))
        return Outcome(
            status=200, code="landed", body=scheme.accepted, size=len(data), file_id=ids[0]
        )


def _secret(connection: HookConnection, reference: str) -> bytes:
    try:
        return named(reference).get_secret_value().encode()
    except MissingCredential as error:
        log.error("hook without secret", connection=connection.name, reason=str(error))
        return b""


async def _body(request: Request, limit: int) -> bytes:
    """The body, as long as it is no larger than allowed; a larger one is not read to its end."""
    stated = request.headers.get("content-length", "0")
    if not stated.isdigit() or int(stated) > limit:
        raise Refusal(413, "too_large")
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise Refusal(413, "too_large")
        parts.append(part)
    return b"".join(parts)
