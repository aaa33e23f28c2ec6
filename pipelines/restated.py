"""What a publish remembers: each metric's days as they were first shown, and those that changed.

A day closes with the first build made after it; only then is anything computed, so a publish costs
nothing until the date changes. The days before, as many as `restated_days` says, are computed
again with it, and what differs from what was last remembered is added. A metric of now (stock,
cover) has no days to compute again: what the build that closes a day has of it is that day's.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from orderhouse.figures import WHOLE, Figure, Figures
from orderhouse.measures import QUANTILES, at_moment, day_of, is_of_currency, sums
from orderhouse.settings import Settings
from pipelines.publish import read_manifest

KEY = ("metric_code", "figure_date", "shop_id", "currency_code")
progress = logging.getLogger("orderhouse.progress")
_CATALOGUE = (
    "select metric_code, kind, aggregate, relation, coalesce(date_column, ''), "
    "coalesce(row_filter, ''), numerator, coalesce(denominator, '') "
    "from policies.metric_catalogue order by position"
)


def remember(settings: Settings, build_id: str, path: Path) -> int:
    """Remembers the days a published snapshot closed; returns how many rows were added.

    What cannot be written is said and left to the next publish: the snapshot is served already.
    """
    try:
        with duckdb.connect(str(path), read_only=True) as con:
            con.execute("set memory_limit = ?", [settings.duckdb_memory_limit])
            con.execute("set threads = ?", [settings.duckdb_threads])
            return _remember(settings, build_id, con)
    except (duckdb.Error, sqlite3.Error, OSError) as error:
        progress.warning("Figures of %s were not remembered: %s", build_id, error)
        return 0


def _remember(settings: Settings, build_id: str, con: duckdb.DuckDBPyConnection) -> int:
    manifest, store = read_manifest(settings, build_id), Figures(settings.serving_dir)
    days = _window(con)
    if not days:
        return 0
    last = _as_of(manifest).replace(tzinfo=ZoneInfo("UTC")).astimezone(
        ZoneInfo(settings.reporting_zone)
    ).date() - timedelta(days=1)
    known = store.days()
    if last in known:
        return 0
    first = last - timedelta(days=days - 1)
    span = [first + timedelta(days=number) for number in range(days)]
    closed = [day for day in span if day not in known]
    newest = {figure.key: figure for figure in store.between(first, last)}
    metrics = _catalogue(con, _as_of(manifest))
    computed = _computed(con, settings.reporting_zone, (first, last), manifest, metrics)
    now = {figure.key: figure for figure in computed}
    added = [
        figure for key, figure in now.items()
        if (was := newest.get(key)) is None or _differs(was, figure)
    ]  # fmt: skip
    # What is nothing now and was something: nothing is what it became. A position stays as it was.
    dated = {metric.code for metric in metrics if metric.date_column}
    added += [
        Figure(**dict(zip(KEY, key, strict=True)), over_value=None, under_value=None,
               build_id=build_id, published_at=manifest["published_at"])
        for key, was in newest.items()
        if key not in now and was.over_value is not None and was.metric_code in dated
    ]  # fmt: skip
    store.append(added, closed, build_id, manifest["published_at"])
    progress.info("Remembered %s figures of %s days", len(added), len(closed))
    return len(added)


def _as_of(manifest: dict[str, Any]) -> datetime:
    """The moment of a build as naive UTC; one without a moment of its own is as of its publish."""
    found = datetime.fromisoformat(manifest["as_of"] or manifest["published_at"])
    return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found


def _differs(was: Figure, now: Figure) -> bool:
    return (was.over_value, was.under_value) != (now.over_value, now.under_value)


def _window(con: duckdb.DuckDBPyConnection) -> int:
    """How many days back figures are looked at again; 0 where the policies are not of this kind."""
    tables = con.execute(
        "select count(*) from information_schema.tables where table_schema = 'policies' "
        "and table_name in ('metric_catalogue', 'analysis_limits')"
    ).fetchone()
    if tables is None or tables[0] < 2:
        return 0
    row = con.execute(
        "select limit_value from policies.analysis_limits where limit_code = 'restated_days'"
    ).fetchone()
    return int(row[0]) if row else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Metric:
    """One row of the catalogue, with the moment of the build in its expressions."""

    code: str
    kind: str
    aggregate: str
    relation: str
    date_column: str
    row_filter: str
    over: str
    under: str

    def asked(self, columns: set[str], zone: str, last: date) -> str:
        """Figures by day and currency: of every shop together, and of each where rows have one."""
        shop = "null::varchar"
        if "shop_id" in columns:
            shop = "facts.shop_id"
        elif "order_id" in columns:
            shop = (
                "(select orders.shop_id from marts.fct_orders as orders "
                "where orders.order_id = facts.order_id)"
            )
        # Middles of shops cannot be put together again, so they are kept of all shops only.
        is_split = shop != "null::varchar" and self.aggregate not in QUANTILES
        sets = "(day, currency), (day, currency, shop)" if is_split else "(day, currency)"
        name = f"if(grouping(shop) = 1, '{WHOLE}', coalesce(shop, ''))" if is_split else "'*'"
        is_money = is_of_currency(self.kind, self.over, self.under, columns)
        currency = "coalesce(facts.currency_code, '')" if is_money else "''"
        day = day_of(self.date_column, zone) if self.date_column else f"date '{last}'"
        first, second = sums(self.aggregate, "over", "under" if self.under else "")
        return (
            f"with counted as (select {day} as day, {currency} as currency, {shop} as shop, "  # noqa: S608
            f"({self.over}) as over, ({self.under or 'null'}) as under "
            f"from marts.{self.relation} as facts "
            f"where {day} between ? and ? and ({self.row_filter or 'true'})) "
            f"select day, {name}, currency, {first}, {second} from counted "
            f"group by grouping sets ({sets})"
        )


def _catalogue(con: duckdb.DuckDBPyConnection, as_of: datetime) -> list[_Metric]:
    names = ("code", "kind", "aggregate", "relation", "date_column", "row_filter", "over", "under")
    told = ("row_filter", "over", "under")
    return [
        _Metric(
            **{
                name: at_moment(value, as_of) if name in told else value
                for name, value in zip(names, row, strict=True)
            }
        )
        for row in con.execute(_CATALOGUE).fetchall()
    ]


def _computed(
    con: duckdb.DuckDBPyConnection, zone: str, span: tuple[date, date], manifest: dict[str, Any],
    metrics: list[_Metric],
) -> Iterator[Figure]:  # fmt: skip
    columns: dict[str, set[str]] = {}
    for table, column in con.execute(
        "select table_name, column_name from information_schema.columns "
        "where table_schema = 'marts'"
    ).fetchall():
        columns.setdefault(table, set()).add(column)
    for metric in metrics:
        sql = metric.asked(columns[metric.relation], zone, span[1])
        for day, shop, currency, over, under in con.execute(sql, list(span)).fetchall():
            yield Figure(
                metric_code=metric.code, figure_date=day.isoformat(), shop_id=shop,
                currency_code=currency, over_value=_text(over), under_value=_text(under),
                build_id=manifest["build_id"], published_at=manifest["published_at"],
            )  # fmt: skip


def _text(value: Any) -> str | None:
    """A sum as text, without what is lost in how a number is written."""
    if value is None:
        return None
    number = round(Decimal(str(value)), 6).normalize()
    return f"{number:f}"
