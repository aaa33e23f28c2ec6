"""What suppliers are owed as the snapshot has it: accounts, and the lines of one."""

from __future__ import annotations

from typing import Any

from dashboards.reader import Reader, Where

LINES = (
    "line_id", "line_kind", "owed_at", "order_id", "case_id", "sku", "tracking_number", "quantity",
    "amount", "currency_code",
)  # fmt: skip


def accounts(reader: Reader) -> list[tuple[str, str]]:
    """(supplier, currency) of every account; the one with the most lines first."""
    columns = reader.columns("fct_supplier_lines", ("supplier_id", "currency_code"))
    where = reader.scope("fct_supplier_lines", Where())
    names = ", ".join(columns)
    rows = reader.query(
        f"select {names} from marts.fct_supplier_lines where {where.sql} "  # noqa: S608
        f"group by {names} order by count(*) desc, {names}",
        where.params,
    )
    return [(row["supplier_id"], row["currency_code"] or "") for row in rows]


def lines(reader: Reader, supplier_id: str, currency_code: str) -> list[dict[str, Any]]:
    """Every line of an account, the oldest first; which statement holds it is the ledger's word."""
    where = Where().also("supplier_id = ?", supplier_id)
    where = where.also("coalesce(currency_code, '') = ?", currency_code)
    return reader.select("fct_supplier_lines", LINES, where, order="owed_at, line_id")
