"""Which failures a person can do something about, and the sentence that tells them."""

from __future__ import annotations


class UsageError(RuntimeError):
    """The command cannot do what was asked; the text says why and what to do."""


# By module and name, so that telling failures apart does not import what did not run.
_EXPECTED = {
    ("ingestion.errors", "LandingError"),
    ("ingestion.errors", "MappingError"),
    ("ingestion.pulling.calls", "AccessRefused"),
    ("ingestion.pulling.calls", "PullError"),
    ("orderhouse.connections", "ConnectionsError"),
    ("orderhouse.settings", "MissingCredential"),
    ("orderhouse.what_if", "BadChange"),
    ("orderhouse.privacy.keys", "KeyFileError"),
    ("pipelines.digest", "DigestError"),
    ("pipelines.execute", "BuildFailed"),
    ("pipelines.lease", "LeaseTaken"),
    ("pipelines.publish", "PublishError"),
    ("pipelines.servers", "ServerError"),
    ("pipelines.transform", "TransformError"),
}

# Words of the system, DuckDB and SQLite; the last is SQLite without room for its index file.
_FULL_DISK = ("no space left", "disk is full", "disk i/o error")


def explain(error: Exception) -> str | None:
    """The sentence for an expected failure, None for a defect that deserves its traceback."""
    kind = type(error)
    if isinstance(error, UsageError) or (kind.__module__, kind.__name__) in _EXPECTED:
        return str(error)
    if kind.__module__ == "orderhouse.ledger.errors":
        return _refusal(error)
    if (kind.__module__, kind.__name__) == ("orderhouse.source_choices", "BadDraft"):
        return _refusal(error, "newsource.")
    if kind.__module__.startswith(("duckdb", "_duckdb")) and "lock on file" in str(error):
        return "The warehouse is open in another process. Wait for it, or stop it."
    if any(sign in str(error).lower() for sign in _FULL_DISK):
        return "The disk is full. Nothing is lost: free some space and run the command again."
    if isinstance(error, OSError):
        return f"{error.strerror or error}: {error.filename or ''}".rstrip(": ")
    return None


def _refusal(error: Exception, space: str = "") -> str:
    """Why is said in codes; the catalogue has the sentence."""
    from orderhouse.terms import terms_for

    return terms_for("en")(f"{space}{error.code}", **error.fields)  # type: ignore[attr-defined]
