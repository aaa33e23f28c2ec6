"""What a person asks first: what came in, what was held back, what is served."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from orderhouse.settings import Settings
from pipelines.publish import current_build, read_manifest


def describe(settings: Settings) -> Iterator[str]:
    """Lines about the home, for the command line."""
    yield f"Home: {settings.root}"
    if not settings.warehouse_path.exists():
        yield "Nothing here yet. Next: orderhouse init"
        return
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as con:
        yield from _loads(con)
        yield from _streams(con)
        yield from _quarantine(con)
    build_id = current_build(settings)
    if build_id is None:
        yield "Nothing is published yet. Next: orderhouse build"
        return
    manifest = read_manifest(settings, build_id)
    yield f"Serving: {build_id}, published {manifest['published_at']} UTC"
    red = [gate["name"] for gate in manifest["gates"] if not gate["ok"]]
    yield f"Gates: {len(manifest['gates'])}, red: {', '.join(red) or 'none'}"


def _loads(con: duckdb.DuckDBPyConnection) -> Iterator[str]:
    rows = con.execute(
        "select source, count(*), sum(records_read), sum(records_recorded), "
        "sum(records_quarantined), sum(records_skipped) from ops.loads group by 1 order by 1"
    ).fetchall()
    yield (
        f"{'source':16} {'loads':>6} {'read':>10} {'recorded':>10} {'quarantined':>12} "
        f"{'skipped':>8}"
    )
    for source, loads, read, recorded, quarantined, skipped in rows:
        yield (
            f"{source:16} {loads:6} {read or 0:10} {recorded or 0:10} {quarantined or 0:12} "
            f"{skipped or 0:8}"
        )


def _streams(con: duckdb.DuckDBPyConnection) -> Iterator[str]:
    rows = con.execute(
        "select loads.source, parts.stream, sum(parts.rows) from ops.load_streams as parts "
        "join ops.loads as loads using (load_seq) group by 1, 2 order by 1, 2"
    ).fetchall()
    for source, stream, count in rows:
        yield f"  {source}: {count} {stream}"


def _quarantine(con: duckdb.DuckDBPyConnection) -> Iterator[str]:
    rows = con.execute(
        "select source, reason_code, coalesce(column_name, ''), count(*) from ops.quarantine "
        "where state = 'open' group by 1, 2, 3 order by 4 desc, 1, 2, 3"
    ).fetchall()
    for source, reason, column, count in rows:
        yield f"Quarantine: {source} {reason} {column}: {count}".replace(" :", ":")
