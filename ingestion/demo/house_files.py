"""What the business's own systems export: the warehouse (wms) and the service desk."""

from __future__ import annotations

import polars as pl

from ingestion.demo.carriers import kilograms, weighed
from ingestion.demo.formats import (
    Outbound,
    by_day,
    csv_bytes,
    day_text,
    local_day,
    local_time,
    money,
)
from ingestion.demo.orders import NEVER
from ingestion.demo.plan import (
    DAY,
    HOUR,
    LOCAL_OFFSET,
    MINUTE,
    SHOPIFY,
    TAOBAO,
    WAREHOUSE,
    DemoPlan,
)
from ingestion.demo.reshaped import undated

_EMPTY = pl.lit("")
_DEAR = {TAOBAO: 500_000, SHOPIFY: 100_000}  # above this a parcel is sent insured
# A pass of one of two stages is a pass with the stage as its reason.
_STAGES = {"CS_PASSED": "cs", "FINANCE_PASSED": "finance"}


def write_days(plan: DemoPlan, out: Outbound, source: str, shop: str, stem: str,
               frame: pl.DataFrame) -> list:  # fmt: skip
    """One file a day of a frame with a column `day`, delivered early the day after."""
    written = []
    for day, rows in by_day(frame):
        arrived = min((day + 1) * DAY - LOCAL_OFFSET + HOUR, plan.until_s)
        name = f"{stem}-{day_text(day)}.csv"
        written.append(out.write(source, shop, name, csv_bytes(rows), arrived))
    return written


def fulfilment_events(plan: DemoPlan, orders: pl.DataFrame, lines: pl.DataFrame,
                      parcels: pl.DataFrame, reservations: pl.DataFrame) -> pl.DataFrame:  # fmt: skip
    """Steps of each order in the warehouse, what was held for it, and reviews made elsewhere."""
    steps = [
        ("REVIEW_PASSED", "reviewed"), ("CS_PASSED", "cs_passed"),
        ("FINANCE_PASSED", "finance_passed"), ("LABEL_FAILED", "label_failed"),
        ("RELEASED", "released"), ("WMS_ACCEPTED", "accepted"),
        ("PICK_STARTED", "pick_started"), ("PICK_SHORT", "short"),
        ("PICK_SHORT_RESOLVED", "short_decided"), ("PICKED", "picked"), ("PACKED", "packed"),
    ]  # fmt: skip
    of_orders = [
        orders.filter(pl.col(moment) != NEVER).select(
            "n", "order_id", "shop", event=pl.lit(event), at=pl.col(moment).cast(pl.Int64),
            carrier=_EMPTY, tracking_no=_EMPTY, weight=_EMPTY,
        )
        for event, moment in steps
    ]  # fmt: skip
    handed = weighed(parcels).select(
        "n", "order_id", "shop", event=pl.lit("HANDED_OVER"), at=pl.col("handed").cast(pl.Int64),
        carrier=pl.lit("sf"), tracking_no="tracking_number", weight=kilograms("grams"),
    ).join(_insured(orders), on="n", how="left", maintain_order="left")  # fmt: skip
    # The second packing table prints its labels when the goods are checked.
    at_second_table = pl.col("n") % 2 == 0
    labelled = parcels.join(orders.select("n", "packed"), on="n").filter(
        at_second_table & (pl.col("packed") != NEVER)
    ).select(
        "n", "order_id", "shop", event=pl.lit("LABELLED"),
        at=(pl.col("packed") + 5 * MINUTE).cast(pl.Int64), carrier=pl.lit("sf"),
        tracking_no="tracking_number", weight=_EMPTY,
    )  # fmt: skip
    checked = orders.filter(at_second_table & (pl.col("packed") != NEVER)).select(
        "n", "order_id", "shop", event=pl.lit("CHECKED"),
        at=(pl.col("packed") - 2 * MINUTE).cast(pl.Int64), carrier=_EMPTY, tracking_no=_EMPTY,
        weight=_EMPTY,
    )  # fmt: skip
    # Who paid and wants it no more says so before the shop gives the money back.
    unwanted = orders.filter(
        (pl.col("cancelled") != NEVER) & (pl.col("paid") != NEVER) & (pl.col("fault") == "")
        & (pl.col("cancel_word") == "customer")
    ).select(
        "n", "order_id", "shop", event=pl.lit("CANCEL_REQUESTED"),
        at=(pl.col("cancelled") - 4 * MINUTE).cast(pl.Int64), carrier=_EMPTY, tracking_no=_EMPTY,
        weight=_EMPTY,
    )  # fmt: skip
    # What is short is the first line of the order.
    missed = lines.filter(pl.col("line_no") == 1).select(
        "n", "sku", event=pl.lit("PICK_SHORT"), qty=pl.col("quantity").cast(pl.String)
    )
    # What leaves in two parcels is split as soon as the warehouse has it.
    split = orders.filter(
        (pl.col("released") != NEVER) & pl.col("is_split") & (pl.col("line_count") > 1)
    ).select(
        "n", "order_id", "shop", event=pl.lit("ORDER_SPLIT"),
        at=(pl.col("released") + 2 * MINUTE).cast(pl.Int64), carrier=_EMPTY, tracking_no=_EMPTY,
        weight=_EMPTY,
    )  # fmt: skip
    held = reservations.join(orders.select("n", "order_id", "shop"), on="n").select(
        "n", "order_id", "shop", "event", pl.col("at").cast(pl.Int64), carrier=_EMPTY,
        tracking_no=_EMPTY, weight=_EMPTY, reason="reason",
    )  # fmt: skip
    return (
        pl.concat(
            [*of_orders, handed, labelled, checked, unwanted, split, held], how="diagonal_relaxed"
        )
        .with_columns(pl.col("reason", "insured_amount", "insured_currency").fill_null(""))
        .filter(pl.col("at") <= plan.until_s)
        .sort("at", "n", "event", "tracking_no")
        .join(missed, on=["n", "event"], how="left", maintain_order="left")
        .with_columns(
            day=local_day("at"),
            sku=pl.col("sku").fill_null(""),
            qty=pl.col("qty").fill_null(""),
            event_no=pl.format("E{}-{}-{}", "n", "event", "tracking_no"),
        )
    )


