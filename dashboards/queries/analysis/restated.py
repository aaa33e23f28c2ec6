"""Figures as first published beside what is known now, and the facts that came in between.

The first publication and what later builds found are remembered in `serving/figures.db`; what is
known now is asked of the build that is served. Somebody of some shops is told those shops' figures,
as far as they can be added up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from dashboards.queries.analysis.asked import Asked, narrowed
from dashboards.queries.kpis import Kpi, Kpis
from dashboards.reader import Where
from orderhouse.figures import WHOLE, Figure, Figures

COLUMNS = ("metric_code", "restated_count", "day_count", "last_restated_at")
DAY_COLUMNS = ("figure_date", "first_value", "now_value", "difference_value", "late_count",
               "published_at")  # fmt: skip
LATE_COLUMNS = ("source", "event_type", "event_count", "first_ingested_at", "last_ingested_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One metric on one day: what it was at first, what it was when last looked at."""

    first: float | None
    newest: float | None
    restated_at: str | None


def _shops(asked: Asked) -> tuple[str, ...] | None:
    mine = asked.reader.shops
    chosen = asked.wanted.shops
    if mine is None:
        return chosen or None
    return tuple(shop for shop in chosen or mine if shop in mine)


def offered(asked: Asked, kpis: Iterable[Kpi]) -> list[Kpi]:
    """Metrics with days; of some shops only those whose sums can be added up."""
    is_cut = _shops(asked) is not None
    return [kpi for kpi in kpis if kpi.date_column and (kpi.is_additive or not is_cut)]


def positions(asked: Asked, store: Figures, kpi: Kpi) -> list[tuple[date, float | None]]:
    """A metric of now as the build that closed each day had it. Kept of everything, and of each
    shop where its rows have one: nothing narrower can be told of days that are over."""
    wanted = asked.wanted
    shops = _shops(asked)
    if wanted.channels or wanted.statuses or wanted.categories:
        return []
    if shops is not None and not kpi.is_additive:
        return []
    days: dict[date, list[Figure]] = defaultdict(list)
    for figure in store.between(wanted.period.first, wanted.period.last, kpi.code):
        is_mine = figure.shop_id == WHOLE if shops is None else figure.shop_id in shops
        if is_mine and figure.currency_code in ("", wanted.currency):
            days[date.fromisoformat(figure.figure_date)].append(figure)
    return [(day, _value(parts)) for day, parts in sorted(days.items())]


def stories(asked: Asked, store: Figures, kpis: Iterable[Kpi]) -> dict[tuple[str, date], Story]:
    """(metric, day) -> its story, of the metrics and shops this person may see."""
    period, shops = asked.wanted.period, _shops(asked)
    wanted = {kpi.code for kpi in offered(asked, kpis)}
    published = store.days()
    kept: dict[tuple[str, date], dict[str, list[Figure]]] = defaultdict(lambda: defaultdict(list))
    for figure in store.between(period.first, period.last):
        is_mine = figure.shop_id == WHOLE if shops is None else figure.shop_id in shops
        is_asked = figure.currency_code in ("", asked.wanted.currency)
        if is_mine and is_asked and figure.metric_code in wanted:
            key = (figure.metric_code, date.fromisoformat(figure.figure_date))
            kept[key][figure.shop_id].append(figure)
    return {key: _told(list(of.values()), published[key[1]]) for key, of in kept.items()}


def _told(series: list[list[Figure]], published_at: str) -> Story:
    """The parts of each shop, from the first publication on, put together."""
    first = [of[0] for of in series if of[0].published_at == published_at]
    newest = [of[-1] for of in series]
    was, now = _value(first), _value(newest)
    changed = max((f.published_at for f in newest if f.published_at > published_at), default=None)
    return Story(first=was, newest=now, restated_at=changed if was != now else None)


def _value(parts: list[Figure]) -> float | None:
    told = [part for part in parts if part.over_value is not None]
    if not told:
        return None
    over = sum(Decimal(part.over_value or 0) for part in told)
    if all(part.under_value is None for part in told):
        return float(over)
    under = sum(Decimal(part.under_value or 0) for part in told)
    return float(over / under) if under else None


