"""Shopify's Admin REST orders as JSON lines, and the transactions of the day beside them."""

from __future__ import annotations

import polars as pl

from ingestion.demo.formats import (
    Outbound,
    by_day,
    day_text,
    iso_time,
    local_day,
    money,
    ndjson_bytes,
)
from ingestion.demo.orders import NEVER
from ingestion.demo.parts import (
    IN_STEPS,
    OVERDUE,
    REST_WITHIN,
    rest,
    rests,
    without_rest,
)
from ingestion.demo.people import addressed, american
from ingestion.demo.plan import DAY, HOUR, LOCAL_OFFSET, MINUTE, SHOPIFY, DemoPlan

_EMPTY = pl.lit("").replace("", None)
BAD_PHONE = ("phone_invalid", "cod_risk")


def _line_items(lines: pl.DataFrame) -> pl.DataFrame:
    item = pl.struct(
        id=pl.col("n") * 10 + pl.col("line_no"),
        sku=pl.when(pl.col("sku") == "").then(None).otherwise(pl.col("sku")),
        title="title_en",
        name="title_en",
        quantity=pl.col("quantity"),
        price=money("price"),
        total_discount=money("discount"),
        requires_shipping=pl.lit(True),
        gift_card=pl.lit(False),
    )
    return lines.group_by("n", maintain_order=True).agg(line_items=item)


def _items_by_version(lines: pl.DataFrame, versions: pl.DataFrame) -> pl.DataFrame:
    """What each version lists (n, version): of an edited order the first had one piece more."""
    edited = versions.filter(_edited() & (pl.col("n") % 2 == 0))["n"].unique().implode()
    more = pl.col("quantity") + pl.col("n").is_in(edited).cast(pl.Int64)
    return pl.concat(
        [
            _line_items(lines.with_columns(quantity=more)).with_columns(version=pl.lit(1)),
            _line_items(lines).with_columns(version=pl.lit(2)),
        ],
        how="vertical_relaxed",
    )


def _edited() -> pl.Expr:
    return pl.col("fault") == "edited_late"


def _fulfillments(
    lines: pl.DataFrame, parcels: pl.DataFrame, versions: pl.DataFrame
) -> pl.DataFrame:
    """List of the parcels shown in each version (n, version)."""
    goods = lines.group_by("n", "parcel", maintain_order=True).agg(
        items=pl.struct(id=pl.col("n") * 10 + pl.col("line_no"), sku="sku", quantity="quantity")
    )
    shown = (
        versions.select("n", "version", "horizon", "cancelled")
        .join(parcels.select("n", "parcel", "handed", "tracking_number"), on="n")
        .filter(pl.col("handed") <= pl.col("horizon"))
        .join(goods, on=["n", "parcel"], how="left")
        .sort("n", "version", "parcel")
    )
    # The shop notes a parcel a few minutes after it left.
    moment = iso_time(pl.col("handed") + 5 * MINUTE)
    return shown.group_by("n", "version", maintain_order=True).agg(
        fulfillments=pl.struct(
            id=pl.col("n") * 10 + pl.col("parcel") + 700_000_000,
            created_at=moment,
            status=pl.lit("success"),
            tracking_company=pl.lit("SF Express"),
            tracking_number="tracking_number",
            line_items="items",
        )
    )


