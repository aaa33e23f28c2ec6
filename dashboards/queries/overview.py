"""Sales figures by day, channel and shop, and the orders behind each figure.

Every figure is a sum or a ratio of columns of `agg_daily_channel_orders`; what each means is in the
metric catalogue. Amounts of different currencies are never added as they are: they are of one
currency, or converted at the rate of their day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from dashboards.reader import Reader, Where

# Every currency, at the rate of the day, in the currency of the reports.
CONVERTED = "converted"
COUNTS = ("placed_count", "paid_count", "valid_count", "cancelled_count", "item_quantity")
AMOUNTS = ("placed_amount", "gross_amount", "discount_amount", "returns_amount", "net_amount")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One card: how it is computed from summed columns, and which orders are behind it."""

    code: str
    kind: str
    needs: tuple[str, ...]
    value: Callable[[dict[str, Any]], Decimal | None]
    drill: str | None
    is_better_low: bool = False


def _sum(column: str) -> Callable[[dict[str, Any]], Decimal | None]:
    return lambda row: Decimal(row[column] or 0)


def _ratio(over: str, under: str) -> Callable[[dict[str, Any]], Decimal | None]:
    def value(row: dict[str, Any]) -> Decimal | None:
        return Decimal(row[over] or 0) / Decimal(row[under]) if row[under] else None

    return value


def _metric(code: str, kind: str, drill: str, over: str, under: str = "") -> Metric:
    return Metric(
        code=code,
        kind=kind,
        needs=(over, under) if under else (over,),
        value=_ratio(over, under) if under else _sum(over),
        drill=drill,
        is_better_low=code == "cancel_ratio",
    )


METRICS = (
    _metric("placed_orders", "count", "placed", "placed_count"),
    _metric("paid_orders", "count", "paid", "paid_count"),
    _metric("valid_orders", "count", "valid", "valid_count"),
    _metric("cancel_ratio", "ratio", "cancelled", "cancelled_count", "placed_count"),
    _metric("gmv_placed", "money", "placed", "placed_amount"),
    _metric("net_sales", "money", "valid", "net_amount"),
    _metric("average_order_value", "money", "valid", "net_amount", "valid_count"),
    _metric("conversion_ratio", "ratio", "paid", "paid_count", "placed_count"),
)