def by_metric(found: dict[tuple[str, date], Story]) -> list[dict[str, Any]]:
    """One row a metric with a day that changed after it was published, the most days first."""
    rows: dict[str, dict[str, Any]] = {}
    for (code, _), story in found.items():
        row = rows.setdefault(
            code,
            {"metric_code": code, "restated_count": 0, "day_count": 0, "last_restated_at": ""},
        )
        row["day_count"] += 1
        if story.restated_at:
            row["restated_count"] += 1
            row["last_restated_at"] = max(row["last_restated_at"], story.restated_at)
    changed = [row for row in rows.values() if row["restated_count"]]
    for row in changed:
        row["last_restated_at"] = datetime.fromisoformat(row["last_restated_at"])
    return sorted(changed, key=lambda row: (-row["restated_count"], row["metric_code"]))


def by_day(
    asked: Asked, store: Figures, kpis: Kpis, kpi: Kpi, found: dict[tuple[str, date], Story]
) -> list[dict[str, Any]]:
    """One row a published day, the newest first: first, now, difference, facts that came later."""
    published = store.days()
    late = late_counts(asked, store, kpi)
    rows = []
    for day, figure in kpis.by_day(kpi, asked.wanted)[1]:
        if day not in published:
            continue
        story = found.get((kpi.code, day))
        first = story.first if story else None
        now = None if figure.value is None else float(figure.value)
        if first is None and now is None:
            continue
        rows.append(
            {
                "figure_date": day, "first_value": first, "now_value": now,
                "difference_value": (now or 0) - (first or 0), "late_count": late.get(day, 0),
                "published_at": datetime.fromisoformat(published[day]),
            }
        )  # fmt: skip
    return rows[::-1]


def _late(asked: Asked, store: Figures, kpi: Kpi) -> tuple[str, list[Any]]:
    """Events known only after a day was published: of the orders placed that day where a metric
    goes by that, else what happened that day."""
    asked.needs("fct_order_events", "event_id", "order_id", "source", "event_type", "ingested_at")
    period = asked.wanted.period
    published = {day: at for day, at in store.days().items() if period.first <= day <= period.last}
    where = asked.reader.scope("fct_order_events", narrowed(Where(), asked.wanted))
    if kpi.date_column == "placed_date":
        day, join = "orders.placed_date", (
            "inner join marts.fct_orders as orders on events.order_id = orders.order_id"
        )  # fmt: skip
    else:
        day, join = asked.day("events.occurred_at"), ""
    sql = f"""
        with published as (
            select unnest(?::date[]) as figure_date, unnest(?::timestamp[]) as published_at
        ),
        events as (
            select event_id, order_id, source, event_type, occurred_at, ingested_at
            from marts.fct_order_events where {where.sql}
                and ingested_at > (select min(published_at) from published)
        ),
        late as (
            select published.figure_date, events.source, events.event_type, events.ingested_at
            from events {join}
            inner join published on {day} = published.figure_date
                and events.ingested_at > published.published_at
        )
    """  # noqa: S608  constants and bound values
    return sql, [list(published), list(published.values()), *where.params]


def late_counts(asked: Asked, store: Figures, kpi: Kpi) -> dict[date, int]:
    """Day -> facts that came after its figures were published."""
    late, params = _late(asked, store, kpi)
    sql = f"{late} select figure_date, count(*) as n from late group by figure_date"  # noqa: S608
    return {row["figure_date"]: row["n"] for row in asked.rows(sql, params)}


def late_facts(asked: Asked, store: Figures, kpi: Kpi, day: date) -> list[dict[str, Any]]:
    """One row a source and kind of event that came after a day was published."""
    late, params = _late(asked, store, kpi)
    sql = (
        f"{late} select source, event_type, count(*) as event_count, "  # noqa: S608
        "min(ingested_at) as first_ingested_at, max(ingested_at) as last_ingested_at "
        "from late where figure_date = ? group by source, event_type "
        "order by event_count desc, source, event_type"
    )
    return asked.rows(sql, [*params, day])
