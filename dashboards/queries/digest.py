"""The day in figures, with the day before and the same day of the week before beside them.

A digest is a report like any other: its figures are the catalogue's metrics over one day, its
tables count by queue, by promise and by reconciliation. Each post gets the parts `policy.yml`
names, of the queues it works at; who works at none sees them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from dashboards.queries.kpis import Kpi, Kpis
from dashboards.queries.overview import CONVERTED, Period, Slice
from dashboards.queries.policies import queue_codes
from dashboards.queries.reports.offered import asked_of
from dashboards.queries.reports.shape import (
    CODE,
    COUNT,
    MONEY,
    RATIO,
    TEXT,
    Cell,
    Column,
    Report,
    Section,
)
from dashboards.queries.reports.tables import Asked, number
from dashboards.reader import Reader

FIGURES: dict[str, tuple[str, ...]] = {
    "orders": (
        "placed_orders", "paid_orders", "valid_orders", "cancelled_orders", "gmv_placed",
        "net_sales", "average_order_value", "new_buyers",
    ),
    "shipping": (
        "parcels_shipped", "parcels_delivered", "on_time_ship_ratio", "carrier_exception_ratio",
    ),
    "after_sales": (
        "after_sales_cases", "after_sales_ratio", "complaints_opened", "returns_by_refund_day",
    ),
    "levels": ("sla_attainment", "sla_breaches", "sla_breach_minutes", "sla_open_overdue"),
    "queues": ("queue_inflow", "queue_outflow", "queue_open", "queue_at_risk"),
    "money": ("recon_breaks", "unexplained_amount", "recon_match_ratio"),
    "stock": ("out_of_stock_ratio", "oversold_units", "stock_drift", "stock_value"),
}  # fmt: skip
# Too few a day to mean something: of the thirty days that end with it.
MONTHLY = frozenset({"after_sales_ratio", "average_order_value"})
_SINCE = (timedelta(0), timedelta(days=1), timedelta(days=7))
_DAYS = ("day_value", "before_value", "week_value")


def digest(kpis: Kpis, day: date, roles: Sequence[str]) -> Report:
    """The digest of one day for some posts."""
    policy = kpis.reader.policy
    parts, queues = policy.digest_of(roles), _queues_of(kpis.reader, roles)
    asked = asked_of(kpis, _slice(day, day), None)
    sections: list[Section] = []
    for part in FIGURES:
        if part not in parts:
            continue
        made = [_figures(asked, part, day)]
        if part in _TABLES:
            made.append(_counted(asked, _TABLES[part], day, queues if part == "queues" else None))
        sections += [section for section in made if section is not None]
    return Report(code="digest", sections=sections, currency=CONVERTED)


def _queues_of(reader: Reader, roles: Sequence[str]) -> tuple[str, ...] | None:
    """The queues these posts work at; None, which is all, for posts that work at none."""
    held = [reader.policy.roles[role] for role in roles if role in reader.policy.roles]
    if not any(role.queues or role.is_everywhere for role in held):
        return None
    return reader.policy.queues_of(roles, queue_codes(reader.snapshot))


def _slice(first: date, last: date) -> Slice:
    return Slice(period=Period(first=first, last=last), currency=CONVERTED)


def _over(kpi: Kpi, day: date) -> Slice:
    first = day - timedelta(days=29) if kpi.code in MONTHLY else day
    return _slice(first, day)


def _figures(asked: Asked, part: str, day: date) -> Section | None:
    chosen = asked.metrics(FIGURES[part])
    if not chosen:
        return None
    rows = []
    for kpi in chosen:
        cells = [Cell(value=kpi.code, kind=CODE, domain="metric")]
        for since in _SINCE:
            is_past = since and not kpi.date_column  # a figure of now has no yesterday
            figure = None if is_past else asked.kpis.figure(kpi, _over(kpi, day - since))
            cells.append(number(kpi, figure.value if figure else None))
        rows.append(cells)
    notes = ["digest.monthly"] if any(kpi.code in MONTHLY for kpi in chosen) else []
    if any(not kpi.date_column for kpi in chosen):
        notes.append("digest.now")
    columns = [Column(name="metric_code", kind=TEXT)]
    columns += [Column(name=name, kind=MONEY) for name in _DAYS]
    return Section(code=f"digest_{part}", columns=columns, rows=rows, notes=notes)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """A code counted on three days, with other metrics of the day beside: (name, metric, kind)."""

    code: str
    dimension: str
    domain: str
    metric: str
    beside: tuple[tuple[str, str, str], ...]


_TABLES = {
    "queues": _Table(
        code="digest_by_queue", dimension="queue_code", domain="queue", metric="queue_inflow",
        beside=(("closed_value", "queue_outflow", COUNT), ("open_value", "queue_open", COUNT)),
    ),
    "levels": _Table(
        code="digest_by_level", dimension="sla_code", domain="sla", metric="sla_breaches",
        beside=(("attainment_ratio", "sla_attainment", RATIO),),
    ),
    "money": _Table(
        code="digest_by_recon", dimension="recon_code", domain="recon", metric="recon_breaks",
        beside=(("unexplained_value", "unexplained_amount", MONEY),),
    ),
}  # fmt: skip


def _counted(asked: Asked, table: _Table, day: date, only: Sequence[str] | None) -> Section | None:
    """Rows of the table's code, the most frequent first; `only` some, or all of them."""
    if table.metric not in asked.known:
        return None
    counts = [_by(asked, table.metric, table, _slice(day - s, day - s)) for s in _SINCE]
    others = [
        (name, kind, _by(asked, metric, table, _slice(day, day)))
        for name, metric, kind in table.beside
        if metric in asked.known
    ]
    found = [*counts, *(parts for _, kind, parts in others if kind == COUNT)]
    codes = {part for parts in found for part, value in parts.items() if part and value}
    rows = [
        [
            Cell(value=code, kind=CODE, domain=table.domain),
            *(Cell(value=parts.get(code) or Decimal(0), kind=COUNT) for parts in counts),
            *(_beside(kind, parts.get(code)) for _, kind, parts in others),
        ]
        for code in sorted(codes, key=lambda code: (-(counts[0].get(code) or 0), code))
        if only is None or code in only
    ]
    columns = [
        Column(name=table.dimension, kind=TEXT),
        *(Column(name=name, kind=COUNT) for name in _DAYS),
        *(Column(name=name, kind=kind) for name, kind, _ in others),
    ]
    return Section(code=table.code, columns=columns, rows=rows)


def _by(asked: Asked, metric: str, table: _Table, wanted: Slice) -> dict[str, Decimal | None]:
    parts = asked.kpis.by(asked.known[metric], wanted, table.dimension)
    return {part: figure.value for part, figure in parts}


def _beside(kind: str, value: Decimal | None) -> Cell:
    """A count of nothing is nought; a share or an amount of nothing is nothing."""
    return Cell(value=Decimal(0) if value is None and kind == COUNT else value, kind=kind)
