"""Calls over HTTP: what is tried again, what an answer means, and how much of it is read."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx2
import stamina

from orderhouse.ledger import Answer, Message

# A few quick tries hide a hiccup; a system that is down is left alone until the next round.
TRIES, LONGEST_WAIT_S, PATIENCE_S = 3, 5.0, 60.0
_ANSWER_BYTES = 1 << 20
_TRY_AGAIN = frozenset({408, 409, 423, 425, 429})
_AGENT = "orderhouse"


class Unreachable(Exception):
    """Nobody answered, or with a status that asks to come again."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Refused(Exception):
    """The system understood and will not do it; asking again is vain."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Reply:
    """A status below 300 and the JSON that came with it, if it was JSON."""

    status: int
    body: Any


class Caller:
    """One system's address, with its credentials and patience. Redirects are not followed: a
    signed message goes where it was addressed and nowhere else."""

    def __init__(
        self, *, timeout_seconds: float, headers: dict[str, str] | None = None, auth: Any = None
    ) -> None:
        self._client = httpx2.Client(
            timeout=timeout_seconds,
            headers={"User-Agent": _AGENT} | (headers or {}),
            auth=auth,
            follow_redirects=False,
        )

    def call(self, method: str, url: str, **request: Any) -> Reply:
        """One call, tried a few times with growing waits.

        Raises:
            Unreachable, Refused: as their names say.
        """
        for attempt in stamina.retry_context(
            on=Unreachable, attempts=TRIES, wait_initial=0.2, wait_max=LONGEST_WAIT_S,
            timeout=PATIENCE_S,
        ):  # fmt: skip
            with attempt:
                return self._once(method, url, request)
        raise AssertionError("stamina ends with a return or an exception")

    def _once(self, method: str, url: str, request: dict[str, Any]) -> Reply:
        try:
            with self._client.stream(method, url, **request) as response:
                data = _bounded(response)
        except httpx2.HTTPError:
            # Its text names the address, which may hold a token.
            raise Unreachable("unreachable") from None
        status = response.status_code
        if status in _TRY_AGAIN or status >= 500:
            raise Unreachable(str(status))
        if status >= 300:
            raise Refused(str(status))
        return Reply(status, _json(data))

    def close(self) -> None:
        self._client.close()


def one_by_one(messages: Sequence[Message], tell: Callable[[Message], Answer]) -> list[Answer]:
    """An answer for each message until one finds nobody: the rest would not either."""
    answers = []
    for message in messages:
        try:
            answers.append(tell(message))
        except Refused as refused:
            answers.append(Answer(outcome="refused", code=refused.code))
        except Unreachable as missed:
            answers.append(Answer(outcome="failed", code=missed.code))
            break
    return answers


def _bounded(response: httpx2.Response) -> bytes:
    data = bytearray()
    for chunk in response.iter_bytes():
        data += chunk
        if len(data) > _ANSWER_BYTES:
            break
    return bytes(data)


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return None


def answer_to(reply: Reply) -> Answer:
    """Done; the receiver's own number, where it gave one."""
    given = reply.body.get("id") if isinstance(reply.body, dict) else None
    reference = str(given)[:200] if isinstance(given, str | int) else None
    return Answer(outcome="answered", code=str(reply.status), reference=reference)
