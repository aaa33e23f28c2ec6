"""A metric of the catalogue as SQL: what the app asks of a build, what a publish remembers of it.

Only text is made here; who may ask, and of which rows, is decided by whoever runs it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime

AMOUNT = re.compile(r"\b[a-z_]*amount\b")
QUANTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95}
_EXACT = "coalesce(sum(({})::decimal(28, 6)), 0)"


def is_of_currency(kind: str, numerator: str, denominator: str, columns: Collection[str]) -> bool:
    """It adds up money, so it is of one currency; a share of orders is of all of them."""
    is_share = kind == "ratio" and not AMOUNT.search(denominator)
    is_money = AMOUNT.search(f"{numerator} {denominator}") is not None
    return "currency_code" in columns and is_money and not is_share


def day_of(date_column: str, zone: str) -> str:
    """The business day of a row, `facts` being the rows that count."""
    column = f"facts.{date_column}"
    if date_column.endswith("_date"):
        return column
    return f"cast(timezone('{zone}', timezone('UTC', {column})) as date)"


def at_moment(expression: str, as_of: datetime) -> str:
    """The expression with the moment of its build in it."""
    return re.sub(r"\bas_of\b", f"timestamp '{as_of:%Y-%m-%d %H:%M:%S.%f}'", expression)


def sums(aggregate: str, over: str, under: str) -> tuple[str, str]:
    """The two aggregates behind a figure; the second is null where nothing is divided by."""
    if aggregate in QUANTILES:
        return f"quantile_cont(({over})::double, {QUANTILES[aggregate]})", "null"
    return {
        "sum": (_EXACT.format(over), _EXACT.format(under) if under else "null"),
        "distinct": (f"count(distinct {under})", "null"),
        "per_distinct": (_EXACT.format(over), f"count(distinct {under})"),
    }[aggregate]
