"""What a campaign changed: promoted articles against others, before and during. Indicative only.

The days before are as many, on the same weekdays, and in no other campaign. Promoted articles are
those of `policies.campaign_articles`; a campaign without rows is judged by what was sold at a
discount. The effect is how much more the promoted ones grew than the others; its interval comes
from drawing the articles again and again (a bootstrap, seeded, so that it is the same each time).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

import numpy as np

from dashboards.queries.analysis.asked import Asked, narrowed
from dashboards.queries.policies import campaigns
from dashboards.reader import Where

COLUMNS = ("sku", "product_name", "campaign_group", "before_quantity", "during_quantity",
           "discounted_ratio")  # fmt: skip
DAY_COLUMNS = ("campaign_group", "day_number", "before_quantity", "during_quantity")
DRAWS = 1_000
PROMOTED, OTHER = "promoted", "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A campaign, the matched days before it, and the days matched to those."""

    code: str
    starts_at: datetime
    ends_at: datetime
    shift: timedelta
    earlier: timedelta

    def span(self, by: timedelta = timedelta(0)) -> tuple[datetime, datetime]:
        return self.starts_at - by, self.ends_at - by


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """`uplift` is a share of what would have been sold; None where there is too little."""

    uplift: float | None
    low: float | None
    high: float | None
    placebo: float | None
    missing: tuple[str, ...]


def windows(asked: Asked) -> list[Window]:
    """Campaigns that have begun, the newest first; one that runs is looked at up to now."""
    known = campaigns(asked.reader.snapshot)
    spans = [(row["starts_at"], row["ends_at"]) for row in known]
    found = []
    for row in known:
        starts, ends = row["starts_at"], min(row["ends_at"], asked.as_of)
        if ends <= starts:
            continue
        shift = _free(starts, ends, timedelta(0), spans)
        earlier = _free(starts, ends, shift, spans)
        found.append(
            Window(code=row["campaign_code"], starts_at=starts, ends_at=ends, shift=shift,
                   earlier=earlier)
        )  # fmt: skip
    return sorted(found, key=lambda window: window.starts_at, reverse=True)