def _insured(orders: pl.DataFrame) -> pl.DataFrame:
    """What the parcels of each order are insured for: dear goods for all they cost, others not."""
    on_taobao = pl.col("shop") == TAOBAO
    is_dear = pl.col("payable") > pl.when(on_taobao).then(_DEAR[TAOBAO]).otherwise(_DEAR[SHOPIFY])
    is_insured = is_dear & (pl.col("fault") != "shipped_uninsured")
    return orders.select(
        "n",
        insured_amount=money(pl.when(is_insured).then(pl.col("payable")).otherwise(0)),
        insured_currency=pl.when(on_taobao).then(pl.lit("CNY")).otherwise(pl.lit("USD")),
    )


def write_warehouse(plan: DemoPlan, out: Outbound, events: pl.DataFrame, movements: pl.DataFrame,
                    snapshots: pl.DataFrame, catalogue: pl.DataFrame) -> list:  # fmt: skip
    """Fulfilment by shop and day; stock of the one warehouse under the Taobao shop's name."""
    written = []
    for shop in (TAOBAO, SHOPIFY):
        rows = events.filter(pl.col("shop") == shop).select(
            "day", "event_no", order_no="order_id",
            event=pl.col("event").replace(list(_STAGES), "REVIEW_PASSED"),
            event_time=local_time("at"),
            line_no=_EMPTY, sku="sku", qty="qty", warehouse=pl.lit(WAREHOUSE), carrier="carrier",
            tracking_no="tracking_no", weight="weight",
            reason=pl.col("event").replace_strict(_STAGES, default=pl.col("reason")),
            operator=pl.format("w{}", pl.col("n") % 9), insured_amount="insured_amount",
            insured_currency="insured_currency",
        )  # fmt: skip
        written += write_days(plan, out, "wms", shop, "fulfilment", rows)
    moves = movements.select(
        "day", movement_no=pl.format("M{}", "movement_no"), sku="sku", warehouse="warehouse",
        lot="lot", type="type", qty=pl.col("quantity").cast(pl.String), moved_at=local_time("at"),
        order_no="order_id", reference="reference", reason=_EMPTY, expiry=_EMPTY,
        to_warehouse="to_warehouse",
    )  # fmt: skip
    written += write_days(plan, out, "wms", TAOBAO, "movements", moves)
    counted = _binned(snapshots, catalogue).select(
        day=local_day("taken_at"), warehouse=pl.lit(WAREHOUSE), sku="sku", lot="lot", bin="bin",
        taken_at=local_time("taken_at"), on_hand=pl.col("on_hand").cast(pl.String),
        damaged=pl.lit("0"), frozen=pl.lit("0"),
    )  # fmt: skip
    write_days(plan, out, "wms", TAOBAO, "snapshots", counted)
    articles = catalogue.select(
        "sku", name="title_zh", category="category", brand=pl.lit("东方"), cost=money("cost_cny"),
        price=money("price_cny"), currency=pl.lit("CNY"), safety_stock=pl.lit("5"),
        supplier="supplier", listed_at=local_time(pl.lit(plan.start_s - 30 * DAY)),
        weight_kg=kilograms("grams"), fragile=pl.col("is_fragile").cast(pl.String),
    )  # fmt: skip
    out.write("wms", TAOBAO, "products.csv", csv_bytes(undated(articles)), plan.start_s)
    return written


