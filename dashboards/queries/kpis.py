"""Metrics as the catalogue defines them, run over the rows of the marts.

A figure is never stored: it is `numerator` over `denominator` of the rows that pass, so whatever it
is filtered by, its rows add up to it. Sums of money are of one currency. Expressions come from the
catalogue of the published build; which columns they may touch, the reader's policy says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from dashboards.queries.overview import CONVERTED, Slice
from dashboards.queries.policies import metrics as catalogue
from dashboards.reader import Reader, Where
from orderhouse.ledger import Denied
from orderhouse.measures import AMOUNT, at_moment, day_of, is_of_currency, sums

AREAS = (
    "sales", "customers", "payments", "review", "fulfilment", "logistics", "after_sales", "service",
    "queues", "money", "stock", "data",
)  # fmt: skip
# What a figure may be broken down by, as far as its rows have it.
DIMENSIONS = (
    "channel", "shop_id", "carrier", "warehouse_id", "sla_code", "queue_code", "recon_code",
    "milestone_code", "case_kind", "refund_kind", "provider", "ship_region", "headline_status",
    "payment_method", "entry_point", "delivery_mode", "reason", "supplier_id", "category", "brand",
    "sku", "abc_class", "actor_role", "stream",
)  # fmt: skip
# What rows do not have themselves: their order has it, or their article.
OF_ORDER = frozenset({"channel", "shop_id", "headline_status"})
OF_ARTICLE = frozenset({"category", "brand"})
# Counted, never shown: a buyer is one blind index, and how many there are names nobody.
COUNTED_ONLY = {"buyer_phone_index"}
_OTHERS = re.compile(r"\bmarts\.([a-z_]+) as ([a-z_]+)")
_NAMES = re.compile(r"\b(?:([a-z_]+)\.)?([a-z_]+)\b")


@dataclass(frozen=True, kw_only=True)
class Kpi:
    """One row of the catalogue."""

    code: str
    area: str
    kind: str
    aggregate: str
    relation: str
    date_column: str
    row_filter: str
    numerator: str
    denominator: str
    is_better_low: bool
    grain: str
    date_basis: str
    owner_role: str

    @cached_property
    def expressions(self) -> str:
        return " ".join((self.row_filter, self.numerator, self.denominator, self.date_column))

    @property
    def is_additive(self) -> bool:
        """Its days add up to its period: what is below can be summed before it is divided."""
        return self.aggregate == "sum"

    @property
    def has_measure(self) -> bool:
        """Its rows have a size of their own, which can be described by a distribution."""
        return self.kind in ("money", "minutes", "quantity") and self.numerator != "1"

    def needs(self, present: frozenset[str]) -> dict[str, set[str]]:
        """Relation -> columns the expressions name; `present` are the columns of its own."""
        aliases = {alias: relation for relation, alias in _OTHERS.findall(self.expressions)}
        found: dict[str, set[str]] = {self.relation: set()}
        for alias, name in _NAMES.findall(self.expressions):
            if alias in aliases:
                found.setdefault(aliases[alias], set()).add(name)
            elif alias in ("", "facts") and name in present:
                found[self.relation].add(name)
        return found


def all_kpis(reader: Reader) -> list[Kpi]:
    """Every metric of the catalogue, in its order there."""
    fields = Kpi.__dataclass_fields__.keys() - {"code"}
    return [
        Kpi(code=row["metric_code"], **{name: _said(row[name]) for name in fields})
        for row in catalogue(reader.snapshot)
        if "numerator" in row
    ]


def _said(value: Any) -> Any:
    return "" if value is None else value


def offered(reader: Reader) -> list[Kpi]:
    """The metrics whose every column this person may see."""
    return [kpi for kpi in all_kpis(reader) if _may(reader, kpi)]


def _may(reader: Reader, kpi: Kpi) -> bool:
    try:
        return all(
            set(reader.columns(relation)) >= columns - COUNTED_ONLY
            for relation, columns in kpi.needs(reader.snapshot.columns(kpi.relation)).items()
        )
    except Denied:
        return False


@dataclass(frozen=True, kw_only=True)
class Figure:
    """What a metric comes to. `over` and `under` are the sums behind the value; `rows` its rows."""

    value: Decimal | None
    over: Decimal
    under: Decimal | None
    rows: int


@dataclass(frozen=True)
class Kpis:
    """The metrics of one build as one person sees them."""

    reader: Reader
    zone: str
    reporting_currency: str

    @property
    def as_of(self) -> datetime:
        manifest = self.reader.snapshot.manifest
        return manifest.as_of or manifest.published_at

    def is_by_currency(self, kpi: Kpi) -> bool:
        """It adds up money, so it is of one currency."""
        present = self.reader.snapshot.columns(kpi.relation)
        return is_of_currency(kpi.kind, kpi.numerator, kpi.denominator, present)

    def figure(self, kpi: Kpi, wanted: Slice) -> Figure:
        return self.by_day(kpi, wanted)[0]

    def by_day(self, kpi: Kpi, wanted: Slice) -> tuple[Figure, list[tuple[date, Figure]]]:
        """The period's figure and its days; a metric of now has no days."""
        if not kpi.date_column:
            return self._asked(kpi, wanted, "")[0][1], []
        found = dict(self._asked(kpi, wanted, self._day(kpi)))
        whole = (
            added(list(found.values()), kpi)
            if kpi.is_additive
            else self._asked(kpi, wanted, "")[0][1]
        )
        period = wanted.period
        days = [period.first + timedelta(days=number) for number in range(period.days)]
        return whole, [(day, found.get(day, _NOTHING)) for day in days]

    def by(self, kpi: Kpi, wanted: Slice, dimension: str) -> list[tuple[Any, Figure]]:
        """Its parts along one of `DIMENSIONS`, the largest first."""
        parts = self._asked(kpi, wanted, self._part(kpi, dimension))
        return sorted(parts, key=lambda part: (-part[1].rows, str(part[0])))

    def dimensions(self, kpi: Kpi) -> list[str]:
        present = set(self.reader.columns(kpi.relation))
        if "order_id" in present:
            present |= {"channel", "shop_id"}
        if "sku" in present:
            present |= OF_ARTICLE
        return [name for name in DIMENSIONS if name in present]

    def statistics(self, kpi: Kpi, wanted: Slice) -> dict[str, Any]:
        """n, mean, median, p90, sd, variance and outliers beyond 1.5 quartile distances."""
        source, params = self._source(kpi, wanted)
        measure = self._amount(kpi, kpi.numerator, wanted)
        sql = (
            f"with measured as (select ({measure})::double as x {source}), "  # noqa: S608
            "fences as (select quantile_cont(x, 0.25) as low, quantile_cont(x, 0.75) as high "
            "from measured) select count(x) as n, avg(x) as mean, median(x) as median, "
            "quantile_cont(x, 0.9) as p90, stddev_samp(x) as deviation, var_samp(x) as variance, "
            "min(x) as smallest, max(x) as largest, count(*) filter (where x < low - 1.5 * (high - "
            "low) or x > high + 1.5 * (high - low)) as outliers from measured, fences"
        )
        return self.reader.query(sql, params)[0]

    def rows(self, kpi: Kpi, wanted: Slice, *, limit: int, offset: int = 0) -> list[dict[str, Any]]:
        """The rows behind the figure, those that weigh most first."""
        columns = self.reader.columns(kpi.relation)
        names = ", ".join(f'facts."{name}"' for name in columns)
        source, params = self._source(kpi, wanted)
        sql = (
            f"select ({self._sql(kpi.numerator)})::decimal(38, 6) as counted_value, {names} "
            f"{source} "
            f"order by counted_value desc nulls last, {columns[0]} limit ? offset ?"
        )
        return self.reader.query(sql, [*params, limit, offset])

    def _asked(self, kpi: Kpi, wanted: Slice, part: str) -> list[tuple[Any, Figure]]:
        """(part, figure) of each part; one without a name when there is nothing to divide by."""
        key = f"kpi {kpi.code} {wanted} {part} {self.reader.shops}"
        memo = self.reader.snapshot.memo
        if key not in memo:
            memo[key] = self._run(kpi, wanted, part)
        return memo[key]

    def _run(self, kpi: Kpi, wanted: Slice, part: str) -> list[tuple[Any, Figure]]:
        over, under = (
            self._amount(kpi, expression, wanted) for expression in (kpi.numerator, kpi.denominator)
        )
        first, second = sums(kpi.aggregate, over, under)
        source, params = self._source(kpi, wanted)
        group = f"group by {part}" if part else ""
        sql = (
            f"select {part or 'null'} as part, {first} as over, {second} as under, "
            f"count(*) as n {source} {group}"
        )
        return [(row["part"], _figure(row, kpi)) for row in self.reader.query(sql, params)]

    def _source(self, kpi: Kpi, wanted: Slice, joins: str = "") -> tuple[str, list[Any]]:
        """The `from` and `where` of the rows that count."""
        where = Where()
        if kpi.row_filter:
            where = where.also(f"({self._sql(kpi.row_filter)})")
        if kpi.date_column:
            first, last = wanted.period.first, wanted.period.last
            where = where.also(f"{self._day(kpi)} between ? and ?", first, last)
        is_converted = self.is_by_currency(kpi) and wanted.currency == CONVERTED
        if self.is_by_currency(kpi) and not is_converted:
            where = where.also("coalesce(facts.currency_code, '') = ?", wanted.currency)
        listed = "in (select unnest(?::varchar[]))"
        for column, values in (
            ("channel", wanted.channels), ("shop_id", wanted.shops),
            ("headline_status", wanted.statuses),
        ):  # fmt: skip
            if values:
                where = where.also(f"{self._part(kpi, column)} {listed}", list(values))
        if wanted.categories:
            where = where.also(self._of_category(kpi, listed), list(wanted.categories))
        where = self.reader.scope(kpi.relation, where)
        rates = self._rates(kpi) if is_converted else ""
        source = f"from marts.{kpi.relation} as facts {joins} {rates} where {where.sql}"
        return source, list(where.params)

    def _of_category(self, kpi: Kpi, listed: str) -> str:
        """Rows of articles of some categories; orders count with any line of one."""
        present = self.reader.snapshot.columns(kpi.relation)
        if "sku" in present or "order_id" not in present:
            return f"{self._part(kpi, 'category')} {listed}"
        return (
            "facts.order_id in (select lines.order_id from marts.fct_order_lines as lines "  # noqa: S608
            "inner join marts.dim_products as articles on articles.sku = lines.sku "
            f"where articles.category {listed})"
        )

    def counted(self, kpi: Kpi, wanted: Slice, joins: str) -> tuple[str, list[Any]]:
        """The rows behind a metric (`facts`), with more beside them, for a query of its own."""
        return self._source(kpi, wanted, joins)

    def amount(self, kpi: Kpi, expression: str, wanted: Slice) -> str:
        """An amount beside a metric's rows, in the currency the slice asks for."""
        return self._amount(kpi, expression, wanted)

    def _rates(self, kpi: Kpi) -> str:
        day = self._day(kpi) if kpi.date_column else f"date '{self.as_of:%Y-%m-%d}'"
        return (
            "left join policies.currency_rates as rates "
            "on rates.currency_code = facts.currency_code "
            f"and rates.reporting_currency_code = '{self.reporting_currency}' "
            f"and {day} between rates.valid_from and rates.valid_to"
        )

    def _amount(self, kpi: Kpi, expression: str, wanted: Slice) -> str:
        """The expression; an amount in the currency of the reports where that is asked for."""
        sql = self._sql(expression)
        is_money = AMOUNT.search(expression) is not None
        if not (is_money and self.is_by_currency(kpi) and wanted.currency == CONVERTED):
            return sql
        own = f"case when facts.currency_code = '{self.reporting_currency}' then 1 end"
        # Wide enough for any amount, narrow enough that the product is still a decimal.
        return f"({sql})::decimal(26, 8) * coalesce(rates.rate, {own})::decimal(12, 6)"

    def without_rate(self, kpi: Kpi, wanted: Slice) -> int:
        """Rows whose currency has no rate on their day: they are in no converted sum."""
        if not self.is_by_currency(kpi) or wanted.currency != CONVERTED:
            return 0
        source, params = self._source(kpi, wanted)
        sql = (
            f"select count(*) as n {source} and rates.rate is null "  # noqa: S608
            f"and facts.currency_code is distinct from '{self.reporting_currency}'"
        )
        return self.reader.query(sql, params)[0]["n"]

    def _part(self, kpi: Kpi, column: str) -> str:
        """A column to divide by: its own, or its order's; null where it has neither."""
        present = self.reader.snapshot.columns(kpi.relation)
        if column in present:
            return f"facts.{column}"
        if "order_id" in present and column in OF_ORDER:
            return (
                f"(select orders.{column} from marts.fct_orders as orders "  # noqa: S608
                "where orders.order_id = facts.order_id)"
            )
        if "sku" in present and column in OF_ARTICLE:
            return (
                f"(select articles.{column} from marts.dim_products as articles "  # noqa: S608
                "where articles.sku = facts.sku)"
            )
        return "null::varchar"

    def _day(self, kpi: Kpi) -> str:
        return day_of(kpi.date_column, self.zone)

    def _sql(self, expression: str) -> str:
        return at_moment(expression, self.as_of)


_NOTHING = Figure(value=None, over=Decimal(0), under=None, rows=0)


def _figure(row: dict[str, Any], kpi: Kpi) -> Figure:
    over = None if row["over"] is None else Decimal(str(row["over"]))
    under = None if row["under"] is None else Decimal(str(row["under"]))
    if kpi.denominator and kpi.aggregate != "distinct":
        value = over / under if over is not None and under else None
    else:
        value = over
    return Figure(value=value, over=over or Decimal(0), under=under, rows=row["n"])


def added(parts: Sequence[Figure], kpi: Kpi) -> Figure:
    over = sum((part.over for part in parts), Decimal(0))
    under = sum((part.under or Decimal(0) for part in parts), Decimal(0))
    value = (over / under if under else None) if kpi.denominator else over
    rows = sum(part.rows for part in parts)
    return Figure(value=value, over=over, under=under if kpi.denominator else None, rows=rows)
