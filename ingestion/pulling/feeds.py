"""What a client of an API is made of. A client knows addresses, pages and order; nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ingestion.pulling.calls import Caller
from orderhouse.connections import PullConnection

_EPOCH = datetime(1970, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A stretch of time, both ends included; naive UTC.

    Attributes:
        is_open: it ends so near the present that another clock may not have got there.
    """

    start: datetime
    end: datetime
    is_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A parcel somebody waits for."""

    carrier: str
    tracking_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a feed is asked: this window, by this caller.

    Attributes:
        parcels: what is on its way, for systems that must be asked parcel by parcel.
    """

    caller: Caller
    connection: PullConnection
    window: Window
    now: datetime
    secrets: Mapping[str, str]
    parcels: Callable[[], Sequence[Parcel]]

    def page_size(self, usual: int) -> int:
        return min(self.connection.page_size or usual, usual)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One answer that may be landed. A page about nothing is not: every shop has the same one."""

    data: bytes
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One kind of facts.

    Attributes:
        read: all pages of a window. A fact that changes while the pages are read may be missing
            only if it changed to a time after the window.
        overlap: how far back each reading begins again, for facts that change without a new time
            and for clocks that differ.
        has_past: False when only the present can be asked for.
        lag: how old the newest is that the system shows.
        grain: the present is the last whole one of these, for what is made to order: so the same
            order can be found again after a reading that was cut off.
    """

    name: str
    read: Callable[[Question], Iterator[Page]]
    overlap: timedelta = timedelta(minutes=10)
    has_past: bool = True
    is_usual: bool = True
    lag: timedelta = timedelta(0)
    grain: timedelta = timedelta(0)

    def present(self, clock: datetime) -> datetime:
        """Up to where can be read when a clock says `clock`."""
        shown = clock - self.lag
        return shown - (shown - _EPOCH) % self.grain if self.grain else shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One API.

    Attributes:
        credentials: what it wants, by the names `connections.yml` uses.
        sign: options of the HTTP client that tell it who asks.
        address: where it is; None where every shop has its own.
        refused: for APIs that refuse with a 200.
        has_marketplaces: it must be told which of its marketplaces is meant.
    """

    name: str
    credentials: tuple[str, ...]
    sign: Callable[[Mapping[str, str], PullConnection], dict[str, Any]]
    feeds: tuple[Feed, ...]
    address: str | None = None
    refused: Callable[[Any], str | None] = lambda _value: None
    has_marketplaces: bool = False


def iso(moment: datetime) -> str:
    return moment.replace(microsecond=0).isoformat() + "Z"
