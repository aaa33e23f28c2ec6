"""Records in quarantine are tried again where somebody asked for it on the case of their file."""

from __future__ import annotations

import duckdb

from ingestion.store import replay_quarantine
from orderhouse.settings import Settings


def release_asked(settings: Settings) -> int:
    """Tries the files people asked for since the last time; how many records left quarantine.

    A request is served once, whatever came of it: what still does not fit stays where it is, and
    its case comes back by itself.
    """
    asked = _asked(settings)
    moved = 0
    for file_id in sorted({file_id for _, file_id in asked}):
        moved += replay_quarantine(settings, now=settings.clock(), file_id=file_id)
    if asked:
        with duckdb.connect(str(settings.warehouse_path)) as con:
            rows = [[decision, file_id, settings.clock()] for decision, file_id in asked]
            con.executemany("insert into ops.releases values (?, ?, ?)", rows)
    return moved


def _asked(settings: Settings) -> list[tuple[str, str]]:
    with duckdb.connect(str(settings.warehouse_path)) as con:
        return con.execute(
            "select distinct decision_id, entity_id from records.decisions "
            "where verb = 'release_quarantine' and entity_type = 'file' "
            "and decision_id not in (select decision_id from ops.releases) "
            "and decision_id not in (select undoes_decision_id from records.decisions "
            "where undoes_decision_id is not null) order by 1"
        ).fetchall()
