"""What a report is made of. Values and codes only: words are found by whoever writes it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

# How a value is written: text, a code of a domain, a day, or a number of a kind.
TEXT, CODE, DAY = "text", "code", "day"
COUNT, QUANTITY, MONEY, RATIO, MINUTES, SCORE = (
    "count", "quantity", "money", "ratio", "minutes", "score",
)  # fmt: skip
NUMBERS = frozenset({COUNT, QUANTITY, MONEY, RATIO, MINUTES, SCORE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One value. `domain` says whose code it is."""

    value: Any
    kind: str
    domain: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: a metric, the share of a metric, or a named column."""

    name: str
    kind: str
    metric: str = ""
    is_share: bool = False

    @property
    def is_number(self) -> bool:
        return self.kind in NUMBERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One table. `total` is the metric itself, not the sum of what is listed."""

    code: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell] | None = None
    # The column a reader compares first; drawn as bars.
    bars: str = ""
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report over one slice."""

    code: str
    sections: Sequence[Section]
    currency: str

    @property
    def row_count(self) -> int:
        return sum(len(section.rows) for section in self.sections)


def share(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    """A part of a whole; nothing where there is no whole."""
    return part / whole if part is not None and whole else None


def sized(values: Sequence[Any]) -> list[float]:
    """Numbers as lengths between 0 and 1 of the largest; what is no number has none."""
    numbers = [
        float(value) if isinstance(value, int | float | Decimal) else 0.0 for value in values
    ]
    most = max(numbers, default=0.0)
    return [max(number, 0.0) / most if most > 0 else 0.0 for number in numbers]
