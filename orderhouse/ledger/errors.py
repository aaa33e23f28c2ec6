"""What the ledger refuses, and why: a message code of the catalogue and its fields.

The text is not here: `orderhouse.terms` renders `code` with `fields` in the reader's language.
"""

from __future__ import annotations

from datetime import datetime


class LedgerError(Exception):
    """A refusal. `code` is a key of the message catalogue, `fields` fill its placeholders."""

    def __init__(self, code: str, **fields: object) -> None:
        super().__init__(f"{code} {fields}" if fields else code)
        self.code = code
        self.fields = fields


class Denied(LedgerError):
    """The policy, the session or the row scope does not allow it."""


class Invalid(LedgerError):
    """The verb does not fit the state of the case, or an argument is wrong."""


class Conflict(LedgerError):
    """Somebody else was faster. `by` is a user id, `at` when they acted."""

    def __init__(self, code: str, *, by: str | None, at: datetime | None) -> None:
        super().__init__(code, by=by, at=at)
        self.by = by
        self.at = at


class IdempotencyMismatch(LedgerError):
    """The same key came with another body."""
