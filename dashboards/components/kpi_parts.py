"""A metric on the page: its card, and everything about it once it is opened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import streamlit as st

from dashboards.components import charts, filters, url
from dashboards.components.exporting import export_menu
from dashboards.components.format import plain
from dashboards.components.grids import grid
from dashboards.components.periods import Chosen
from dashboards.context import Context
from dashboards.export import Sheet
from dashboards.queries.analysis import restated
from dashboards.queries.analysis.asked import Asked
from dashboards.queries.kpis import Figure, Kpi, Kpis
from dashboards.queries.overview import CONVERTED, Slice
from orderhouse.figures import Figures

PAGE = 25
STATISTICS = (
    "n", "mean", "median", "p90", "deviation", "variance", "smallest", "largest", "outliers",
)  # fmt: skip


def written(context: Context, kpi: Kpi, value: Decimal | float | None, currency: str) -> str:
    """A figure in the words of its kind."""
    if value is None:
        return "–"
    fmt = context.fmt
    if kpi.kind == "money":
        return fmt.short_money(round(Decimal(value), 2), currency)
    if kpi.kind == "ratio":
        return fmt.ratio(value)
    if kpi.kind == "minutes":
        return fmt.duration(timedelta(minutes=float(value)))
    if kpi.kind == "quantity":
        return fmt.quantity(round(Decimal(value), 2))
    return fmt.short_count(value)


def shown_currency(context: Context, wanted: Slice) -> str:
    """The currency amounts are written in."""
    is_converted = wanted.currency == CONVERTED
    return context.settings.reporting_currency if is_converted else wanted.currency


def wall(context: Context, kpis: Kpis, shown: Sequence[Kpi], chosen: Chosen) -> None:
    """A card for each metric; a click opens it."""
    with st.grid(4, min_column_width=210, gap="small"):
        for kpi in shown:
            with st.container(border=True, gap="xsmall", height="stretch"):
                _card(context, kpis, kpi, chosen)


def _card(context: Context, kpis: Kpis, kpi: Kpi, chosen: Chosen) -> None:
    t, currency = context.terms, shown_currency(context, chosen.wanted)
    figure, days = kpis.by_day(kpi, chosen.wanted)
    earlier = None
    if chosen.other is not None and kpi.date_column:
        earlier = kpis.figure(kpi, chosen.other)
    delta = _change(context, kpi, figure.value, earlier.value if earlier else None)
    line = [float(part.value or 0) for _, part in days]
    st.metric(
        plain(context.labels("metric", kpi.code)),
        written(context, kpi, figure.value, currency),
        delta,
        delta_color="inverse" if kpi.is_better_low else "normal",
        delta_description=t("card.against", value=written(context, kpi, earlier.value, currency))
        if delta is not None and earlier
        else None,
        help=context.labels("meaning", kpi.code),
        chart_data=line if len(line) > 1 and figure.rows else None,
        chart_type="area",
    )
    st.button(
        t("metrics.details"),
        key=f"kpi_{kpi.code}",
        type="tertiary",
        icon=":material/insights:",
        on_click=lambda: url.write(metric=kpi.code, page=None),
    )


def _change(context: Context, kpi: Kpi, now: Decimal | None, before: Decimal | None) -> str | None:
    """Points of a ratio, else the relative change; nothing where there was nothing before."""
    if now is None or before is None:
        return None
    if kpi.kind == "ratio":
        return context.terms("card.points", n=f"{(now - before) * 100:+.1f}")
    return f"{(now - before) / abs(before) * 100:+.1f}%" if before else None


def opened(context: Context, kpis: Kpis, kpi: Kpi, chosen: Chosen) -> None:
    """One metric whole: trend, parts, distribution, rows, and how it is computed."""
    t, wanted = context.terms, chosen.wanted
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(plain(context.labels("metric", kpi.code)), anchor=False)
        st.button(
            t("metrics.close"),
            key="kpi_close",
            icon=":material/close:",
            type="tertiary",
            on_click=lambda: url.write(metric=None, by=None, page=None),
        )
    st.text(context.labels("meaning", kpi.code))
    figure, days = kpis.by_day(kpi, wanted)
    if missing := kpis.without_rate(kpi, wanted):
        st.warning(plain(t("metrics.without_rate", n=context.fmt.count(missing))))
    if days:
        other = kpis.by_day(kpi, chosen.other)[1] if chosen.other else None
        charts.lines(
            context,
            context.labels("metric", kpi.code),
            [(day, _number(part)) for day, part in days],
            None if other is None else [_number(part) for _, part in other],
            is_ratio=kpi.kind == "ratio",
        )
    else:
        _kept(context, kpis, kpi, wanted)
    left, right = st.columns(2, gap="medium")
    with left:
        _parts(context, kpis, kpi, wanted)
    with right:
        _how(context, kpi)
        if kpi.has_measure and figure.rows:
            _statistics(context, kpis, kpi, wanted)
    _rows(context, kpis, kpi, wanted, figure.rows)


def _kept(context: Context, kpis: Kpis, kpi: Kpi, wanted: Slice) -> None:
    """A metric of now has the days that were kept of it."""
    t = context.terms
    asked = Asked(reader=kpis.reader, wanted=wanted, zone=kpis.zone)
    days = restated.positions(asked, Figures(context.settings.serving_dir), kpi)
    st.caption(plain(t("metrics.kept" if days else "metrics.now")))
    if days:
        charts.lines(
            context, context.labels("metric", kpi.code), days, None, is_ratio=kpi.kind == "ratio"
        )


def _number(figure: Figure) -> float | None:
    return None if figure.value is None else float(figure.value)


def _parts(context: Context, kpis: Kpis, kpi: Kpi, wanted: Slice) -> None:
    t = context.terms
    offered = kpis.dimensions(kpi)
    if not offered:
        return
    by = url.read_choice("by", offered, offered[0])
    st.pills(
        t("metrics.by"),
        offered,
        format_func=lambda name: t.code("column", name),
        key="kpi_by",
        on_change=url.bound("kpi_by", "by", by),
        required=True,
    )
    currency = shown_currency(context, wanted)
    rows = [
        {
            by: part,
            "metric_value": written(context, kpi, figure.value, currency),
            "row_count": figure.rows,
        }
        for part, figure in kpis.by(kpi, wanted, by)[:200]
    ]
    grid(context, rows, (by, "metric_value", "row_count"), key="kpi_parts", alt=t("metrics.by"))


def _how(context: Context, kpi: Kpi) -> None:
    t = context.terms
    with st.expander(t("metrics.how"), icon=":material/function:", expanded=not kpi.has_measure):
        for name, said in (
            ("code", kpi.code),
            ("date_basis", t.code("date_basis", kpi.date_basis)),
            ("grain", t.code("grain", kpi.grain)),
            ("owner", t.code("role", kpi.owner_role)),
        ):
            st.caption(plain(f"{t(f'metrics.{name}')}: {said}"))
        st.code(formula(kpi), language="sql", wrap_lines=True)


def formula(kpi: Kpi) -> str:
    """The definition as one reads SQL."""
    over = kpi.numerator if kpi.aggregate == "sum" else f"{kpi.aggregate}({kpi.numerator})"
    if kpi.aggregate == "sum":
        over = f"sum({over})"
    if kpi.aggregate == "per_distinct":
        over = f"sum({kpi.numerator})"
    if kpi.aggregate == "distinct":
        over = f"count(distinct {kpi.denominator})"
    under = ""
    if kpi.denominator and kpi.aggregate == "sum":
        under = f"\n  / sum({kpi.denominator})"
    if kpi.aggregate == "per_distinct":
        under = f"\n  / count(distinct {kpi.denominator})"
    where = f"\nwhere {kpi.row_filter}" if kpi.row_filter else ""
    return f"select {over}{under}\nfrom {kpi.relation} as facts{where}"


def _statistics(context: Context, kpis: Kpis, kpi: Kpi, wanted: Slice) -> None:
    t, currency = context.terms, shown_currency(context, wanted)
    found = kpis.statistics(kpi, wanted)
    st.caption(plain(t("metrics.statistics")), help=t("metrics.statistics_note"))
    with st.grid(3, min_column_width=110, gap="small"):
        for name in STATISTICS:
            st.metric(t.code("statistic", name), _statistic(context, kpi, name, found, currency))


def _statistic(context: Context, kpi: Kpi, name: str, found: dict[str, Any], currency: str) -> str:
    value = found[name]
    if name in ("n", "outliers"):
        return context.fmt.count(value)
    if value is None:
        return "–"
    if name == "variance":  # in squares of the unit
        return context.fmt.quantity(round(Decimal(str(value)), 1))
    return written(context, kpi, Decimal(str(value)), currency)


def _rows(context: Context, kpis: Kpis, kpi: Kpi, wanted: Slice, total: int) -> None:
    t = context.terms
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(plain(t("metrics.rows", n=context.fmt.count(total))), anchor=False)
        columns = ["counted_value", *kpis.reader.columns(kpi.relation)]
        export_menu(
            context,
            Sheet(
                name=f"metric-{kpi.code}",
                title=context.labels("metric", kpi.code),
                columns=[(name, t.code("column", name)) for name in columns],
                rows=lambda limit: kpis.rows(kpi, wanted, limit=limit),
                described=f"{kpi.code} {wanted.period.first}..{wanted.period.last}",
            ),
            key="kpi_rows",
        )
    offset = (url.read_number("page", 1) - 1) * PAGE
    rows = kpis.rows(kpi, wanted, limit=PAGE, offset=offset)
    if not rows:
        return
    shown = [name for name in rows[0] if not name.startswith("_") and name != "facts"][:14]
    is_of_order = "order_id" in rows[0]
    picked = grid(
        context, rows, shown, key="kpi_table", alt=t("metrics.details"), select=is_of_order
    )
    filters.pages(context, total, PAGE)
    if picked and rows[picked[0]].get("order_id"):
        st.switch_page("views/order.py", query_params={"id": rows[picked[0]]["order_id"]})