def _free(
    starts: datetime, ends: datetime, after: timedelta, spans: Sequence[tuple[datetime, datetime]]
) -> timedelta:
    """How many whole weeks earlier as many days are in no campaign, beyond `after`."""
    week = timedelta(weeks=1)
    by = after + week * -((starts - ends) // week)
    while any(starts - by < end and begin < ends - by for begin, end in spans):
        by += week
    return by


def _lines(asked: Asked, window: Window) -> tuple[str, list[Any]]:
    """`lines` of valid orders in the three spans, each with its `era`."""
    asked.needs("fct_orders", "order_id", "is_valid", "placed_at")
    asked.needs("fct_order_lines", "order_id", "line_kind", "sku", "quantity", "discount_amount")
    where = narrowed(Where().also("is_valid"), asked.wanted)
    where = asked.reader.scope("fct_orders", where)
    eras = (
        ("during", timedelta(0)), ("before", window.shift), ("placebo", window.earlier),
    )  # fmt: skip
    cases = " ".join("when placed_at >= ? and placed_at < ? then ?" for _ in eras)
    bounds = [value for era, by in eras for value in (*window.span(by), era)]
    sql = f"""
        with eras as (
            select order_id, placed_at, case {cases} end as era
            from marts.fct_orders where {where.sql}
        ),
        lines as (
            select eras.era, eras.placed_at, lines.sku, lines.discount_amount > 0 as is_discounted,
                lines.quantity - lines.cancelled_quantity as quantity
            from eras inner join marts.fct_order_lines as lines on eras.order_id = lines.order_id
            where eras.era is not null and lines.line_kind = 'goods' and lines.sku is not null
                and lines.quantity > lines.cancelled_quantity
        )
    """  # noqa: S608  constants and bound values
    return sql, [*bounds, *where.params]


def articles(asked: Asked, window: Window) -> list[dict[str, Any]]:
    """One row an article sold in either span: its group, pieces before and during."""
    lines, params = _lines(asked, window)
    sql = f"""
        {lines},
        counted as (
            select sku, count(*) filter (where era in ('before', 'during')) as line_count,
                coalesce(sum(quantity) filter (where era = 'placebo'), 0) as placebo_quantity,
                coalesce(sum(quantity) filter (where era = 'before'), 0) as before_quantity,
                coalesce(sum(quantity) filter (where era = 'during'), 0) as during_quantity,
                count(*) filter (where era = 'during' and is_discounted)
                    / nullif(count(*) filter (where era = 'during'), 0) as discounted_ratio
            from lines group by sku
        ),
        listed as (select sku from policies.campaign_articles where campaign_code = ?)
        select counted.*, articles.product_name, case
                when (select count(*) from listed) > 0
                    then case when listed.sku is not null then '{PROMOTED}' else '{OTHER}' end
                when line_count < {asked.limit("campaign_lines_least")} then null
                when discounted_ratio >= {asked.limit("campaign_promoted_ratio")} then '{PROMOTED}'
                when coalesce(discounted_ratio, 0) <= {asked.limit("campaign_control_ratio")}
                    then '{OTHER}'
            end as campaign_group
        from counted
        left join listed on counted.sku = listed.sku
        left join marts.dim_products as articles on counted.sku = articles.sku
        order by campaign_group desc nulls last, during_quantity desc, counted.sku
    """  # noqa: S608  constants and bound values
    return asked.rows(sql, [*params, window.code])


def by_day(asked: Asked, window: Window) -> list[dict[str, Any]]:
    """One row a group and day of the campaign, beside the matched day before."""
    groups = {row["sku"]: row["campaign_group"] for row in articles(asked, window)}
    lines, params = _lines(asked, window)
    sql = f"""
        {lines}
        select sku, era, sum(quantity) as quantity, 1 + (date_diff('second', ?::timestamp, placed_at
            + case era when 'before' then ?::integer else 0 end * interval 1 day)
            // 86400)::integer as day_number
        from lines where era <> 'placebo' group by all
    """  # noqa: S608  constants and bound values
    sold = asked.rows(sql, [*params, window.starts_at, window.shift.days])
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for row in sold:
        group = groups.get(row["sku"])
        if group is not None:
            cell = found.setdefault(
                (group, row["day_number"]),
                {"campaign_group": group, "day_number": row["day_number"],
                 "before_quantity": 0, "during_quantity": 0},
            )  # fmt: skip
            cell[f"{row['era']}_quantity"] += row["quantity"]
    return [found[key] for key in sorted(found)]


def effect(asked: Asked, rows: Sequence[dict[str, Any]], code: str) -> Effect:
    """The uplift of the promoted articles beyond the others, or what is missing for it."""
    groups = {
        name: np.array(
            [
                [float(row[f"{era}_quantity"]) for era in ("placebo", "before", "during")]
                for row in rows
                if row["campaign_group"] == name
            ]
        ).reshape(-1, 3)
        for name in (PROMOTED, OTHER)
    }
    missing = []
    for name, cells in groups.items():
        if len(cells) < asked.limit("campaign_skus_least"):
            missing.append(f"{name}_articles")
        elif min(cells.sum(axis=0)[1:]) < asked.limit("campaign_units_least"):
            missing.append(f"{name}_units")
    nothing = Effect(uplift=None, low=None, high=None, placebo=None, missing=tuple(missing))
    if missing:
        return nothing
    promoted, other = groups[PROMOTED], groups[OTHER]
    rng = np.random.default_rng(crc32(code.encode()))
    draws = [
        _uplift(_drawn(promoted, rng), _drawn(other, rng), before=1, during=2) for _ in range(DRAWS)
    ]
    usual = [draw for draw in draws if draw is not None]
    low, high = np.quantile(usual, [0.025, 0.975])
    return replace(
        nothing,
        uplift=_uplift(promoted.sum(axis=0), other.sum(axis=0), before=1, during=2),
        low=float(low),
        high=float(high),
        # The same question of two spans without the campaign: how far from nothing chance goes.
        placebo=_uplift(promoted.sum(axis=0), other.sum(axis=0), before=0, during=1),
    )


def _drawn(cells: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return cells[rng.integers(0, len(cells), len(cells))].sum(axis=0)


def _uplift(promoted: np.ndarray, other: np.ndarray, *, before: int, during: int) -> float | None:
    """(promoted during / before) / (other during / before) - 1; None where one is nothing."""
    under = promoted[before] * other[during]
    return float(promoted[during] * other[before] / under - 1) if under else None
