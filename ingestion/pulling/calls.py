"""One call to another system: signed, paced, tried again where that helps, refused where not."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2
import stamina

_ATTEMPTS = 8
_LONGEST_WAIT_S = 900.0
_MAX_BYTES = 64 << 20
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
# Nearer to a full bucket than this, calls wait for it to leak.
_CALM = 0.8
_BUCKET_DRAINS_IN_S = 20.0


class PullError(RuntimeError):
    """A system could not be asked. The message names the connection and says what to do."""


class AccessRefused(PullError):
    """The system does not know us any more: asking again does not help, a person must."""


class _Again(Exception):
    """An answer after which the same call may succeed."""

    def __init__(self, what: str, wait_s: float | None = None) -> None:
        super().__init__(what)
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The bytes as they came, and what they say."""

    data: bytes
    value: Any
    headers: Mapping[str, str]


def _patience(error: Exception) -> bool | float:
    """For stamina: whether to try again, or after how many seconds."""
    if isinstance(error, _Again):
        return True if error.wait_s is None else min(error.wait_s, _LONGEST_WAIT_S)
    return isinstance(error, httpx2.TransportError)


class Caller:
    """Calls one system for one connection."""

    def __init__(
        self, name: str, http: httpx2.Client, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._name = name
        self._http = http
        self._sleep = sleep
        self._refused: Callable[[Any], str | None] = lambda _value: None
        self.server_time: datetime | None = None

    def refused_when(self, sign: Callable[[Any], str | None]) -> None:
        """For systems that answer 200 and say in the body that they do not know us."""
        self._refused = sign

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Answer:
        return self._call("GET", path, params=params)

    def post(self, path: str, **content: Any) -> Answer:
        return self._call("POST", path, **content)

    def _call(self, method: str, path: str, **content: Any) -> Answer:
        try:
            for attempt in stamina.retry_context(
                on=_patience, attempts=_ATTEMPTS, timeout=None, wait_max=30.0
            ):
                with attempt:
                    return self._once(method, path, content)
        except (_Again, httpx2.TransportError) as error:
            raise PullError(
                f"{self._name}: {method} {path} failed {_ATTEMPTS} times, at last with: "
                f"{error or type(error).__name__}. Nothing is lost; pull again later."
            ) from error
        raise AssertionError("unreachable")  # the loop returns or raises

    def _once(self, method: str, path: str, content: dict[str, Any]) -> Answer:
        answer = self._http.request(method, path, **content)
        if self.server_time is None:
            self.server_time = _moment(answer.headers.get("date"))
        if answer.status_code in _AGAIN:
            wait = _seconds(answer.headers.get("retry-after"))
            raise _Again(f"HTTP {answer.status_code}", wait)
        if answer.status_code in (401, 403):
            raise AccessRefused(self._advice(f"HTTP {answer.status_code}"))
        if not answer.is_success:
            raise PullError(f"{self._name}: {method} {path} was answered {answer.status_code}.")
        self._pace(answer.headers.get("x-shopify-shop-api-call-limit"))
        return self._read(answer)

    def _read(self, answer: httpx2.Response) -> Answer:
        if len(answer.content) > _MAX_BYTES:
            raise PullError(f"{self._name}: a page is larger than {_MAX_BYTES} bytes.")
        try:
            value = json.loads(answer.content)
        except ValueError as error:
            # A page for people: the shop is being maintained, or something in between speaks.
            raise _Again("an answer that is no JSON") from error
        if why := self._refused(value):
            raise AccessRefused(self._advice(why))
        return Answer(data=answer.content, value=value, headers=answer.headers)

    def _advice(self, why: str) -> str:
        return (
            f"{self._name}: access was refused ({why}). Renew its credentials where "
            f"connections.yml says they are, then: orderhouse pull --connection {self._name}"
        )

    def _pace(self, bucket: str | None) -> None:
        """Slow down before the bucket is full: `32/40` used."""
        used, _, room = (bucket or "").partition("/")
        if not (used.isdigit() and room.isdigit() and int(room)):
            return
        over = int(used) - _CALM * int(room)
        if over > 0:
            self._sleep(over * _BUCKET_DRAINS_IN_S / int(room))


def _seconds(text: str | None) -> float | None:
    try:
        return max(0.0, float(text)) if text else None
    except ValueError:
        return None


def _moment(text: str | None) -> datetime | None:
    """The clock of the other system, naive UTC."""
    try:
        return parsedate_to_datetime(text or "").astimezone(UTC).replace(tzinfo=None)
    except ValueError:
        return None
