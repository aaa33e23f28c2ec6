"""Which reports there are: a report is a list of tables, a table a dimension and some metrics."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dashboards.queries.kpis import DIMENSIONS, Kpis, offered
from dashboards.queries.overview import Slice
from dashboards.queries.reports import goods
from dashboards.queries.reports.shape import Report, Section
from dashboards.queries.reports.tables import Asked, by_day, by_part, listed
from orderhouse.access import Policy

TOPS = (10, 20, 50, 100)
REGIONS = 30
Maker = Callable[[Asked, int], Section | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One report: its filters beside period, currency and channel, and its tables."""

    filters: tuple[str, ...]
    tables: tuple[Maker, ...]
    has_top: bool = False


def _list(code: str, *metrics: str) -> Maker:
    return lambda asked, _: listed(asked, code, metrics)


def _part(code: str, dimension: str, *metrics: str, top: int = 0) -> Maker:
    return lambda asked, _: by_part(asked, code, dimension, metrics, top=top)


def _days(code: str, *metrics: str, monthly: bool = False) -> Maker:
    return lambda asked, _: by_day(asked, code, metrics, monthly=monthly)


def _goods(code: str, part: str, *, is_long: bool = False, by_units: bool = False) -> Maker:
    return lambda asked, top: goods.sold(
        asked, code, part, top=top if is_long else 0, by_units=by_units
    )


_ORDERS = ("placed_orders", "gmv_placed", "valid_orders", "average_order_value")
_SALES = ("valid_orders", "units_sold", "gross_sales", "discounts", "returns", "net_sales")
_PARCELS = (
    "parcels_shipped", "parcels_delivered", "valid_tracking_ratio", "on_time_delivery_ratio",
    "first_scan_p50", "transit_minutes_p50", "transit_minutes_p90", "carrier_exception_ratio",
    "loss_ratio", "damage_ratio", "refusal_ratio",
)  # fmt: skip
_CASES = ("after_sales_cases", "refund_case_share", "exchange_case_share", "repair_case_share",
          "refund_cycle_p50")  # fmt: skip
# What came back of parcels sent long enough ago: in orders, in pieces, in what was paid for them.
_RIPE = tuple(
    f"{rate}_{days}d" for rate in ("return_ratio", "return_unit_ratio", "return_value_ratio")
    for days in (7, 15, 30, 60)
)  # fmt: skip
_STOCK = ("stock_value", "dead_stock_value", "slow_stock_value", "cover_days_p50",
          "stockout_ratio", "lost_units_estimate")  # fmt: skip
_UNITS = ("on_hand", "available", "oversold_units", "out_of_stock_ratio", "stock_drift")
# What no warehouse was given has no warehouse to be told by.
_UNPLACED = ("unallocated_units", "oversold_unallocated_units")

