"""How each system signs its webhooks, and what of a request is the file it delivers.

Pure functions over headers and bytes. Every comparison takes the same time whatever it compares,
and all secrets are tried whether or not an earlier one fits.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

from orderhouse.connections import HookConnection

JSON = ("application/json",)
FORM = ("application/x-www-form-urlencoded",)
FILES = (*JSON, "application/x-ndjson", "text/csv", "application/xml", "text/xml",
         "application/octet-stream")  # fmt: skip


class Refusal(ValueError):
    """A request is not taken: its HTTP status and the code that the log shows."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request. Header names are in lower case; `now` is naive UTC."""

    headers: Mapping[str, str]
    body: bytes
    now: datetime
    tolerance: timedelta

    def header(self, *names: str) -> str:
        """The first of the headers that is there."""
        found = next((value for name in names if (value := self.headers.get(name))), None)
        if found is None:
            raise Refusal(401, "unsigned")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """One way to sign.

    Attributes:
        given, expected: the signature a request carries; the one a secret would give.
        content_types: what its bodies may be.
        payload: the file inside the request.
        accepted: the body of the answer that the sender takes for a yes.
    """

    given: Callable[[Call], Sequence[str]]
    expected: Callable[[Call, bytes], str]
    content_types: tuple[str, ...] = JSON
    payload: Callable[[Call], bytes] = lambda call: call.body
    accepted: bytes = b"{}"


def check(scheme: Scheme, call: Call, secrets: Sequence[bytes]) -> bytes:
    """The file a request delivers.

    Raises:
        Refusal: nobody who knows a secret has signed it, or it was signed too long ago.
    """
    given = scheme.given(call)
    hits = [
        hmac.compare_digest(scheme.expected(call, secret).encode(), candidate.encode())
        for secret in secrets
        for candidate in given
    ]
    if not any(hits):
        raise Refusal(401, "bad_signature")
    return scheme.payload(call)


def _base64(call: Call, secret: bytes) -> str:
    return base64.b64encode(hmac.digest(secret, call.body, "sha256")).decode()


def _one_of(*names: str) -> Callable[[Call], Sequence[str]]:
    return lambda call: (call.header(*names).strip(),)


def _signed_parts(header: str) -> Callable[[Call], list[tuple[str, str]]]:
    """`t=<seconds>,v1=<hex>[,v1=<hex>]`."""

    def parts(call: Call) -> list[tuple[str, str]]:
        pairs = [part.strip().partition("=") for part in call.header(header).split(",")[:20]]
        return [(name, value) for name, _, value in pairs]

    return parts


def _timed(header: str) -> Scheme:
    """The time is signed with the body, so that an old request cannot be sent again."""
    parts = _signed_parts(header)

    def moment(call: Call) -> str:
        text = dict(parts(call)).get("t", "")
        if not (text.isascii() and text.isdigit() and len(text) <= 11):
            raise Refusal(401, "unsigned")
        return text

    def given(call: Call) -> Sequence[str]:
        now = call.now.replace(tzinfo=UTC).timestamp()
        if abs(now - int(moment(call))) > call.tolerance.total_seconds():
            raise Refusal(401, "stale")
        return [value for name, value in parts(call) if name == "v1"]

    def expected(call: Call, secret: bytes) -> str:
        return hmac.digest(secret, moment(call).encode() + b"." + call.body, "sha256").hex()

    return Scheme(given=given, expected=expected)


def _hash_of_body(call: Call, secret: bytes) -> str:
    return hashlib.sha256(call.body + b"/" + secret).hexdigest()


def _field(call: Call, name: str) -> str:
    try:
        fields = parse_qs(
            call.body.decode("utf-8"), strict_parsing=True, errors="strict", max_num_fields=20
        )
    except ValueError as error:
        raise Refusal(400, "bad_form") from error
    values = fields.get(name, [])
    if len(values) != 1:
        raise Refusal(401 if name == "sign" else 400, "unsigned" if name == "sign" else "bad_form")
    return values[0]


def _md5_of_param(call: Call, secret: bytes) -> str:
    # The system knows no other way to sign; the salt is agreed when a parcel is subscribed to.
    text = _field(call, "param").encode() + secret
    return hashlib.md5(text, usedforsecurity=False).hexdigest().upper()


_ORDERHOUSE = _timed("x-orderhouse-signature")

SCHEMES: dict[str, Scheme] = {
    "shopify": Scheme(given=_one_of("x-shopify-hmac-sha256"), expected=_base64),
    "woocommerce": Scheme(given=_one_of("x-wc-webhook-signature"), expected=_base64),
    "aftership": Scheme(
        given=_one_of("as-signature-hmac-sha256", "aftership-hmac-sha256"), expected=_base64
    ),
    "stripe": _timed("stripe-signature"),
    "track17": Scheme(given=lambda call: (call.header("sign").lower(),), expected=_hash_of_body),
    "kuaidi100": Scheme(
        given=lambda call: (_field(call, "sign").upper(),),
        expected=_md5_of_param,
        content_types=FORM,
        payload=lambda call: _field(call, "param").encode(),
        accepted='{"result":true,"returnCode":"200","message":"成功"}'.encode(),
    ),
    # For senders of one's own: any kind of file.
    "orderhouse": Scheme(
        given=_ORDERHOUSE.given, expected=_ORDERHOUSE.expected, content_types=FILES
    ),
}


def scheme_of(connection: HookConnection) -> Scheme:
    """The scheme a connection names, else its source's own, else the house's."""
    return SCHEMES.get(connection.scheme or connection.source, SCHEMES["orderhouse"])
