"""Goods in reports: what sells, what does not, what is to be ordered.

Lines are those of the orders that count as sales, so a table of goods adds up to the sales of
those orders; what no line explains (and, under a filter, the other goods of the same orders) is a
row of its own.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from dashboards.queries.kpis import Kpis
from dashboards.queries.overview import CONVERTED, Slice
from dashboards.queries.reports.shape import (
    CODE,
    COUNT,
    MONEY,
    QUANTITY,
    RATIO,
    TEXT,
    Cell,
    Column,
    Section,
    share,
)
from dashboards.queries.reports.tables import OTHERS, Asked
from dashboards.reader import Reader, Where
from orderhouse.ledger import Denied


class _Query(NamedTuple):
    sql: str
    params: tuple[Any, ...]


SALES, UNITS = "goods_sales", "units_sold"
_LINES = ("order_id", "line_kind", "sku", "product_name", "quantity", "returned_quantity")
_JOINS = (
    "inner join marts.fct_order_lines as lines on lines.order_id = facts.order_id "
    "and lines.line_kind = 'goods' "
    "left join marts.dim_products as articles on articles.sku = lines.sku"
)
_PARTS = {"category": "articles.category", "brand": "articles.brand", "sku": "lines.sku"}


def _may(reader: Reader) -> bool:
    try:
        lines = set(reader.columns("fct_order_lines"))
        return lines >= {*_LINES, "line_amount"} and bool(reader.columns("dim_products"))
    except Denied:
        return False


def categories(reader: Reader) -> list[str]:
    """Every category of the catalogue."""
    sql = "select distinct category as code from marts.dim_products where category is not null"
    reader.columns("dim_products", ["category"])
    return [row["code"] for row in reader.query(f"{sql} order by 1")]


def sold(
    asked: Asked, code: str, part: str, *, top: int = 0, by_units: bool = False
) -> Section | None:
    """One row a category, brand or article: orders, pieces, sales and their share, returns."""
    kpi = asked.known.get(SALES)
    if kpi is None or not _may(asked.kpis.reader):
        return None
    rows = _sold(asked, part)
    rows.sort(key=lambda row: (-row["units"] if by_units else -row["sales"], str(row["part"])))
    shown, rest = (rows[:top], rows[top:]) if top else (rows, [])
    sales = asked.kpis.figure(kpi, asked.wanted).over
    units = asked.kpis.figure(asked.known[UNITS], asked.wanted).over
    total = {"sales": sales, "units": units, "back": sum(row["back"] for row in rows)}
    found = [_row(row, total, row["part"], part) for row in shown]
    if rest:
        found.append(_other(OTHERS, _summed(rest), total, part))
    left = {name: total[name] - sum(row[name] for row in rows) for name in total}
    if any(left.values()):
        found.append(_other("unallocated", left, total, part))
    head = [Column(name=part, kind=TEXT)]
    if part == "sku":
        head.append(Column(name="product_name", kind=TEXT))
    columns = [
        *head, Column(name="order_count", kind=COUNT),
        Column(name=UNITS, kind=QUANTITY, metric=UNITS),
        Column(name=f"{UNITS}_share", kind=RATIO, metric=UNITS, is_share=True),
        Column(name=SALES, kind=MONEY, metric=SALES),
        Column(name=f"{SALES}_share", kind=RATIO, metric=SALES, is_share=True),
        Column(name="returned_quantity", kind=QUANTITY),
    ]  # fmt: skip
    return Section(
        code=code, columns=columns, rows=found, total=_other("total", total, total, part),
        bars=f"{UNITS}_share" if by_units else f"{SALES}_share",
    )  # fmt: skip


def _sold(asked: Asked, part: str) -> list[dict[str, Any]]:
    kpis, wanted = asked.kpis, asked.wanted
    kpi = asked.known[SALES]
    source, params = kpis.counted(kpi, wanted, _JOINS)
    if wanted.categories:
        source += " and articles.category in (select unnest(?::varchar[]))"
        params = [*params, list(wanted.categories)]
    sales = kpis.amount(kpi, "lines.line_amount", wanted)
    sql = (
        f"select {_PARTS[part]} as part, any_value(coalesce(articles.product_name, "
        "lines.product_name)) as product_name, count(distinct facts.order_id) as orders, "
        f"sum(lines.quantity) as units, coalesce(sum({sales}), 0)::decimal(38, 6) as sales, "
        f"sum(lines.returned_quantity) as back {source} group by {_PARTS[part]}"
    )
    return kpis.reader.query(sql, params)


def _summed(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {name: sum(row[name] for row in rows) for name in ("units", "sales", "back")}


def _row(row: dict[str, Any], total: dict[str, Any], part: Any, kind: str) -> list[Cell]:
    head = [Cell(value=part, kind=CODE)]
    if kind == "sku":
        head.append(Cell(value=row["product_name"], kind=TEXT))
    return [*head, Cell(value=row["orders"], kind=COUNT), *_measures(row, total)]


def _other(code: str, row: dict[str, Any], total: dict[str, Any], kind: str) -> list[Cell]:
    """A row that is no article: orders overlap, so they are not counted."""
    head = [Cell(value=code, kind=CODE, domain="report_row")]
    if kind == "sku":
        head.append(Cell(value="", kind=TEXT))
    return [*head, Cell(value=None, kind=COUNT), *_measures(row, total)]


def _measures(row: dict[str, Any], total: dict[str, Any]) -> list[Cell]:
    return [
        Cell(value=row["units"], kind=QUANTITY),
        Cell(value=share(Decimal(row["units"]), total["units"]), kind=RATIO),
        Cell(value=row["sales"], kind=MONEY),
        Cell(value=share(Decimal(row["sales"]), total["sales"]), kind=RATIO),
        Cell(value=row["back"], kind=QUANTITY),
    ]


def slow(asked: Asked, code: str, *, top: int) -> Section | None:
    """Articles in stock by what was sold of them in the period, the least first."""
    if SALES not in asked.known or not _may(asked.kpis.reader):
        return None
    wanted = asked.wanted
    source, params = asked.kpis.counted(asked.known[SALES], wanted, _JOINS)
    stock = _stock(asked.kpis, wanted)
    sql = (
        f"with sold as (select lines.sku, sum(lines.quantity) as units {source} "  # noqa: S608
        f"group by lines.sku), stock as ({stock.sql}) select stock.sku, stock.product_name, "
        "stock.on_hand, stock.last_sold, stock.value, coalesce(sold.units, 0) as units from stock "
        "left join sold on sold.sku = stock.sku order by units, stock.value desc nulls last, "
        "stock.on_hand desc, stock.sku limit ?"
    )
    rows = asked.kpis.reader.query(sql, [*params, *stock.params, top])
    columns = [
        Column(name="sku", kind=TEXT), Column(name="product_name", kind=TEXT),
        Column(name=UNITS, kind=QUANTITY, metric=UNITS),
        Column(name="on_hand_quantity", kind=QUANTITY),
        Column(name="stock_value_amount", kind=MONEY),
        Column(name="last_sold_date", kind=TEXT),
    ]  # fmt: skip
    found = [
        [
            Cell(value=row["sku"], kind=TEXT), Cell(value=row["product_name"], kind=TEXT),
            Cell(value=row["units"], kind=QUANTITY), Cell(value=row["on_hand"], kind=QUANTITY),
            Cell(value=row["value"], kind=MONEY), Cell(value=row["last_sold"], kind="day"),
        ]
        for row in rows
    ]  # fmt: skip
    return Section(code=code, columns=columns, rows=found, bars="on_hand_quantity")


def _stock(kpis: Kpis, wanted: Slice) -> _Query:
    """What lies in the warehouses now, by article; worth in the currency the slice asks for."""
    where = Where().also("positions.on_hand_quantity > 0")
    if wanted.categories:
        listed = "articles.category in (select unnest(?::varchar[]))"
        where = where.also(listed, list(wanted.categories))
    kpis.reader.columns("fct_stock_positions", ["sku", "on_hand_quantity"])
    has_money = kpis.reader.may_read("fct_stock_plans", "stock_value_amount")
    is_mine = f"plans.currency_code = '{_currency(kpis, wanted)}'"
    worth = f"sum(plans.stock_value_amount) filter (where {is_mine})" if has_money else "null"
    return _Query(
        "select positions.sku, any_value(articles.product_name) as product_name, "  # noqa: S608
        f"sum(positions.on_hand_quantity) as on_hand, max(plans.last_sold_date) as last_sold, "
        f"{worth} as value from marts.fct_stock_positions as positions "
        "left join marts.fct_stock_plans as plans on plans.sku = positions.sku "
        "and plans.warehouse_id = positions.warehouse_id "
        "left join marts.dim_products as articles on articles.sku = positions.sku "
        f"where {where.sql} group by positions.sku",
        where.params,
    )


def _currency(kpis: Kpis, wanted: Slice) -> str:
    """Converted sums are in the currency of the reports; codes are three letters, checked."""
    code = kpis.reporting_currency if wanted.currency == CONVERTED else wanted.currency
    return code if code.isalpha() else ""