def _refunds(cases: pl.DataFrame, regrets: pl.DataFrame, versions: pl.DataFrame) -> pl.DataFrame:
    """List of the refunds shown in each version (n, version)."""
    of_cases = cases.filter(pl.col("refunded") != NEVER).select(
        "n", "refunded", "amount", "quantity", item=pl.col("n") * 10 + pl.col("line_no"),
        note=pl.lit("return"),
    )  # fmt: skip
    of_regrets = regrets.select(
        "n", refunded="cancelled", amount="captured", quantity=pl.lit(None, pl.Int64),
        item=pl.lit(None, pl.Int64), note=pl.lit("cancelled before shipping"),
    )  # fmt: skip
    shown = (
        versions.select("n", "version", "horizon")
        .join(pl.concat([of_cases, of_regrets], how="vertical_relaxed"), on="n")
        .filter(pl.col("refunded") <= pl.col("horizon"))
        .sort("n", "version")
    )
    line = pl.struct(
        id=pl.col("n") * 10 + 800_000_000,
        line_item_id="item",
        quantity="quantity",
        subtotal=money("amount"),
        restock_type=pl.lit("return"),
    )
    transaction = pl.struct(
        id=pl.col("n") * 10 + 900_000_009,
        kind=pl.lit("refund"),
        status=pl.lit("success"),
        amount=money("amount"),
        gateway=pl.lit("shopify_payments"),
        created_at=iso_time("refunded"),
    )
    return shown.group_by("n", "version", maintain_order=True).agg(
        refunds=pl.struct(
            id=pl.col("n") + 600_000_000,
            created_at=iso_time("refunded"),
            note="note",
            refund_line_items=pl.when(pl.col("item").is_null())
            .then(pl.concat_list(line).list.head(0))
            .otherwise(pl.concat_list(line)),
            transactions=pl.concat_list(transaction),
        )
    )


def _address() -> pl.Expr:
    blank = pl.col("fault") == "address_missing"
    phone = (
        pl.when(pl.col("risk").is_in(BAD_PHONE)).then(pl.lit("12345")).otherwise(pl.col("phone"))
    )
    return pl.struct(
        first_name="first",
        last_name="last",
        name=pl.format("{} {}", "first", "last"),
        address1=pl.when(blank)
        .then(None)
        .when(_edited() & (pl.col("n") % 2 == 1) & (pl.col("version") == 1))
        .then(pl.format("{} Old Mill Road", "n"))
        .otherwise(pl.col("address")),
        city="city",
        province="region",
        country=pl.lit("United States"),
        country_code=pl.lit("US"),
        zip=pl.lit("40202"),
        phone=phone,
    )


def _terms() -> pl.Expr:
    """Of a pre-sale, what is to be paid after the deposit and until when."""
    since = (
        pl.when(pl.col("fault") == OVERDUE).then(pl.col("placed")).otherwise(pl.col("paid_ever"))
    )
    due = (since + REST_WITHIN).alias("due")
    schedule = pl.struct(amount=money(rest()), due_at=iso_time(due))
    terms = pl.struct(
        payment_terms_type=pl.lit("fixed"), payment_schedules=pl.concat_list(schedule)
    )
    return pl.when(pl.col("fault").is_in(IN_STEPS)).then(terms)


def _method() -> pl.Expr:
    """A blank title is how the shop shows an order without a delivery method."""
    unset = pl.col("risk") == "carrier_unset"
    return pl.when(unset).then(pl.lit("")).otherwise(pl.lit("Standard"))


def _way_in() -> pl.Expr:
    """Most come by the online shop, some by a shop window in a social network."""
    return pl.when(pl.col("n") % 13 == 5).then(pl.lit("instagram")).otherwise(pl.lit("web"))


def _browser() -> pl.Expr:
    """Three of five hold a phone."""
    phone = (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"
    )
    desk = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0"
    return pl.when(pl.col("n") % 5 < 3).then(pl.lit(phone)).otherwise(pl.lit(desk))


