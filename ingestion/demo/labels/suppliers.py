"""Suppliers that are late, or ship what was not agreed."""

from __future__ import annotations

from hashlib import md5

import polars as pl

from ingestion.demo.business import Business
from ingestion.demo.labels.orders import SHIP_BUDGET_S
from ingestion.demo.labels.shape import of_entities, of_fault, of_orders
from ingestion.demo.plan import DAY
from ingestion.demo.supplier_accounts import month_bounds
from ingestion.demo.suppliers import BUFFER_S

BUILT_AFTER_S = 5 * DAY  # after a month's end its statements are drawn up


def labels(business: Business) -> list[pl.DataFrame]:
    had, until = business.had, business.plan.until_s
    told = business.orders.filter(business.is_alive & had("notified") & ~had("handed"))
    late = told.filter(pl.col("confirmed") + SHIP_BUDGET_S - BUFFER_S <= until)
    return [
        of_orders("Q20", late, "supply_late"),
        of_fault("Q20", business.orders, "supply_over"),
        of_fault("Q20", business.orders, "supply_unapproved"),
        of_fault("Q20", business.orders, "supply_price"),
        *_disputed(business.stated),
        of_entities("Q34", "supplier_month", _never_drawn_up(business), "compensation_not_stated"),
    ]


def _never_drawn_up(business: Business) -> list[str]:
    """A supplier's months with compensation in another currency: the demo's bookkeeper forgets it."""
    by_month = business.stated.group_by("supplier", "currency", "month").agg(
        has_amends=(pl.col("kind") == "compensation").any(),
    )
    due = [
        month
        for month in by_month["month"].unique()
        if month_bounds(month)[1] + BUILT_AFTER_S <= business.plan.until_s
    ]
    found = by_month.filter(
        pl.col("has_amends") & (pl.col("currency") != "CNY") & pl.col("month").is_in(due)
    ).sort("supplier", "month")
    return [f"{row['supplier']}|{row['currency']}|{row['month']}" for row in found.to_dicts()]


def _disputed(stated: pl.DataFrame) -> list[pl.DataFrame]:
    """Lines on which a supplier's statement is wrong; one of no delivery belongs to no order."""
    of_orders_ = stated.filter(~pl.col("fault").is_in(["", "supplier_invents"]))
    invented = stated.filter(pl.col("fault") == "supplier_invents").select(
        key=pl.format("RC10|shipment|{}-FHX{}-{}|CNY", "shop", "number", "sku")
    )
    breaks = [md5(key.encode(), usedforsecurity=False).hexdigest() for key in invented["key"]]
    return [
        of_orders("Q34", of_orders_),
        of_entities("Q34", "recon_break", breaks, "supplier_invents"),
    ]
