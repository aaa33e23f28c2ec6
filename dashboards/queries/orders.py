"""One order: its row, lines, parcels, money, clocks, events, states, and what was known when."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboards.reader import Reader, Where

AXES = (
    "order_status",
    "payment_status",
    "review_status",
    "fulfilment_status",
    "logistics_status",
    "after_sales_status",
    "settlement_status",
)
FOUND = (
    "order_id",
    "channel",
    "shop_id",
    "headline_status",
    "placed_at",
    "payable_amount",
    "currency_code",
    "ship_city",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An order's state at a moment: as it truly was, or as we knew it."""

    row: dict[str, Any] | None


def order(reader: Reader, order_id: str) -> dict[str, Any] | None:
    rows = reader.select("fct_orders", None, Where().also("order_id = ?", order_id))
    return rows[0] if rows else None


def search(reader: Reader, text: str, limit: int = 20) -> list[dict[str, Any]]:
    """Orders whose number, channel number or waybill is, or begins or ends with, the text."""
    needle = text.strip()
    if len(needle) < 3:
        return []
    where = Where().also(
        "(order_id = ? or channel_order_id = ? or contains(lower(order_id), lower(?)) "
        "or order_id in (select s.order_id from marts.fct_shipments as s "
        "where s.tracking_number = ?))",
        *[needle] * 4,
    )
    return reader.select("fct_orders", FOUND, where, order="placed_at desc", limit=limit)


def _of(
    reader: Reader, relation: str, order_id: str, order_by: str, limit: int = 500
) -> list[dict[str, Any]]:
    where = Where().also("order_id = ?", order_id)
    return reader.select(relation, None, where, order=order_by, limit=limit)


def lines(reader: Reader, order_id: str) -> list[dict[str, Any]]:
    return _of(reader, "fct_order_lines", order_id, "line_number nulls last, line_id")


def supplied_lines(
    reader: Reader, order_id: str, case_id: str | None = None
) -> list[dict[str, Any]]:
    """Articles of an order and their suppliers: the line's own, who shipped it, else the article's;
    of a case: the article it is about."""
    where = Where().also("order_id = ?", order_id).also("sku is not null")
    if case_id is not None:
        where = where.also(
            "sku in (select c.sku from marts.fct_after_sales_cases as c where c.case_id = ?)",
            case_id,
        )
    names = ("sku", "supplier_id")
    lines_of = reader.select("fct_order_lines", names, where, order="line_number")
    shipped = reader.select(
        "fct_supplier_lines", names, where.also("line_kind = 'shipment'"), order="line_id"
    )
    skus = [row["sku"] for row in lines_of]
    known = Where().also("list_contains(?::varchar[], sku)", skus)
    usual = reader.select("dim_products", names, known, order="sku")
    by_sku = {row["sku"]: row["supplier_id"] for row in (*usual, *shipped) if row["supplier_id"]}
    by_sku |= {row["sku"]: row["supplier_id"] for row in lines_of if row["supplier_id"]}
    return [
        {"sku": sku, "supplier_id": by_sku[sku]} for sku in dict.fromkeys(skus) if sku in by_sku
    ]


def shipments(reader: Reader, order_id: str) -> list[dict[str, Any]]:
    return _of(reader, "fct_shipments", order_id, "shipment_id")


def carrier_choices(reader: Reader, order_id: str) -> list[dict[str, Any]]:
    """Who could take what is still to be sent, the one to take first."""
    return _of(reader, "fct_carrier_choices", order_id, "choice_rank nulls last, carrier")


def events(reader: Reader, order_id: str) -> list[dict[str, Any]]:
    return _of(reader, "fct_order_events", order_id, "occurred_at, event_rank, event_id")


def states(reader: Reader, order_id: str) -> list[dict[str, Any]]:
    return _of(reader, "fct_order_states", order_id, "state_number")


def clocks(reader: Reader, order_id: str) -> list[dict[str, Any]]:
    return _of(reader, "fct_sla_clocks", order_id, "started_at, clock_id")


def review_hits(reader: Reader, order_id: str) -> list[dict[str, Any]]:
    rows = _of(reader, "fct_review_hits", order_id, "hit_at, rule_code")
    return [row | {"facts": json.loads(row["facts"] or "[]")} for row in rows]


