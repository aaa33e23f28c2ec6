"""The countdown ladder: how close a deadline is, as a word, a level and a colour.

Levels: `none` (no deadline), `calm` (over four hours), `soon` (four hours), `urgent` (half an
hour), `late`, and `unheard`: it would be late, but the feed that would tell has not come since.
Never colour alone: each level has its own words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboards.components.format import Format
from orderhouse.terms import Terms

SOON, URGENT = timedelta(hours=4), timedelta(minutes=30)
COLORS = {
    "none": "gray",
    "calm": "green",
    "soon": "yellow",
    "urgent": "orange",
    "late": "red",
    "unheard": "violet",
}
SYMBOLS = {"none": "", "calm": "", "soon": "", "urgent": "⚡ ", "late": "", "unheard": ""}


@dataclass(frozen=True, slots=True)
class Countdown:
    """A deadline as it is read now."""

    level: str
    text: str

    @property
    def color(self) -> str:
        return COLORS[self.level]


def countdown(
    due_at: datetime | None,
    now: datetime,
    terms: Terms,
    fmt: Format,
    known_until_at: datetime | None = None,
) -> Countdown:
    if due_at is None:
        return Countdown("none", terms("sla.none"))
    left = due_at - now
    span = fmt.duration(left)
    if left <= timedelta(0) and known_until_at is not None and due_at > known_until_at:
        return Countdown("unheard", terms("sla.unheard", time=fmt.time(known_until_at)))
    if left <= timedelta(0):
        return Countdown("late", terms("sla.late", span=span))
    level = "urgent" if left <= URGENT else "soon" if left <= SOON else "calm"
    return Countdown(level, SYMBOLS[level] + terms("sla.left", span=span))
