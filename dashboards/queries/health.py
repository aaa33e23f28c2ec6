"""What arrived, what was refused, how fresh each feed is, and where a row came from."""

from __future__ import annotations

from typing import Any

from dashboards.reader import Reader, Where

LOADS = (
    "load_seq",
    "source",
    "shop_id",
    "layout",
    "records_read",
    "records_recorded",
    "records_quarantined",
    "records_skipped",
    "received_at",
    "file_id",
    "file_name",
)
QUARANTINE = (
    "quarantine_id",
    "source",
    "shop_id",
    "layout",
    "stream",
    "row_number",
    "reason_code",
    "column_name",
    "detail",
    "raw_masked",
    "received_at",
    "state",
    "file_id",
    "file_name",
    "byte_from",
    "byte_to",
)


def feeds(reader: Reader) -> list[dict[str, Any]]:
    return reader.select("agg_feed_watermarks", order="watermark_at, source, shop_id, stream")


def loads(reader: Reader, *, limit: int, offset: int = 0) -> list[dict[str, Any]]:
    order = "received_at desc, load_seq desc"
    return reader.select("fct_loads", LOADS, order=order, limit=limit, offset=offset)


def load_totals(reader: Reader) -> dict[str, Any]:
    """Records read and where they went: the four numbers that must add up."""
    where = reader.scope("fct_loads", Where())
    sql = (
        "select count(*) as loads, coalesce(sum(records_read), 0) as read, "  # noqa: S608
        "coalesce(sum(records_recorded), 0) as recorded, "
        "coalesce(sum(records_quarantined), 0) as quarantined, "
        f"coalesce(sum(records_skipped), 0) as skipped from marts.fct_loads where {where.sql}"
    )
    return reader.query(sql, where.params)[0]


def quarantine(reader: Reader, state: str = "open", *, limit: int = 200) -> list[dict[str, Any]]:
    where = Where().also("state = ?", state)
    order = "received_at desc, quarantine_id"
    return reader.select("fct_quarantine", QUARANTINE, where, order=order, limit=limit)


def quarantine_of(reader: Reader, file_id: str, *, limit: int) -> tuple[int, list[dict[str, Any]]]:
    """How many records of a file are refused, and the first of them."""
    where = Where().also("state = 'open' and file_id = ?", file_id)
    rows = reader.select(
        "fct_quarantine", QUARANTINE, where, order="row_number, quarantine_id", limit=limit
    )
    return reader.count("fct_quarantine", where), rows


def quarantine_cipher(reader: Reader, quarantine_id: str) -> dict[str, Any] | None:
    """The closed bytes of one refused record. Only `reveal` asks, after it has been recorded."""
    where = reader.scope("fct_quarantine", Where().also("quarantine_id = ?", quarantine_id))
    sql = f"select quarantine_id, raw_cipher from marts.fct_quarantine where {where.sql}"  # noqa: S608
    rows = reader.query(sql, where.params)
    return rows[0] if rows else None


def control_totals(reader: Reader) -> list[dict[str, Any]]:
    order = "is_equal, source, file_id, name"
    return reader.select("fct_control_totals", order=order, limit=200)


def unknown_codes(reader: Reader, file_id: str) -> list[dict[str, Any]]:
    """Codes in a file that nobody has explained, those of most records first."""
    where = Where().also("file_id = ? and party <> ''", file_id)
    columns = ("stream", "party", "code", "record_count", "first_seen_at")
    order = "record_count desc, stream, party, code"
    return reader.select("fct_unknown_codes", columns, where, order=order, limit=200)
