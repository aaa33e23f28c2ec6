"""Signed messages to an address: HMAC SHA-256 over key, time and body.

The headers are those of Standard Webhooks: `webhook-id` is the idempotency key, `webhook-timestamp`
the seconds since 1970, `webhook-signature` is `v1,` and the base64 of the HMAC over
`<id>.<timestamp>.<body>`. `Idempotency-Key` repeats the id for receivers that look there.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from orderhouse.connections import WebhookConnection
from orderhouse.ledger import Answer, Message
from orderhouse.settings import named
from pipelines.delivery.calls import Caller, answer_to, one_by_one
from pipelines.delivery.folders import as_sent


def signature(secret: str, key: str, timestamp: int, body: bytes) -> str:
    """What a receiver computes too, with the secret both know."""
    signed = f"{key}.{timestamp}.".encode() + body
    digest = hmac.new(secret_bytes(secret), signed, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def secret_bytes(secret: str) -> bytes:
    """A secret is any text, or `whsec_` and base64 as generators of such secrets write it."""
    if secret.startswith("whsec_"):
        return base64.b64decode(secret.removeprefix("whsec_"))
    return secret.encode()


def signed_headers(secret: str, key: str, now: datetime, body: bytes) -> dict[str, str]:
    """The headers of one call. A receiver refuses a time that is long past."""
    timestamp = int(now.replace(tzinfo=UTC).timestamp())
    return {
        "Content-Type": "application/json",
        "Idempotency-Key": key,
        "webhook-id": key,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secret, key, timestamp, body),
    }


class WebhookTransport:
    """One call a message; stops at the first that finds nobody."""

    batch = 20

    def __init__(self, connection: WebhookConnection, clock: Callable[[], datetime]) -> None:
        self._url = connection.url
        self._clock = clock
        self._secret = named(connection.secret)
        self._caller = Caller(timeout_seconds=connection.timeout_seconds)

    def send(self, messages: Sequence[Message]) -> list[Answer]:
        return one_by_one(messages, self._tell)

    def _tell(self, message: Message) -> Answer:
        body = json.dumps(
            as_sent(message), ensure_ascii=False, sort_keys=True, separators=(",", ":")
        ).encode()
        secret = self._secret.get_secret_value()
        headers = signed_headers(secret, message.key, self._clock(), body)
        return answer_to(self._caller.call("POST", self._url, content=body, headers=headers))

    def close(self) -> None:
        self._caller.close()
