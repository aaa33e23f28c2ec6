"""What somebody knows better than the proposal: another column, the same text everywhere, nothing.

The command line and the app say it in the same words (`orderhouse.source_choices`), so the same
choices make the same mapping wherever they were made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ingestion.records import STREAMS
from orderhouse.source_choices import NOTHING, VALUE, BadDraft, header_of, iter_choices

Matches = dict[str, dict[str, str]]


def apply(
    fields: Mapping[str, str], matches: Matches, headers: Sequence[str]
) -> dict[tuple[str, str], str]:
    """Change `matches` to what was chosen; returns what was chosen, by stream and column.

    Raises:
        BadDraft: a stream the rows are not, a column it has not, a header the sample has not.
    """
    chosen: dict[tuple[str, str], str] = {}
    for stream, column, choice in iter_choices(fields):
        known = {one.name for one in STREAMS[stream].columns} if stream in matches else set()
        if column not in known:
            raise BadDraft("no_field", name=f"{stream}.{column}"[:80])
        header = header_of(choice)
        if header is not None and header not in headers:
            raise BadDraft("no_column", name=header[:80])
        matches[stream].pop(column, None)
        if header is not None:
            matches[stream][column] = header
        chosen[stream, column] = choice
    return chosen


def literal(choice: str) -> str | None:
    """The expression of a fixed value; None for nothing."""
    if choice == NOTHING:
        return None
    text = choice.removeprefix(VALUE).strip()
    return "'" + text.replace("'", "''") + "'" if text else None