def _documents(versions: pl.DataFrame, items: pl.DataFrame, parcels: pl.DataFrame,
               refunds: pl.DataFrame) -> pl.DataFrame:  # fmt: skip
    is_paid = (pl.col("paid") != NEVER) | (pl.col("cod_collected") != NEVER)
    is_cancelled = pl.col("cancelled") != NEVER
    status = (
        pl.when(is_paid & is_cancelled).then(pl.lit("refunded"))
        .when(is_cancelled).then(pl.lit("voided"))
        .when(is_paid & (pl.col("refunded") != NEVER)).then(pl.lit("partially_refunded"))
        .when(is_paid).then(pl.lit("paid"))
        .when(pl.col("fault").is_in(IN_STEPS)).then(pl.lit("partially_paid"))
        .otherwise(pl.lit("pending"))
    )  # fmt: skip
    gateway = (
        pl.when(pl.col("is_cod"))
        .then(pl.lit("cash_on_delivery"))
        .otherwise(pl.lit("shopify_payments"))
    )
    frame = (
        versions.hstack(addressed(american, versions))
        .join(items, on=["n", "version"], how="left", maintain_order="left")
        .join(parcels, on=["n", "version"], how="left", maintain_order="left")
        .join(refunds, on=["n", "version"], how="left", maintain_order="left")
    )
    return frame.select(
        "day",
        id="native_id",
        name=pl.format("#{}", pl.col("n") + 1001),
        order_number=pl.col("n") + 1001,
        created_at=iso_time("placed"),
        processed_at=iso_time("placed"),
        updated_at=iso_time("updated"),
        cancelled_at=iso_time("cancelled"),
        cancel_reason=pl.when(is_cancelled).then(pl.col("cancel_word")),
        closed_at=iso_time("completed"),
        currency=pl.lit("USD"),
        financial_status=status,
        fulfillment_status=pl.when(pl.col("handed") != NEVER).then(pl.lit("fulfilled")),
        gateway=gateway,
        payment_gateway_names=pl.concat_list(gateway),
        payment_terms=_terms(),
        total_line_items_price=money("goods"),
        total_discounts=money("discount"),
        subtotal_price=money(pl.col("goods") - pl.col("discount")),
        total_tax=pl.lit("0.00"),
        total_price=money("payable"),
        taxes_included=pl.lit(False),
        test=pl.lit(False),
        source_name=_way_in(),
        client_details=pl.struct(user_agent=_browser()),
        note=pl.when(pl.col("risk") == "remark_request")
        .then(pl.lit("Please change the address"))
        .when(pl.col("n") % 23 == 0)
        .then(pl.lit("Please leave at the door")),
        customer=pl.struct(id=pl.col("buyer") + 70_000_000),
        shipping_address=_address(),
        line_items="line_items",
        shipping_lines=pl.concat_list(
            pl.struct(code=_method(), title=_method(), price=money("shipping"))
        ),
        fulfillments=pl.col("fulfillments").fill_null([]),
        refunds=pl.col("refunds").fill_null([]),
    )


def write_orders(plan: DemoPlan, out: Outbound, versions: pl.DataFrame, lines: pl.DataFrame,
                 parcels: pl.DataFrame, cases: pl.DataFrame) -> list:  # fmt: skip
    """One file of orders a day; each order in the version that day knew."""
    regrets = versions.filter(
        (pl.col("version") == 1)
        & (pl.col("paid_ever") != NEVER)
        & (pl.col("cancelled_ever") != NEVER)
    ).select("n", "captured", cancelled="cancelled_ever")
    documents = _documents(
        versions,
        _items_by_version(lines, versions),
        _fulfillments(lines, parcels, versions),
        _refunds(cases, regrets, versions),
    )
    written = []
    for day, rows in by_day(documents):
        arrived = min((day + 1) * DAY - LOCAL_OFFSET + HOUR, plan.until_s)
        name = f"orders-{day_text(day)}.jsonl"
        written.append(out.write("shopify", SHOPIFY, name, ndjson_bytes(rows), arrived))
    return written


def write_risks(plan: DemoPlan, out: Outbound, orders: pl.DataFrame) -> None:
    """What the shop's fraud analysis says: most orders are fine, a few want a look."""
    judged = orders.filter(
        (pl.col("risk") == "channel_alert") | ((pl.col("n") % 97 == 11) & (pl.col("risk") == ""))
    ).with_columns(day=local_day("placed"))
    is_bad = pl.col("risk") == "channel_alert"
    rows = judged.select(
        "day",
        id=pl.col("n") + 300_000_000,
        order_id="native_id",
        source=pl.lit("External"),
        score=pl.when(is_bad).then(pl.lit("0.85")).otherwise(pl.lit("0.1")),
        recommendation=pl.when(is_bad).then(pl.lit("investigate")).otherwise(pl.lit("accept")),
        message=pl.when(is_bad)
        .then(pl.lit("Billing country is not the country of the address"))
        .otherwise(pl.lit("Characteristics of this order are similar to non-fraudulent orders")),
        display=pl.lit(True),
    )
    for day, frame in by_day(rows):
        arrived = min((day + 1) * DAY - LOCAL_OFFSET + HOUR, plan.until_s)
        body = b'{"risks": [' + b",".join(ndjson_bytes(frame).splitlines()) + b"]}"
        out.write("shopify", SHOPIFY, f"risks-{day_text(day)}.json", body, arrived)