def _binned(snapshots: pl.DataFrame, catalogue: pl.DataFrame) -> pl.DataFrame:
    """Each article has a picking bin; of many pieces a third lies in the reserve above."""
    places = catalogue.select("sku").with_row_index("place")
    spare = pl.when(pl.col("on_hand") >= 9).then(pl.col("on_hand") // 3).otherwise(0)
    split = snapshots.join(places, on="sku", how="left", maintain_order="left").with_columns(
        aisle=pl.col("place").fill_null(0) // 20, shelf=pl.col("place").fill_null(0) % 20 + 1,
        spare=spare,
    )  # fmt: skip
    rack = pl.col("shelf").cast(pl.String).str.zfill(2)
    picked = split.with_columns(
        bin=pl.format("A{}-{}-1", "aisle", rack), on_hand=pl.col("on_hand") - pl.col("spare")
    )
    above = split.filter(pl.col("spare") > 0).with_columns(
        bin=pl.format("A{}-{}-4", "aisle", rack), on_hand="spare"
    )
    return pl.concat([picked, above]).sort("taken_at", "sku", "lot", "bin")


def write_contacts(plan: DemoPlan, out: Outbound, contacts: pl.DataFrame,
                   orders: pl.DataFrame) -> None:  # fmt: skip
    """What customers and carriers said, as the service desk wrote it down."""
    told = (
        contacts.join(orders.select("order_id", "shop"), on="order_id")
        .with_row_index("number")
        .with_columns(day=local_day("at"))
    )
    for shop in (TAOBAO, SHOPIFY):
        rows = told.filter(pl.col("shop") == shop).select(
            "day", ticket_no=pl.format("K{}", "number"), order_no="order_id",
            carrier=pl.lit("sf"), tracking_no="tracking_number", type="kind",
            event_time=local_time("at"), level=pl.col("level").fill_null(""), outcome="outcome",
            note="note", complaint_no=pl.col("complaint_no").fill_null(""),
            score=pl.col("score").fill_null(""),
            agent=pl.format("cs{}", pl.col("number") % 4),
        )  # fmt: skip
        write_days(plan, out, "service_desk", shop, "contacts", rows)


def write_incidents(plan: DemoPlan, out: Outbound, incidents: pl.DataFrame) -> None:
    """What went wrong inside the house, as operations wrote it down."""
    for shop in (TAOBAO, SHOPIFY):
        rows = (
            incidents.filter(pl.col("shop") == shop)
            .sort("at", "incident_no")
            .select(
                "incident_no",
                "step",
                day=local_day("at"),
                event_time=local_time("at"),
                incident="kind",
                order_no="order_id",
                department=pl.lit("warehouse"),
                note=_EMPTY,
                agent=pl.lit("ops1"),
            )
        )
        write_days(plan, out, "service_desk", shop, "incidents", rows)
