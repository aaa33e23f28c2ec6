"""Rows of marts, facts and policies for tests that compute figures again by hand."""

from __future__ import annotations

import csv
from typing import Any

from orderhouse.settings import PROJECT_ROOT

Row = dict[str, Any]


def seed_rows(name: str) -> list[Row]:
    """Rows of a policy as they are written."""
    path = PROJECT_ROOT / "dbt_project" / "seeds" / f"{name}.csv"
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def rows_of(con: Any, relation: str) -> list[Row]:
    """All rows of a relation, by column."""
    cursor = con.execute(f"select * from {relation}")
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def place_of(row: Row) -> tuple[str, str]:
    """Where an article lies."""
    return row["sku"], row["warehouse_id"]
