"""What somebody wants a new source to be, in the same words on the page and at the command line.

Only what can be known without a sample is checked here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

# How a column of ours is filled: with one of theirs, with the same text in every record, not at
# all. What nobody chose is as proposed.
COLUMN, VALUE, NOTHING = "column:", "value:", "nothing"
SOURCE_NAME = re.compile(r"[a-z0-9][a-z0-9_]{0,39}")
SHOP_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_CURRENCY = re.compile(r"[A-Z]{3}")


class BadDraft(ValueError):
    """What was brought or chosen cannot be used; `code` says why, in the terms' words."""

    def __init__(self, code: str, **fields: Any) -> None:
        super().__init__(f"{code} {fields}" if fields else code)
        self.code = code
        self.fields = fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What somebody wants the source to be.

    Attributes:
        zone: of times without an offset; currency: where no column says it.
        streams: what the rows are; empty: as guessed.
        fields: `stream.column` -> `column:<header>`, `value:<text>` or `nothing`.
        shop: whose files these are; needed only to take the sample in.
        takes_sample: whether the sample itself is landed when the source is accepted.
        replaces: whether a mapping that is there may be written over.
    """

    name: str
    channel: str = ""
    zone: str = ""
    currency: str = ""
    streams: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    shop: str = ""
    takes_sample: bool = False
    replaces: bool = False

    def check(self) -> None:
        """Raises BadDraft with the first thing that cannot be."""
        if not SOURCE_NAME.fullmatch(self.name):
            raise BadDraft("bad_name", name=self.name[:60])
        if self.channel and not SOURCE_NAME.fullmatch(self.channel):
            raise BadDraft("bad_channel", name=self.channel[:60])
        if self.zone and not _is_zone(self.zone):
            raise BadDraft("bad_zone", name=self.zone[:60])
        if self.currency and not _CURRENCY.fullmatch(self.currency):
            raise BadDraft("bad_currency", name=self.currency[:60])
        if self.takes_sample and not SHOP_NAME.fullmatch(self.shop):
            raise BadDraft("bad_shop", name=self.shop[:60])


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (OSError, ValueError):  # not found, or no name at all: `../etc/passwd`
        return False
    return True


def header_of(choice: str) -> str | None:
    """The column of theirs a choice names."""
    return choice.removeprefix(COLUMN) if choice.startswith(COLUMN) else None


def iter_choices(fields: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """(stream, column, choice). Raises BadDraft for one that is none."""
    for place, choice in fields.items():
        stream, dot, column = place.partition(".")
        is_choice = choice == NOTHING or choice.startswith((COLUMN, VALUE))
        # Theirs may be called anything; what somebody types has no invisible signs.
        is_clean = choice.startswith(COLUMN) or choice.isprintable()
        if not (dot and stream and column and is_choice and is_clean):
            raise BadDraft("bad_choice", name=ascii(f"{place}={choice}")[1:80])
        yield stream, column, choice
