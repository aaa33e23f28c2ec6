"""Tables of metrics: a list, by a dimension, by day, by month.

Rows and totals are asked from the one engine of metrics, so a report cannot disagree with a card.
What a table leaves out is in its last row, so its parts add up to its total.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from dashboards.queries.kpis import Figure, Kpi, Kpis, added
from dashboards.queries.overview import Slice
from dashboards.queries.reports.shape import (
    CODE,
    DAY,
    MONEY,
    RATIO,
    SCORE,
    TEXT,
    Cell,
    Column,
    Section,
    share,
)

OTHERS = "others"
# Dimensions whose values are codes with labels, and the domain of the labels.
DOMAINS = {
    "channel": "channel", "headline_status": "headline", "carrier": "carrier", "sla_code": "sla",
    "queue_code": "queue", "case_kind": "case_kind", "recon_code": "recon",
    "milestone_code": "milestone", "payment_method": "payment_method",
    "entry_point": "entry_point", "delivery_mode": "delivery_mode", "actor_role": "role",
    "reason": "return_reason",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What tables are made from: the engine, the slice, the compared one, metrics by code."""

    kpis: Kpis
    wanted: Slice
    other: Slice | None
    known: dict[str, Kpi]

    def metrics(self, codes: Sequence[str]) -> list[Kpi]:
        """Those this person may see, in the order asked."""
        return [self.known[code] for code in codes if code in self.known]


def number(kpi: Kpi, value: Decimal | None) -> Cell:
    """A metric's value as a cell of its kind."""
    kind = kpi.kind
    if kind == "quantity" and kpi.denominator:
        kind = SCORE
    return Cell(value=value, kind=kind)


def listed(asked: Asked, code: str, metrics: Sequence[str]) -> Section | None:
    """One row a metric: now, before, change."""
    chosen = asked.metrics(metrics)
    if not chosen:
        return None
    columns = [
        Column(name="metric_code", kind=TEXT),
        Column(name="metric_value", kind=MONEY),
    ]
    if asked.other is not None:
        columns += [
            Column(name="compared_value", kind=MONEY), Column(name="change_ratio", kind=RATIO)
        ]  # fmt: skip
    rows = []
    for kpi in chosen:
        now = asked.kpis.figure(kpi, asked.wanted).value
        row = [Cell(value=kpi.code, kind=CODE, domain="metric"), number(kpi, now)]
        if asked.other is not None:
            before = asked.kpis.figure(kpi, asked.other).value if kpi.date_column else None
            row += [number(kpi, before), Cell(value=_change(now, before), kind=RATIO)]
        rows.append(row)
    return Section(code=code, columns=columns, rows=rows)


def _change(now: Decimal | None, before: Decimal | None) -> Decimal | None:
    return (now - before) / abs(before) if now is not None and before else None


def by_part(
    asked: Asked, code: str, dimension: str, metrics: Sequence[str], *, top: int = 0
) -> Section | None:
    """One row a value of the dimension, the largest first; beyond `top` they are one row."""
    chosen = [
        kpi for kpi in asked.metrics(metrics) if dimension in asked.kpis.dimensions(kpi)
    ]  # fmt: skip
    if not chosen:
        return None
    found = {kpi.code: dict(asked.kpis.by(kpi, asked.wanted, dimension)) for kpi in chosen}
    whole = {kpi.code: asked.kpis.figure(kpi, asked.wanted) for kpi in chosen}
    leading = found[chosen[0].code]
    every = dict.fromkeys(part for parts in found.values() for part in parts)
    order = sorted(
        every, key=lambda part: (-(leading[part].over if part in leading else 0), str(part))
    )
    shown, rest = (order[:top], order[top:]) if top else (order, [])
    domain = DOMAINS.get(dimension, "")
    rows = [
        [
            Cell(value=part, kind=CODE, domain=domain),
            *_numbers(chosen, {code: parts.get(part) for code, parts in found.items()}, whole),
        ]
        for part in shown
    ]
    if rest:
        summed = {
            kpi.code: _rest(kpi, found[kpi.code], rest) if kpi.is_additive else None
            for kpi in chosen
        }  # fmt: skip
        said = Cell(value=OTHERS, kind=CODE, domain="report_row")
        rows.append([said, *_numbers(chosen, summed, whole)])
    return Section(
        code=code, columns=[Column(name=dimension, kind=TEXT), *_columns(chosen)], rows=rows,
        total=[_total(), *_numbers(chosen, dict(whole), whole)],
        bars=f"{chosen[0].code}_share" if _has_share(chosen[0]) else chosen[0].code,
    )  # fmt: skip


def _rest(kpi: Kpi, parts: dict[Any, Figure], rest: Sequence[Any]) -> Figure:
    return added([parts[part] for part in rest if part in parts], kpi)


def by_day(
    asked: Asked, code: str, metrics: Sequence[str], *, monthly: bool = False
) -> Section | None:
    """One row a day of the period, or a month: of metrics whose days add up."""
    chosen = [kpi for kpi in asked.metrics(metrics) if kpi.date_column]
    if monthly:
        chosen = [kpi for kpi in chosen if kpi.is_additive]
    if not chosen:
        return None
    days = {kpi.code: asked.kpis.by_day(kpi, asked.wanted) for kpi in chosen}
    whole = {code: figure for code, (figure, _) in days.items()}
    parts: dict[date, dict[str, Figure | None]] = {}
    for kpi in chosen:
        grouped: dict[date, list[Figure]] = {}
        for day, figure in days[kpi.code][1]:
            grouped.setdefault(day.replace(day=1) if monthly else day, []).append(figure)
        for day, figures in grouped.items():
            parts.setdefault(day, {})[kpi.code] = added(figures, kpi) if monthly else figures[0]
    rows = [
        [_when(day, monthly), *_numbers(chosen, parts[day], whole, with_share=False)]
        for day in sorted(parts, reverse=True)
    ]
    name = "month" if monthly else "day"
    return Section(
        code=code, rows=rows, bars=chosen[0].code,
        columns=[Column(name=name, kind=TEXT), *_columns(chosen, with_share=False)],
        total=[_total(), *_numbers(chosen, dict(whole), whole, with_share=False)],
    )  # fmt: skip


def _when(day: date, monthly: bool) -> Cell:
    return Cell(value=f"{day:%Y-%m}", kind=TEXT) if monthly else Cell(value=day, kind=DAY)


def _total() -> Cell:
    return Cell(value="total", kind=CODE, domain="report_row")


def _has_share(kpi: Kpi) -> bool:
    """Parts of a sum have shares; parts of a ratio do not."""
    return kpi.is_additive and not kpi.denominator


def _columns(chosen: Sequence[Kpi], *, with_share: bool = True) -> list[Column]:
    columns = []
    for kpi in chosen:
        columns.append(Column(name=kpi.code, kind=number(kpi, None).kind, metric=kpi.code))
        if with_share and _has_share(kpi):
            columns.append(
                Column(name=f"{kpi.code}_share", kind=RATIO, metric=kpi.code, is_share=True)
            )
    return columns


def _numbers(
    chosen: Sequence[Kpi], figures: dict[str, Figure | None], whole: dict[str, Figure],
    *, with_share: bool = True,
) -> list[Cell]:  # fmt: skip
    cells = []
    for kpi in chosen:
        figure = figures.get(kpi.code)
        value = None if figure is None else figure.value
        if figure is None and kpi.is_additive and not kpi.denominator:
            value = Decimal(0)
        cells.append(number(kpi, value))
        if with_share and _has_share(kpi):
            cells.append(Cell(value=share(value, whole[kpi.code].over), kind=RATIO))
    return cells
