"""Showing a closed value to one person, once: the only place of the app that asks for plaintext.

The act is written to the chain first; only then is the ciphertext read and opened.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from dashboards.context import Context
from dashboards.queries import health
from orderhouse.ledger import Access, Denied, Invalid, record_reveal
from orderhouse.privacy import Erased, Privacy, Unreadable, open_privacy

SECONDS = 60
QUARANTINE_COLUMN = "quarantine.raw"
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Why somebody wants to see a value."""

    reason_code: str
    comment: str | None = None


def reveal_contact(context: Context, order_id: str, column: str, asked: Asked) -> str:
    """A buyer's name, phone or address.

    Raises:
        Denied, Invalid: not this post, no reason, too many in an hour, or the value is gone.
    """
    scope = context.reader.count_of_order(order_id)
    if not scope:
        raise Denied("ledger.out_of_scope")
    access = Access(
        entity_type="contact",
        entity_id=f"{order_id}/{column}",
        order_id=order_id,
        snapshot_id=context.snapshot.build_id,
        reason_code=asked.reason_code,
        comment=asked.comment,
    )
    _record(context, access, subject=column)
    cipher = _contact_cipher(context, order_id, column)
    if cipher is None:
        raise Invalid("reveal.nothing")
    return _open(context, cipher, f"orders.{column}")


def _contact_cipher(context: Context, order_id: str, column: str) -> bytes | None:
    rows = context.snapshot.rows(
        "select cipher from private.contacts where order_id = ? and column_name = ?",
        [order_id, column],
    )
    return rows[0]["cipher"] if rows else None


def reveal_quarantine(context: Context, quarantine_id: str, asked: Asked) -> str:
    """The bytes of a refused record, for the data team."""
    access = Access(
        entity_type="quarantine",
        entity_id=quarantine_id,
        snapshot_id=context.snapshot.build_id,
        reason_code=asked.reason_code,
        comment=asked.comment,
    )
    _record(context, access, subject="quarantine")
    row = health.quarantine_cipher(context.reader, quarantine_id)
    if row is None or row["raw_cipher"] is None:
        raise Invalid("reveal.nothing")
    raw = _opened(lambda: _privacy(context).reveal_bytes(row["raw_cipher"], QUARANTINE_COLUMN))
    return readable(raw)


def readable(raw: bytes) -> str:
    """Bytes of unknown encoding as text people can look at; what is not text becomes hex."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.hex(" ")


def _record(context: Context, access: Access, *, subject: str) -> None:
    now = context.settings.clock()
    record_reveal(context.ledger, context.session, access, subject=subject, now=now)


def _open(context: Context, cipher: bytes, column: str) -> str:
    return _opened(lambda: _privacy(context).reveal(bytes(cipher), column))


def _opened(reading: Callable[[], T]) -> T:
    try:
        return reading()
    except Erased as error:
        raise Invalid("reveal.erased") from error
    except Unreadable as error:
        raise Invalid("reveal.unreadable") from error


def _privacy(context: Context) -> Privacy:
    return open_privacy(context.settings)
