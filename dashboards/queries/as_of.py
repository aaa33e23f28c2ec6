"""Orders, stock and money as of a moment: what was true, what we knew then, and what is known now.

`true` counts everything that had happened by the moment, whenever we heard of it; `known` only what
had reached us by then. The difference came later.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dashboards.reader import Reader, Where

# Later than any fact: both clocks read to the end.
END = datetime(9999, 1, 1)
MONEY = ("payable", "captured", "refunded", "gross", "fee", "paid_out")
# What is told of stock, and of which of the three: known then, true then, now.
STOCK = {
    "on_hand": ("known", "true", "now"),
    "sellable": ("true", "now"),
    "reserved_hard": ("true", "now"),
    "reserved_soft": ("true", "now"),
    "atp": ("known", "true", "now"),
}
SHOPS = "shop_id in (select unnest(?::varchar[]))"


def orders(reader: Reader, moment: datetime) -> list[dict[str, Any]]:
    """headline_status, known_count, true_count, later_count, now_count."""
    where = _mine(reader)
    sides = " union all ".join(
        f"select '{side}' as side, headline_status from marts.orders_at(?, ?) where {where.sql}"  # noqa: S608
        for side in ("known", "true", "now")
    )
    return reader.query(
        f"select headline_status, {_counted('known')}, {_counted('true')}, "  # noqa: S608
        f"true_count - known_count as later_count, {_counted('now')} from ({sides}) "
        "group by headline_status order by true_count desc, headline_status",
        [value for bounds in _bounds(moment) for value in (*bounds, *where.params)],
    )


def stock(
    reader: Reader, moment: datetime, *, text: str = "", limit: int, offset: int = 0
) -> list[dict[str, Any]]:
    """sku, warehouse_id, what is told of STOCK; where most was told later first."""
    where, params = _searched(text)
    told = ", ".join(
        f"coalesce({side[0]}.{name}_quantity, 0) as {side}_{name}_quantity"
        for name, sides in STOCK.items()
        for side in sides
    )
    return reader.query(
        f"select sku, warehouse_id, {told}, "  # noqa: S608
        "true_on_hand_quantity - known_on_hand_quantity as later_quantity, "
        "true_atp_quantity - known_atp_quantity as later_atp_quantity "
        "from marts.stock_at(?, ?) as n "
        "full join marts.stock_at(?, ?) as t using (sku, warehouse_id) "
        "full join marts.stock_at(?, ?) as k using (sku, warehouse_id) "
        f"where {where} order by greatest(abs(later_quantity), abs(later_atp_quantity)) desc, "
        "sku, warehouse_id limit ? offset ?",
        [END, END, moment, END, moment, moment, *params, limit, offset],
    )


def stock_count(reader: Reader, text: str = "") -> int:
    where, params = _searched(text)
    return reader.query(
        f"select count(*) as n from marts.stock_at(?, ?) where {where}",  # noqa: S608
        [END, END, *params],
    )[0]["n"]


def money(reader: Reader, moment: datetime) -> list[dict[str, Any]]:
    """currency_code, money_part and its amounts: known, true, later, now."""
    where = _mine(reader)
    sums = ", ".join(f"sum({part}_amount) as {part}" for part in MONEY)
    sides = " union all ".join(
        f"select '{side}' as side, currency_code, {sums} from marts.money_at(?, ?) "  # noqa: S608
        f"where {where.sql} and currency_code is not null group by currency_code"
        for side in ("known", "true", "now")
    )
    found = reader.query(
        f"select * from ({sides})",  # noqa: S608
        [value for bounds in _bounds(moment) for value in (*bounds, *where.params)],
    )
    by_side = {(row["currency_code"], row["side"]): row for row in found}
    rows = []
    for currency in sorted({row["currency_code"] for row in found}):
        for part in MONEY:
            known, true, now = (
                by_side.get((currency, side), {}).get(part) or 0
                for side in ("known", "true", "now")
            )
            rows.append(
                {
                    "currency_code": currency, "money_part": part, "known_amount": known,
                    "true_amount": true, "later_amount": true - known, "now_amount": now,
                }
            )  # fmt: skip
    return rows


def _bounds(moment: datetime) -> tuple[tuple[datetime, datetime], ...]:
    """(true until, known until) of the three sides, in their order."""
    return (moment, moment), (moment, END), (END, END)


def _counted(side: str) -> str:
    return f"count(*) filter (where side = '{side}') as {side}_count"


def _mine(reader: Reader) -> Where:
    return Where() if reader.shops is None else Where().also(SHOPS, list(reader.shops))


def _searched(text: str) -> tuple[str, list[str]]:
    needle = text.strip().lower()
    return ("contains(lower(sku), ?)", [needle]) if needle else ("true", [])