REPORTS: dict[str, Offer] = {
    "orders": Offer(
        filters=("status", "category"),
        tables=(
            _list("summary", "placed_orders", "paid_orders", "valid_orders", "cancelled_orders",
                  "gmv_placed", "average_order_value", "conversion_ratio", "cancel_ratio"),
            _part("by_channel", "channel", *_ORDERS),
            _part("by_shop", "shop_id", *_ORDERS),
            _part("by_entry", "entry_point", *_ORDERS),
            _part("by_status", "headline_status", "placed_orders", "gmv_placed"),
            _part("by_region", "ship_region", *_ORDERS, top=REGIONS),
            _part("by_method", "payment_method", "placed_orders", "gmv_placed"),
            _part("by_delivery", "delivery_mode", "placed_orders", "gmv_placed"),
            _days("by_month", *_ORDERS, monthly=True),
            _days("by_day", "placed_orders", "paid_orders", "valid_orders", "cancelled_orders",
                  "gmv_placed"),
        ),
    ),
    "sales": Offer(
        filters=("category",),
        has_top=True,
        tables=(
            _list("summary", "net_sales", "gross_sales", "discounts", "returns", "units_sold",
                  "valid_orders", "average_order_value", "units_per_order", "active_buyers",
                  "new_buyers", "repeat_order_ratio"),
            _part("by_channel", "channel", "net_sales", "units_sold", "valid_orders",
                  "average_order_value"),
            _goods("by_category", "category"),
            _goods("by_brand", "brand"),
            _goods("top_sales", "sku", is_long=True),
            _goods("best_sellers", "sku", is_long=True, by_units=True),
            lambda asked, top: goods.slow(asked, "slow_movers", top=top),
            _part("by_region", "ship_region", "net_sales", "valid_orders", "active_buyers",
                  "average_order_value", top=REGIONS),
            _days("by_month", *_SALES, "average_order_value", monthly=True),
            _days("by_day", *_SALES),
        ),
    ),
    "shipping": Offer(
        filters=(),
        tables=(
            _list("summary", *_PARCELS, "on_time_ship_ratio", "late_ship_ratio",
                  "first_attempt_ratio", "not_received_ratio", "exception_contact_ratio",
                  "unit_fill_ratio", "order_fill_ratio"),
            _part("by_carrier", "carrier", *_PARCELS),
            _part("by_warehouse", "warehouse_id", *_PARCELS[:7]),
            _part("by_channel", "channel", *_PARCELS[:7], "carrier_exception_ratio"),
            _days("by_month", "parcels_shipped", "parcels_delivered", "valid_tracking_ratio",
                  "on_time_delivery_ratio", "on_time_ship_ratio", monthly=True),
            _days("by_day", "parcels_shipped", "parcels_delivered", "transit_minutes_p50",
                  "on_time_ship_ratio"),
        ),
    ),
    "after_sales": Offer(
        filters=("category",),
        tables=(
            _list("summary", "after_sales_cases", "after_sales_ratio", "return_order_ratio",
                  "return_unit_ratio", "return_value_ratio", "refund_order_ratio",
                  "returns_by_refund_day", "refund_cycle_p50", "refund_after_inspection_p50",
                  "compensation_cost_ratio", "complaints_opened", "complaints_per_thousand",
                  "satisfaction_score", "satisfaction_response_ratio"),
            _list("by_maturity", *_RIPE),
            _part("by_kind", "case_kind", "after_sales_cases", "refund_cycle_p50"),
            _part("by_reason", "reason", "after_sales_cases"),
            _part("by_channel", "channel", *_CASES),
            _part("by_category", "category", *_CASES),
            _part("by_supplier", "supplier_id", *_CASES, top=REGIONS),
            _part("by_sku", "sku", "after_sales_cases", "refund_cycle_p50", top=20),
            _days("by_month", "after_sales_cases", "after_sales_ratio", "return_order_ratio",
                  "refund_order_ratio", "returns_by_refund_day", monthly=True),
            _days("by_day", "after_sales_cases", "returns_by_refund_day", "complaints_opened"),
        ),
    ),
    "stock": Offer(
        filters=("category",),
        has_top=True,
        tables=(
            _list("summary", *_UNITS, *_UNPLACED, *_STOCK, "stock_turnover",
                  "count_accuracy_ratio", "shrinkage"),
            _part("units_by_warehouse", "warehouse_id", *_UNITS),
            _part("value_by_warehouse", "warehouse_id", *_STOCK),
            _part("units_by_category", "category", *_UNITS),
            _part("value_by_category", "category", *_STOCK),
            lambda asked, top: goods.slow(asked, "slow_movers", top=top),
        ),
    ),
}  # fmt: skip
CUSTOM = "custom"


def allowed(policy: Policy, roles: Sequence[str]) -> list[str]:
    """The reports of somebody's posts, in the order of the list; one's own comes last."""
    mine = [code for code in REPORTS if policy.may_report(roles, code)]
    return [*mine, CUSTOM] if mine else []


def asked_of(kpis: Kpis, wanted: Slice, other: Slice | None) -> Asked:
    known = {kpi.code: kpi for kpi in offered(kpis.reader)}
    return Asked(kpis=kpis, wanted=wanted, other=other, known=known)


def make(code: str, asked: Asked, *, top: int = 20) -> Report:
    """All tables of a report that have something this person may see."""
    made = (table(asked, top) for table in REPORTS[code].tables)
    return _report(code, asked, [section for section in made if section is not None])


def make_custom(asked: Asked, dimension: str, metrics: Sequence[str]) -> Report:
    """A table somebody put together: metrics by a dimension, by day or by month."""
    if dimension in ("day", "month"):
        section = by_day(asked, CUSTOM, metrics, monthly=dimension == "month")
    else:
        section = by_part(asked, CUSTOM, dimension, metrics)
    return _report(CUSTOM, asked, [] if section is None else [section])


def dimensions_of(asked: Asked, metrics: Sequence[str]) -> list[str]:
    """What all of some metrics can be broken down by."""
    chosen = asked.metrics(metrics)
    shared = [
        name for name in DIMENSIONS
        if chosen and all(name in asked.kpis.dimensions(kpi) for kpi in chosen)
    ]  # fmt: skip
    by_time = ["day"] if any(kpi.date_column for kpi in chosen) else []
    if any(kpi.date_column and kpi.is_additive for kpi in chosen):
        by_time.append("month")
    return [*shared, *by_time]


def _report(code: str, asked: Asked, sections: Sequence[Section]) -> Report:
    return Report(code=code, sections=sections, currency=asked.wanted.currency)
