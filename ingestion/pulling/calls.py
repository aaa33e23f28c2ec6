"""One call to another system: signed, paced, tried again where that helps, refused where not."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import httpx2
import stamina

from ingestion.pulling.pacing import Pace, Rate

_ATTEMPTS = 8
_LONGEST_WAIT_S = 900.0
_MAX_BYTES = 64 << 20
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
# Nearer to a full bucket than this, calls wait for it to leak.
_CALM = 0.8
_BUCKET_DRAINS_IN_S = 20.0
_TOO_MANY = 429
Got = TypeVar("Got")


class PullError(RuntimeError):
    """A system could not be asked. The message names the connection and says what to do."""


class AccessRefused(PullError):
    """The system does not know us any more: asking again does not help, a person must."""


class Again(Exception):
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
    if isinstance(error, Again):
        return True if error.wait_s is None else min(error.wait_s, _LONGEST_WAIT_S)
    return isinstance(error, httpx2.TransportError)


class Caller:
    """Calls one system for one connection."""

    def __init__(
        self,
        name: str,
        http: httpx2.Client,
        sleep: Callable[[float], None] = time.sleep,
        pace: Pace | None = None,
    ) -> None:
        self._name = name
        self._http = http
        self._sleep = sleep
        self._pace = pace or Pace(sleep)
        self._refused: Callable[[Any], str | None] = lambda _value: None
        self.server_time: datetime | None = None

    def refused_when(self, sign: Callable[[Any], str | None]) -> None:
        """For systems that answer 200 and say in the body that they do not know us."""
        self._refused = sign

    def get(
        self, path: str, params: Mapping[str, Any] | None = None, rate: Rate | None = None
    ) -> Answer:
        return self._tried(path, lambda: self._once("GET", path, {"params": params}, rate))

    def post(self, path: str, rate: Rate | None = None, **content: Any) -> Answer:
        return self._tried(path, lambda: self._once("POST", path, content, rate))

    def fetch(self, address: str, what: str) -> bytes:
        """A document that lies elsewhere; its address is its permission and is told to nobody."""
        return self._tried(what, lambda: self._document(address, what))

    def wait(self, seconds: float) -> None:
        """Until the system may have got on with what it was asked for."""
        self._sleep(seconds)

    def _tried(self, what: str, call: Callable[[], Got]) -> Got:
        try:
            for attempt in stamina.retry_context(
                on=_patience, attempts=_ATTEMPTS, timeout=None, wait_max=30.0
            ):
                with attempt:
                    return call()
        except (Again, httpx2.TransportError) as error:
            raise PullError(
                f"{self._name}: {what} failed {_ATTEMPTS} times, at last with: "
                f"{error or type(error).__name__}. Nothing is lost; pull again later."
            ) from error
        raise AssertionError("unreachable")  # the loop returns or raises

    def _once(self, method: str, path: str, content: dict[str, Any], rate: Rate | None) -> Answer:
        if rate:
            self._pace.take(rate)
        answer = self._http.request(method, path, **content)
        if self.server_time is None:
            self.server_time = _moment(answer.headers.get("date"))
        if rate:
            self._pace.learn(rate, answer.headers.get("x-amzn-ratelimit-limit"))
        if answer.status_code in _AGAIN:
            wait = _seconds(answer.headers.get("retry-after"))
            if wait is None and rate and answer.status_code == _TOO_MANY:
                wait = self._pace.refused(rate)
            raise Again(f"HTTP {answer.status_code}", wait)
        if answer.status_code in (401, 403):
            raise refusal(self._name, f"HTTP {answer.status_code}")
        if not answer.is_success:
            raise PullError(f"{self._name}: {method} {path} was answered {answer.status_code}.")
        self._calm(answer.headers.get("x-shopify-shop-api-call-limit"))
        return self._read(answer)

    def _document(self, address: str, what: str) -> bytes:
        # Whoever keeps it must not learn who we are to the system that sent us there.
        answer = self._http.request("GET", address, auth=None)
        if answer.status_code in _AGAIN:
            raise Again(f"HTTP {answer.status_code}", _seconds(answer.headers.get("retry-after")))
        if not answer.is_success:
            raise PullError(
                f"{self._name}: {what} was answered {answer.status_code}; its address may have "
                "been too old. Pull again later."
            )
        return answer.content

    def _read(self, answer: httpx2.Response) -> Answer:
        if len(answer.content) > _MAX_BYTES:
            raise PullError(f"{self._name}: a page is larger than {_MAX_BYTES} bytes.")
        try:
            value = json.loads(answer.content)
        except ValueError as error:
            # A page for people: the shop is being maintained, or something in between speaks.
            raise Again("an answer that is no JSON") from error
        if why := self._refused(value):
            raise refusal(self._name, why)
        return Answer(data=answer.content, value=value, headers=answer.headers)

    def _calm(self, bucket: str | None) -> None:
        """Slow down before the bucket is full: `32/40` used."""
        used, _, room = (bucket or "").partition("/")
        if not (used.isdigit() and room.isdigit() and int(room)):
            return
        over = int(used) - _CALM * int(room)
        if over > 0:
            self._sleep(over * _BUCKET_DRAINS_IN_S / int(room))


def refusal(name: str, why: str) -> AccessRefused:
    """Says what a person has to do."""
    return AccessRefused(
        f"{name}: access was refused ({why}). Renew its credentials where "
        f"connections.yml says they are, then: orderhouse pull --connection {name}"
    )


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
