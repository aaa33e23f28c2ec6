"""The business at a glance: figures, what they mean, how they moved, the orders behind them."""

import streamlit as st

from dashboards.components import charts, filters, frame, url
from dashboards.components.cards import Figures, cards
from dashboards.components.exporting import export_menu
from dashboards.components.format import plain
from dashboards.components.grids import grid
from dashboards.components.periods import period_bar
from dashboards.context import require
from dashboards.export import Sheet
from dashboards.queries import overview

PAGE = 50

context = require("overview")
t, reader = context.terms, context.reader

st.header(t("nav.overview"), anchor=False)
chosen = period_bar(context, converted=True, leading=overview.CONVERTED)
if chosen is None:
    frame.empty(t("overview.empty"), t("overview.empty_hint"))
    st.stop()

wanted, other = chosen.wanted, chosen.other
metrics = overview.metrics_for(reader)
sales = overview.Sales(reader, context.settings.reporting_currency)
is_converted = wanted.currency == overview.CONVERTED
currency = sales.reporting_currency if is_converted else wanted.currency
if missing := sales.without_rate(wanted):
    st.warning(plain(t("overview.without_rate", n=context.fmt.count(missing))))
days = sales.by_day(wanted)
before_days = sales.by_day(other) if other else None
figures = Figures(
    currency=currency,
    totals=sales.totals(wanted),
    before=sales.totals(other) if other else None,
    days=days,
)
cards(context, metrics, figures)

shown = url.read_choice("metric", [m.code for m in metrics], metrics[0].code)
with st.container(border=True):
    st.pills(
        t("overview.trend"),
        [m.code for m in metrics],
        format_func=lambda code: context.labels("metric", code),
        key="trend_metric",
        on_change=url.bound("trend_metric", "metric", shown),
        required=True,
    )
    charts.trend(context, next(m for m in metrics if m.code == shown), days, before_days)

st.subheader(t("overview.by_shop"), anchor=False)
rows = [row | {"currency_code": currency} for row in sales.by_shop(wanted)]
columns = (
    "channel", "shop_id", "placed_count", "paid_count", "valid_count", "cancelled_count",
    "item_quantity", "placed_amount", "net_amount",
)  # fmt: skip
grid(context, rows, columns, key="by_shop", alt=t("overview.by_shop"))

drill = url.read_choice("drill", overview.DRILLS, "")
if drill:
    total = overview.drill_count(reader, wanted, drill)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(plain(t(f"overview.drill.{drill}", n=context.fmt.count(total))), anchor=False)
        st.button(
            t("overview.drill_close"),
            key="drill_close",
            icon=":material/close:",
            type="tertiary",
            on_click=lambda: url.write(drill=None, page=None),
        )
        export_menu(
            context,
            Sheet(
                name=f"orders-{drill}",
                title=t("nav.overview"),
                columns=[
                    (name, t.code("column", name))
                    for name in reader.columns("fct_orders", overview.DRILL_COLUMNS)
                ],
                rows=lambda limit: overview.drill_rows(reader, wanted, drill, limit=limit),
                described=f"{drill} {wanted.period.first}..{wanted.period.last} {wanted.currency}",
            ),
            key="drill",
        )
    offset = (url.read_number("page", 1) - 1) * PAGE
    found = overview.drill_rows(reader, wanted, drill, limit=PAGE, offset=offset)
    shown_columns = [name for name in overview.DRILL_COLUMNS if name != "currency_code"]
    picked = grid(context, found, shown_columns, key="drill_rows", alt=t("nav.order"), select=True)
    filters.pages(context, total, PAGE)
    if picked:
        st.switch_page("views/order.py", query_params={"id": found[picked[0]]["order_id"]})
