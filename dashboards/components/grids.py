"""Plain tables of marts' rows: labels for columns and codes, numbers and times for people.

Everything is text, number or time in a grid cell; a cell never reads Markdown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import streamlit as st

from dashboards.context import Context

# Columns whose values are codes, and the domain their labels are in.
DOMAINS = {
    "refund_request_status": "refund_request_status",
    "channel": "channel",
    "headline_status": "headline",
    "order_status": "order",
    "payment_status": "payment",
    "review_status": "review",
    "fulfilment_status": "fulfilment",
    "logistics_status": "logistics",
    "after_sales_status": "after_sales",
    "settlement_status": "settlement",
    "case_status": "after_sales",
    "case_kind": "case_kind",
    "liable_party": "liable_party",
    "event_type": "event",
    "deviation_code": "deviation",
    "line_kind": "line_kind",
    "invoice_step": "invoice_step",
    "invoice_type": "invoice_type",
    "title_type": "title_type",
    "carrier": "carrier",
    "entry_point": "entry_point",
    "delivery_mode": "delivery_mode",
    "obstacle": "carrier_obstacle",
    "last_state_code": "carrier_state",
    "break_type": "break",
    "state_code": "break_state",
    "explanation_code": "explanation",
    "band_code": "age_band",
    "decided_as": "reason",
    "recon_code": "recon",
    "sla_code": "sla",
    "rule_code": "rule",
    "effect": "effect",
    "stream": "stream",
    "reason_code": "refused",
    "state": "quarantine_state",
    "kind": "money_kind",
    "detail": "detail",
    "outcome": "clock_state",
    "entity_type": "entity",
    "owner_role": "role",
    "weekday_number": "weekday",
    "metric_code": "metric",
    "work_kind": "work_kind",
    "campaign_group": "campaign_group",
    "milestone_code": "milestone",
    "waits_for": "waits_for",
    "component_code": "component",
    "ledger_code": "money_ledger",
    "conflict_code": "state_conflict",
    "queue_code": "queue",
    "money_part": "money_part",
    "statement_status": "statement_status",
    "request_kind": "stock_request_kind",
    "request_status": "stock_request_status",
    "sent_verb": "verb",
    "delivery_state": "delivery_state",
    "delivery_code": "delivery",
    **{
        f"{source}_state_code": "source_state"
        for source in ("channel", "oms", "wms", "carrier", "finance")
    },
}

NUMERIC = (
    "_amount", "_quantity", "_count", "_number", "_ratio", "_probability", "_expected", "_minutes",
    "_days", "_factor",
)  # fmt: skip
NUMBERS = frozenset(
    {
        "amount", "excess_hours", "per_day", "score_mean", "quantity", "records_read",
        "records_recorded", "records_quarantined", "records_skipped", "stated", "computed",
    }
)  # fmt: skip
# A waybill is a number only by name, a weekday only in the data.
CODED = frozenset({"tracking_number", "weekday_number"})


def grid(  # noqa: PLR0913  what one table needs to know
    context: Context,
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    *,
    key: str,
    alt: str,
    height: int | str = "auto",
    select: bool = False,
) -> list[int]:
    """Draw rows; returns the positions of selected ones when `select` is set."""
    shown = [name for name in columns if rows and name in rows[0]]
    frame = pd.DataFrame(
        {name: [cell(context, name, row) for row in rows] for name in shown}, columns=shown
    )
    config = {name: _config(context, name) for name in shown}
    event = st.dataframe(
        frame,
        key=key,
        hide_index=True,
        column_config=config,
        height=height,
        placeholder="–",
        alt=alt,
        **({"on_select": "rerun", "selection_mode": "single-row"} if select else {}),
    )
    return [at for at in event.selection.rows if at < len(rows)] if select else []


def cell(context: Context, name: str, row: Mapping[str, Any]) -> Any:
    """One value as the grid shows it."""
    value, fmt = row.get(name), context.fmt
    if value is None:
        return None
    writer = _writer(context, name, row)
    if writer is not None:
        return writer(value)
    if isinstance(value, bool):
        return context.terms.code("boolean", str(value).lower())
    if isinstance(value, datetime):
        return fmt.time(value)
    if isinstance(value, date):
        return fmt.day(value)
    if isinstance(value, Decimal | int | float):
        return fmt.quantity(value)
    return str(value)


def _writer(context: Context, name: str, row: Mapping[str, Any]) -> Callable[[Any], str] | None:
    if name in DOMAINS:
        return lambda value: context.labels(DOMAINS[name], value)
    if name.endswith("_amount") or name == "amount":
        return lambda value: context.fmt.money(value, row.get("currency_code"))
    written: dict[tuple[str, ...], Callable[[Any], str]] = {
        ("_ratio", "_probability"): context.fmt.ratio,
        ("_factor",): lambda value: f"{float(value):.2f} ×",
        ("_expected", "per_day", "score_mean"): lambda value: f"{float(value):.1f}",
        ("excess_hours",): lambda value: f"{float(value):+,.1f}",
        ("_minutes",): lambda value: context.fmt.duration(timedelta(minutes=float(value))),
        ("month_date", "cohort_date"): lambda value: f"{value:%Y-%m}",
    }
    if name in {"file_id", "_file_id"}:
        return lambda value: str(value)[:12]
    return next((writer for ends, writer in written.items() if name.endswith(ends)), None)


def is_numeric(name: str) -> bool:
    """Whether a column holds numbers, by its name."""
    return (name.endswith(NUMERIC) and name not in CODED) or name in NUMBERS


def _config(context: Context, name: str) -> Any:
    label = context.terms.code("column", name)
    if is_numeric(name):
        return st.column_config.TextColumn(label, alignment="right")
    return st.column_config.TextColumn(label)