# What a drill shows, on the day the order was placed, like the figure it explains.
DRILLS = {
    "placed": "true",
    "paid": "paid_at is not null",
    "valid": "is_valid",
    "cancelled": "order_status in ('CANCELLED', 'EXPIRED')",
}
DRILL_COLUMNS = (
    "order_id",
    "channel",
    "shop_id",
    "headline_status",
    "placed_at",
    "paid_at",
    "payable_amount",
    "currency_code",
    "ship_city",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Days from `first` to `last`, both included, in the reporting zone."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def before(self) -> Period:
        """As many days, just before."""
        return Period(
            first=self.first - timedelta(days=self.days), last=self.first - timedelta(days=1)
        )

    def year_before(self) -> Period:
        """The same weekdays a year ago: 52 weeks back, so Mondays meet Mondays."""
        return Period(first=self.first - timedelta(weeks=52), last=self.last - timedelta(weeks=52))


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """What the overview is about."""

    period: Period
    currency: str
    channels: tuple[str, ...] = ()
    shops: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()

    def over(self, period: Period) -> Slice:
        return replace(self, period=period)


PRESETS = ("today", "yesterday", "last_7", "last_30", "last_90", "month", "last_month", "year")


def preset(code: str, today: date) -> Period:
    """The days a preset means today."""
    month = today.replace(day=1)
    if code == "today":
        return Period(first=today, last=today)
    if code == "yesterday":
        day = today - timedelta(days=1)
        return Period(first=day, last=day)
    if code == "month":
        return Period(first=month, last=today)
    if code == "last_month":
        last = month - timedelta(days=1)
        return Period(first=last.replace(day=1), last=last)
    if code == "year":
        return Period(first=today.replace(month=1, day=1), last=today)
    days = int(code.removeprefix("last_"))
    return Period(first=today - timedelta(days=days - 1), last=today)


def metrics_for(reader: Reader) -> list[Metric]:
    """Metrics whose columns this reader may see."""
    allowed = set(reader.columns("agg_daily_channel_orders"))
    return [metric for metric in METRICS if allowed.issuperset(metric.needs)]


def _where(wanted: Slice, day: str) -> Where:
    where = Where().also(f"{day} between ? and ?", wanted.period.first, wanted.period.last)
    if wanted.currency != CONVERTED:
        where = where.also("coalesce(currency_code, '') = ?", wanted.currency)
    if wanted.channels:
        where = where.also("channel in (select unnest(?::varchar[]))", list(wanted.channels))
    if wanted.shops:
        where = where.also("shop_id in (select unnest(?::varchar[]))", list(wanted.shops))
    return where


@dataclass(frozen=True)
class Sales:
    """The sums of one build as one person sees them."""

    reader: Reader
    reporting_currency: str

    def totals(self, wanted: Slice) -> dict[str, Any]:
        source, params = self._days(wanted)
        return self.reader.query(f"select {self._sums(wanted)} {source}", params)[0]

    def by_day(self, wanted: Slice) -> list[dict[str, Any]]:
        """One row a day, days without orders included, so that a line does not jump over them."""
        source, params = self._days(wanted)
        sql = f"select order_date, {self._sums(wanted)} {source} group by order_date"
        found = {row["order_date"]: row for row in self.reader.query(sql, params)}
        empty = dict.fromkeys(self._columns(), 0)
        first = wanted.period.first
        days = [first + timedelta(days=number) for number in range(wanted.period.days)]
        return [found.get(day, {"order_date": day} | empty) for day in days]

    def by_shop(self, wanted: Slice) -> list[dict[str, Any]]:
        source, params = self._days(wanted)
        sql = (
            f"select channel, shop_id, {self._sums(wanted)} {source} "
            "group by channel, shop_id order by placed_count desc, shop_id"
        )
        return self.reader.query(sql, params)

    def without_rate(self, wanted: Slice) -> int:
        """Orders whose currency has no rate on their day: they are in no converted amount."""
        if wanted.currency != CONVERTED:
            return 0
        source, params = self._days(wanted)
        counted = "coalesce(sum(placed_count) filter (where rate is null), 0) as n"
        return int(self.reader.query(f"select {counted} {source}", params)[0]["n"])

    def _columns(self) -> tuple[str, ...]:
        return tuple(self.reader.columns("agg_daily_channel_orders", (*COUNTS, *AMOUNTS)))

    def _sums(self, wanted: Slice) -> str:
        rate = " * rate" if wanted.currency == CONVERTED else ""
        return ", ".join(
            f"coalesce(sum({name}{rate if name in AMOUNTS else ''}), 0) as {name}"
            for name in self._columns()
        )

    def _days(self, wanted: Slice) -> tuple[str, list[Any]]:
        """The `from` and `where` of the days that count, each with its rate where one is asked."""
        where = self.reader.scope("agg_daily_channel_orders", _where(wanted, "order_date"))
        days = f"select * from marts.agg_daily_channel_orders where {where.sql}"  # noqa: S608
        if wanted.currency != CONVERTED:
            return f"from ({days}) as days", list(where.params)
        rated = (
            "select days.*, case when days.currency_code = ? then 1 else rates.rate end "  # noqa: S608
            f"::decimal(12, 6) as rate from ({days}) as days "
            "left join policies.currency_rates as rates "
            "on rates.currency_code = days.currency_code "
            "and rates.reporting_currency_code = ? "
            "and days.order_date between rates.valid_from and rates.valid_to"
        )
        currency = self.reporting_currency
        return f"from ({rated}) as rated", [currency, *where.params, currency]


def choices(reader: Reader) -> dict[str, list[str]]:
    """Currencies (busiest first), channels and shops there are figures for."""
    where = reader.scope("agg_daily_channel_orders", Where())
    sql = (
        "select currency_code, channel, shop_id, sum(placed_count) as n "  # noqa: S608
        f"from marts.agg_daily_channel_orders where {where.sql} group by all order by n desc"
    )
    rows = reader.query(sql, where.params)
    return {
        "currency": list(dict.fromkeys(row["currency_code"] for row in rows)),
        "channel": sorted({row["channel"] for row in rows if row["channel"]}),
        "shop": sorted({row["shop_id"] for row in rows if row["shop_id"]}),
    }


def drill_count(reader: Reader, wanted: Slice, drill: str) -> int:
    return reader.count("fct_orders", _where(wanted, "placed_date").also(DRILLS[drill]))


def drill_rows(
    reader: Reader, wanted: Slice, drill: str, *, limit: int, offset: int = 0
) -> list[dict[str, Any]]:
    """The orders behind a figure."""
    where = _where(wanted, "placed_date").also(DRILLS[drill])
    order = "placed_at desc, order_id"
    return reader.select(
        "fct_orders", DRILL_COLUMNS, where, order=order, limit=limit, offset=offset
    )