def _promised() -> pl.Expr:
    """A bank promises the money first, seconds before it is taken."""
    is_plain = (pl.col("fault") == "") & (pl.col("risk") == "") & ~pl.col("is_cod")
    return is_plain & (pl.col("n") % 7 == 2)


def _given_back(orders: pl.DataFrame, plan: DemoPlan) -> pl.DataFrame:
    """Promised, and cancelled before anything was taken: the promise is void."""
    was_quick = pl.col("cancelled") - pl.col("placed") < 6 * HOUR
    is_over = (pl.col("cancelled") != NEVER) & (pl.col("cancelled") + 5 <= plan.until_s)
    is_unpaid = (pl.col("paid") == NEVER) & ~pl.col("is_cod") & (pl.col("fault") == "")
    return orders.filter(is_unpaid & is_over & was_quick)


def write_transactions(plan: DemoPlan, out: Outbound, orders: pl.DataFrame) -> None:
    """One file of transactions a day: captures, the attempts that failed and the promises of the
    buyer's bank before them, and promises that were given back with the order."""
    moment = (
        pl.when(pl.col("is_cod")).then(pl.col("cod_collected"))
        .when(pl.col("fault") == OVERDUE).then(pl.col("placed")).otherwise(pl.col("paid"))
    )  # fmt: skip
    paid = orders.with_columns(at=moment).filter(
        (pl.col("at") != NEVER) & (pl.col("at") <= plan.until_s)
    )
    twice = paid.filter(pl.col("fault") == "payment_double").with_columns(
        at=pl.col("at") + 3 * MINUTE
    )
    later = rests(paid, "at")
    paid = without_rest(paid, "at")
    refused = paid.filter((pl.col("n") % 31 == 3) & ~pl.col("is_cod"))

    promised = _promised()
    given_back = _given_back(orders, plan)

    def rows(
        frame: pl.DataFrame, ordinal: int, status: str, at: pl.Expr, kind: str = "sale"
    ) -> pl.DataFrame:
        return frame.select(
            day=(at + LOCAL_OFFSET) // DAY,
            id=pl.col("n") * 10 + ordinal + 900_000_000,
            order_id="native_id",
            kind=pl.lit(kind),
            status=pl.lit(status),
            gateway=pl.when(pl.col("is_cod"))
            .then(pl.lit("cash_on_delivery"))
            .otherwise(pl.lit("shopify_payments")),
            amount=money("captured"),
            currency=pl.lit("USD"),
            created_at=iso_time(at),
            processed_at=iso_time(at),
            test=pl.lit(False),
        )

    transactions = pl.concat(
        [
            rows(paid.filter(~promised), 1, "success", pl.col("at")),
            rows(paid.filter(promised), 1, "success", pl.col("at"), "capture"),
            rows(
                paid.filter(promised),
                4,
                "success",
                pl.max_horizontal(pl.col("at") - 20, "placed"),
                "authorization",
            ),
            rows(given_back, 4, "success", pl.col("placed") + 3 * MINUTE, "authorization"),
            rows(given_back, 5, "success", pl.col("cancelled") + 5, "void"),
            rows(twice, 2, "success", pl.col("at")),
            rows(later, 2, "success", pl.col("at")),
            rows(refused, 3, "failure", pl.max_horizontal(pl.col("at") - 60, "placed")),
        ]
    ).sort("created_at", "id")
    for day, frame in by_day(transactions):
        arrived = min((day + 1) * DAY - LOCAL_OFFSET + HOUR, plan.until_s)
        out.write(
            "shopify", SHOPIFY, f"transactions-{day_text(day)}.jsonl", ndjson_bytes(frame), arrived
        )
