"""Metrics of reports by hand, by the rules of `kpis`."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.rows import Marts, is_kept, total

REPORTED: dict[str, Callable[[Marts], float | None]] = {
    "goods_sales": lambda m: (
        total(m.mine(m.valid), "goods_amount") - total(m.mine(m.valid), "discount_amount")
    ),
    "parcels_shipped": lambda m: len(m.handed),
    "parcels_delivered": lambda m: sum(1 for parcel in m.parcels if parcel["delivered_at"]),
    "after_sales_cases": lambda m: sum(1 for case in m.cases if case["requested_at"]),
    "sla_breaches": lambda m: sum(1 for clock in m.due() if not is_kept(clock)),
    "recon_breaks": lambda m: sum(
        1 for row in m.rows("fct_recon_breaks") if row["break_type"] not in ("TIMING", "ROUNDING")
    ),
    "complaints_opened": lambda m: sum(
        1 for event in m.events if event["event_type"] == "COMPLAINT_OPENED"
    ),
}
