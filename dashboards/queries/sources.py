"""What came from each source: files, rows, when."""

from __future__ import annotations

from typing import Any

from dashboards.reader import Reader, Where

FILES = (
    "received_at", "shop_id", "layout", "records_read", "records_recorded", "records_quarantined",
    "records_skipped", "file_id",
)  # fmt: skip


def by_source(reader: Reader) -> dict[str, dict[str, Any]]:
    """Source -> its files, the last one's time, its rows in quarantine."""
    where = reader.scope("fct_loads", Where())
    sql = (
        "select source, count(*) as file_count, max(received_at) as last_at, "  # noqa: S608
        "coalesce(sum(records_quarantined), 0) as quarantined "
        f"from marts.fct_loads where {where.sql} group by source"
    )
    return {row["source"]: row for row in reader.query(sql, where.params)}


def files_of(reader: Reader, source: str, *, limit: int = 20) -> list[dict[str, Any]]:
    where = Where().also("source = ?", source)
    order = "received_at desc, load_seq desc"
    return reader.select("fct_loads", FILES, where, order=order, limit=limit)


def last_by_shop(reader: Reader) -> dict[tuple[str, str], Any]:
    """(source, shop) -> when its last file came."""
    where = reader.scope("fct_loads", Where())
    sql = (
        "select source, shop_id, max(received_at) as last_at "  # noqa: S608
        f"from marts.fct_loads where {where.sql} group by source, shop_id"
    )
    rows = reader.query(sql, where.params)
    return {(row["source"], row["shop_id"]): row["last_at"] for row in rows}
