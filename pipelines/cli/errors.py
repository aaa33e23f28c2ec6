"""Which failures a person can do something about, and the sentence that tells them."""

from __future__ import annotations

import duckdb

from ingestion.errors import LandingError, MappingError
from orderhouse.ledger import LedgerError
from pipelines.execute import BuildFailed
from pipelines.lease import LeaseTaken
from pipelines.publish import PublishError
from pipelines.servers import ServerError
from pipelines.transform import TransformError


class UsageError(RuntimeError):
    """The command cannot do what was asked; the text says why and what to do."""


def explain(error: Exception) -> str | None:
    """The sentence for an expected failure, None for a defect that deserves its traceback."""
    expected = (
        LandingError, MappingError, LeaseTaken, PublishError, TransformError, UsageError,
        LedgerError, BuildFailed, ServerError,
    )  # fmt: skip
    if isinstance(error, expected):
        return str(error)
    if isinstance(error, duckdb.IOException) and "lock" in str(error):
        return "The warehouse is open in another process. Wait for it, or stop it."
    if isinstance(error, OSError):
        return f"{error.strerror or error}: {error.filename or ''}".rstrip(": ")
    return None
