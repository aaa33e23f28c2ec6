"""Whether the columns of a feed are what they were: a feed is one layout of one system and shop.

Only tables with a header have a shape; what a document holds differs from record to record. A
column that the mapping does not know and no file before had is new; one that it knows, and that
every file before had, may be lost. The rows say when that began and when it was as before: the
cases of it are folded from them, as those of late feeds are from loads.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import duckdb

from ingestion.mapping import Mapping, TableMap
from ingestion.readers import Reading

# So many files of a feed have to have had a column before its absence is remarkable.
SETTLED_LOADS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The columns of one layout in one file: by our names where we have one, else by its own."""

    layout: str
    known: frozenset[str]
    unknown: frozenset[str]

    def also(self, other: Shape) -> Shape:
        return Shape(
            layout=self.layout,
            known=self.known | other.known,
            unknown=self.unknown | other.unknown,
        )


def shape_of(table: TableMap, reading: Reading) -> Shape | None:
    """None: there is no header, or it says nothing."""
    if table.document or table.unused or not any(reading.header):
        return None
    pairs = list(zip(reading.header, reading.names, strict=True))
    expected = {*table.keep, *table.known}
    return Shape(
        layout=table.name,
        known=frozenset(name for _, name in pairs if name)
        | frozenset(cell for cell, name in pairs if not name and cell in expected),
        unknown=frozenset(
            cell for cell, name in pairs if cell and not name and cell not in expected
        ),
    )


def shapes_of(mapping: Mapping, readings: Iterable[Reading]) -> dict[str, Shape]:
    """The columns of each layout of a file; of its sheets together."""
    shapes: dict[str, Shape] = {}
    for reading in readings:
        if reading.layout is None:
            continue
        shape = shape_of(mapping.table(reading.layout), reading)
        if shape is not None:
            before = shapes.get(reading.layout)
            shapes[reading.layout] = before.also(shape) if before else shape
    return shapes


@dataclass(slots=True)
class _Feed:
    """What is known of a feed so far."""

    loads: int
    seen: set[str]
    always: set[str] | None
    drift: tuple[str, str] | None  # of the last file

    def judged(self, shape: Shape) -> tuple[str, str]:
        """What is new in a file and what it has lost; two empty texts: as before."""
        if self.always is None:
            return "", ""
        new = shape.unknown - self.seen
        lost = self.always - shape.known if self.loads >= SETTLED_LOADS else set()
        return ", ".join(sorted(new)), ", ".join(sorted(lost))

    def learn(self, shape: Shape) -> None:
        self.seen |= shape.known | shape.unknown
        self.always = set(shape.known) if self.always is None else self.always & shape.known


def changes(warehouse: duckdb.DuckDBPyConnection, loads: Iterable[Any]) -> list[dict[str, Any]]:
    """Rows of `ops.feed_shapes` for the loads of a batch, in their order: only where something
    changed."""
    feeds: dict[tuple[str, str, str], _Feed] = {}
    rows = []
    for load in loads:
        for shape in load.shapes.values():
            feed = (load.file.source, load.file.shop_id, shape.layout)
            if feed not in feeds:
                feeds[feed] = _known(warehouse, feed)
            state = _state(feeds[feed], shape)
            feeds[feed].loads += 1
            if state is not None:
                added, missing = feeds[feed].drift or (None, None)
                rows.append(_row(load, shape, state, added, missing))
    return rows


def _state(feed: _Feed, shape: Shape) -> str | None:
    """What the row says of this file; None: nothing new, so there is no row."""
    judged = feed.judged(shape)
    before, feed.drift = feed.drift, judged if any(judged) else None
    if feed.drift is not None:
        return None if feed.drift == before else "changed"
    learns = not (shape.known | shape.unknown) <= feed.seen or (
        feed.always is None or not feed.always <= shape.known
    )
    feed.learn(shape)
    if before is not None:
        return "as_before"
    return "learnt" if learns else None


def _known(warehouse: duckdb.DuckDBPyConnection, feed: tuple[str, str, str]) -> _Feed:
    found = warehouse.execute(
        "select state, known, unknown, added, missing from ops.feed_shapes "
        "where source = ? and shop_id = ? and layout = ? order by load_seq",
        list(feed),
    ).fetchall()
    counted = warehouse.execute(
        "select count(*) from ops.loads where source = ? and shop_id = ? "
        "and list_contains(string_split(layout, '+'), ?)",
        list(feed),
    ).fetchall()
    state = _Feed(int(counted[0][0]) if found else 0, set(), None, None)
    for word, known, unknown, added, missing in found:
        state.drift = (added or "", missing or "") if word == "changed" else None
        if word != "changed":
            state.learn(
                Shape(
                    layout=feed[2],
                    known=frozenset(json.loads(known)),
                    unknown=frozenset(json.loads(unknown)),
                )
            )
    return state


def _row(
    load: Any, shape: Shape, state: str, added: str | None, missing: str | None
) -> dict[str, Any]:
    return {
        "load_seq": load.load_seq,
        "source": load.file.source,
        "shop_id": load.file.shop_id,
        "layout": shape.layout,
        "file_id": load.file.file_id,
        "received_at": load.file.received_at,
        "state": state,
        "known": json.dumps(sorted(shape.known), ensure_ascii=False),
        "unknown": json.dumps(sorted(shape.unknown), ensure_ascii=False),
        "added": added or None,
        "missing": missing or None,
    }