def after_sales_cases(reader: Reader, order_id: str) -> list[dict[str, Any]]:
    return _of(reader, "fct_after_sales_cases", order_id, "requested_at, case_id")


def money_rows(reader: Reader, order_id: str) -> list[dict[str, Any]]:
    """Payments, refunds and settlement lines of an order as one list, oldest first."""
    found: list[dict[str, Any]] = []
    for kind, relation, amount in (
        ("payment", "fct_payments", "amount"),
        ("refund", "fct_refunds", "amount"),
        ("settlement", "fct_settlement_lines", "net_amount"),
    ):
        for row in _of(reader, relation, order_id, "1"):
            at = next((row[n] for n in _TIMES if row.get(n) is not None), None)
            number = next(value for name, value in row.items() if name.endswith("_id"))
            value = row.get(amount, row.get("gross_amount"))
            found.append(
                {
                    "kind": kind,
                    "number": number,
                    "at": at,
                    "amount": value,
                    "currency_code": row.get("currency_code"),
                    "detail": row.get("payment_kind")
                    or row.get("refund_status")
                    or row.get("line_kind"),
                }
            )
    return sorted(found, key=lambda row: (row["at"] is None, row["at"], row["number"]))


def invoices(reader: Reader, order_id: str) -> list[dict[str, Any]]:
    """What a buyer asked for and was given, red invoices among it, oldest first."""
    return _of(reader, "fct_invoices", order_id, "event_at, invoice_event_id")


def money_parts(reader: Reader, order_id: str) -> list[dict[str, Any]]:
    """Where the money of an order is; its parts add up to nothing."""
    return _of(reader, "fct_order_money", order_id, "component_number")


_TIMES = ("paid_at", "succeeded_at", "failed_at", "sent_at", "requested_at", "posted_at")


def state_at(
    reader: Reader, order_id: str, true_at: datetime, known_at: datetime
) -> dict[str, Any] | None:
    """The newest state from events up to `true_at` that had reached us by `known_at`."""
    if not reader.count("fct_orders", Where().also("order_id = ?", order_id)):
        return None
    rows = reader.query(
        "select state_number, event_type, occurred_at, headline_status, order_status, "
        "payment_status, review_status, fulfilment_status, logistics_status, after_sales_status, "
        "settlement_status from marts.order_states_known_at(?, ?, ?) "
        "order by state_number desc limit 1",
        [order_id, true_at, known_at],
    )
    return rows[0] if rows else None


def contact_columns(reader: Reader, order_id: str) -> list[str]:
    """Which personal values of an order have a ciphertext to reveal; the values stay closed."""
    rows = reader.query(
        "select column_name from private.contacts where order_id = ? order by column_name",
        [order_id],
    )
    return [row["column_name"] for row in rows]


def known_skus(reader: Reader, skus: list[str]) -> set[str] | None:
    """Which of these articles there are; None: no source has told of any article."""
    known = Where().also("list_contains(?::varchar[], sku)", skus)
    found = {row["sku"] for row in reader.select("dim_products", ("sku",), known)}
    if not found and not reader.select("dim_products", ("sku",), Where(), limit=1):
        return None
    return found


def lines_without_article(reader: Reader, order_id: str) -> list[dict[str, Any]]:
    """Lines of goods whose code is missing, or on no list of the house."""
    goods = [line for line in lines(reader, order_id) if line["line_kind"] in ("goods", "gift")]
    return [line for line in goods if line["sku"] is None or line["is_code_unknown"]]


def articles_like(reader: Reader, text: str, limit: int = 30) -> list[dict[str, Any]]:
    """Articles of the house, those first whose code or name holds the text or is most like it."""
    where, like = reader.scope("dim_products", Where()), text.strip().lower()
    sql = (
        f"select sku, product_name from marts.dim_products where {where.sql} "  # noqa: S608
        "order by contains(lower(sku), ?) or contains(lower(coalesce(product_name, '')), ?) desc, "
        "jaro_winkler_similarity(lower(coalesce(product_name, sku)), ?) desc, sku limit ?"
    )
    return reader.query(sql, [*where.params, like, like, like, limit])
