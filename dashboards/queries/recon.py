"""Reconciliation: totals of both sides, what matched, and every difference with its cause."""

from __future__ import annotations

from datetime import date
from typing import Any

from dashboards.reader import Reader, Where

AMOUNTS = ("left_amount", "right_amount", "matched_amount", "break_amount")
COUNTS = ("left_count", "right_count", "matched_count", "break_count")


def kinds(reader: Reader) -> list[str]:
    rows = reader.query(
        "select distinct recon_code from marts.agg_recon_totals "
        "union select distinct recon_code from marts.fct_recon_breaks"
    )
    # RC2 before RC16.
    return sorted((row["recon_code"] for row in rows), key=lambda code: (len(code), code))


def _where(recon_code: str, first: date, last: date) -> Where:
    where = Where().also("recon_code = ?", recon_code)
    return where.also("recon_date between ? and ?", first, last)


def totals(reader: Reader, recon_code: str, first: date, last: date) -> list[dict[str, Any]]:
    """Sums by currency over the days; one more row a currency, never across."""
    columns = reader.columns("agg_recon_totals", (*COUNTS, *AMOUNTS))
    where = reader.scope("agg_recon_totals", _where(recon_code, first, last))
    sums = ", ".join(f"sum({name}) as {name}" for name in columns)
    sql = (
        f"select currency_code, {sums} from marts.agg_recon_totals "  # noqa: S608
        f"where {where.sql} group by currency_code order by currency_code"
    )
    return reader.query(sql, where.params)


def by_day(reader: Reader, recon_code: str, first: date, last: date) -> list[dict[str, Any]]:
    return reader.select(
        "agg_recon_totals",
        ("recon_date", "currency_code", *COUNTS, *AMOUNTS),
        _where(recon_code, first, last),
        order="recon_date desc, currency_code",
        limit=400,
    )


def breaks(
    reader: Reader, recon_code: str, first: date, last: date, *, limit: int, offset: int = 0
) -> list[dict[str, Any]]:
    return reader.select(
        "fct_recon_breaks",
        None,
        _where(recon_code, first, last),
        order="opened_at, break_id",
        limit=limit,
        offset=offset,
    )


def break_count(reader: Reader, recon_code: str, first: date, last: date) -> int:
    return reader.count("fct_recon_breaks", _where(recon_code, first, last))
