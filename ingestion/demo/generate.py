"""Runs the whole business once: draw, break, export, label."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ingestion.demo import (
    account_files,
    after_sales_files,
    carriers,
    channel_files,
    house_files,
    house_refunds,
    marketplace_files,
    partner_files,
    payout_files,
    risk_files,
    shopify_files,
    taobao_files,
    telephone,
)
from ingestion.demo.after_sales import make_receipts, with_outcomes
from ingestion.demo.business import Business
from ingestion.demo.cases import make_cases, make_contacts
from ingestion.demo.catalogue import draw_catalogue
from ingestion.demo.complaints import as_contacts, make_complaints
from ingestion.demo.disputes import write_disputes
from ingestion.demo.faults import with_faults
from ingestion.demo.formats import Outbound, local_day
from ingestion.demo.incidents import make_incidents
from ingestion.demo.invoices import make_invoices, write_invoices
from ingestion.demo.labels import make_labels
from ingestion.demo.marketplace import Marketplace, make_marketplace
from ingestion.demo.noise import disturb
from ingestion.demo.orders import NEVER, draw_lines, draw_orders, with_amounts
from ingestion.demo.parcels import make_parcels, make_scans
from ingestion.demo.payouts import Payouts, make_payouts
from ingestion.demo.plan import SHOPIFY, TAOBAO, DemoPlan
from ingestion.demo.reshaped import reshape, unexplained_files, with_unexplained
from ingestion.demo.stock import (
    choose_oversold,
    make_movements,
    make_snapshots,
    open_demand,
    shipped_goods,
)
from ingestion.demo.stock_files import write_stock_files
from ingestion.demo.stock_specials import choose_special, make_counts, make_reservations
from ingestion.demo.supplier_accounts import owed_lines, write_accounts
from ingestion.demo.suppliers import supply_lines, write_suppliers
from ingestion.demo.versions import order_versions


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoFiles:
    """Where the generated business lies."""

    folder: Path
    deliveries: Path  # path, source, shop, delivered_at (epoch seconds): what to land, in order
    labels: Path
    orders: int
    files: int


def generate(plan: DemoPlan, folder: Path) -> DemoFiles:
    """Writes the business of `plan` below `folder`; the same plan gives the same bytes."""
    out = Outbound(folder)
    catalogue = draw_catalogue(plan, plan.rng("catalogue"))
    drawn = draw_orders(plan, plan.rng("orders"))
    drawn_lines = draw_lines(plan, drawn, catalogue, plan.rng("lines"))
    orders, lines = with_faults(plan, drawn, drawn_lines)
    orders = with_amounts(orders, lines)
    demand = open_demand(plan, orders, lines)
    oversold = choose_oversold(plan, demand, plan.rng("oversold"))
    shipped = shipped_goods(plan, orders, lines)
    special = choose_special(plan, catalogue, oversold)
    movements = make_movements(plan, catalogue, shipped, demand, oversold, special)
    snapshots, drifted = make_snapshots(plan, movements, oversold, plan.rng("snapshots"))
    counts = make_counts(plan, special, snapshots)
    reservations = make_reservations(plan, orders, demand, oversold)
    parcels = make_parcels(orders)
    cases = make_cases(plan, orders, lines, plan.rng("cases"))
    cases = with_outcomes(plan, cases, plan.rng("after_sales"))
    receipts = make_receipts(plan, cases, orders, lines, plan.rng("receipts"))
    scans = make_scans(plan, parcels.filter(pl.col("handed") <= plan.until_s), plan.rng("scans"))
    contacts = make_contacts(plan, orders, parcels, scans, plan.rng("contacts"))
    complaints = make_complaints(plan, orders, plan.rng("complaints"))
    incidents = make_incidents(plan, orders, plan.rng("incidents"))
    contacts = pl.concat([contacts, as_contacts(complaints)], how="diagonal_relaxed").sort(
        "at", "order_id", "kind"
    )

    typed_in = telephone.write_sheet(plan, out, orders, lines)
    exported = orders.filter(pl.col("fault") != "order_missing").join(typed_in, on="n", how="anti")
    disturbed = _write_channels(plan, out, exported, lines, parcels, cases, catalogue)
    channel_files.write_trades(plan, out, exported, parcels, plan.rng("trades"))
    channel_files.write_parcel_events(plan, out, parcels, exported)
    account_gaps = _write_alipay(plan, out, orders, cases)
    partner_files.write_scans(plan, out, with_unexplained(plan, scans, parcels), parcels)
    payouts, amazon = _write_money(plan, out, orders, cases, catalogue)
    # What a supplier sends itself leaves no trace in the house, nor on its account with the carrier.
    own = parcels.join(orders.filter(pl.col("supplier") != "").select("n"), on="n", how="anti")
    carriers.write_account(plan, out, orders, own, plan.rng("carriers"))
    events = house_files.fulfilment_events(plan, orders, lines, own, reservations)
    supplies = write_suppliers(plan, out, supply_lines(plan, orders, lines, parcels, catalogue))
    stated = write_accounts(plan, out, owed_lines(plan, supplies, cases, orders, catalogue))
    disturbed += house_files.write_warehouse(plan, out, events, movements, snapshots, catalogue)
    write_stock_files(plan, out, special, counts, catalogue, oversold)
    house_files.write_contacts(plan, out, contacts, orders)
    house_files.write_incidents(plan, out, incidents)
    after_sales_files.write_service_desk(plan, out, cases)
    after_sales_files.write_receipts(plan, out, receipts)
    risk_files.write_risk_desk(plan, out, exported)
    risk_files.write_refund_requests(plan, out, exported)

    broken: list[str] = []
    rng = plan.rng("noise")
    for group in _same_layout(disturbed):
        broken += disturb(plan, out, group, rng)
    reshaped = reshape(out)
    business = Business(
        plan=plan, orders=orders, lines=lines, parcels=parcels, cases=cases, contacts=contacts,
        complaints=complaints, incidents=incidents, receipts=receipts, payouts=payouts.totals,
        movements=movements, demand=demand, oversold=oversold, drifted=drifted,
        broken_files=broken, special=special, counts=counts, reservations=reservations, stated=stated,
        amazon=amazon.orders, account_gaps=account_gaps, reshaped=reshaped,
        unexplained=unexplained_files(plan, out),
    )  # fmt: skip
    return _write_index(plan, out, make_labels(business))


def _write_alipay(
    plan: DemoPlan, out: Outbound, orders: pl.DataFrame, cases: pl.DataFrame
) -> list[tuple[str, str]]:
    """The bill and the account's log; where its balances do not follow."""
    bill = partner_files.bill_lines(plan, orders, cases, plan.rng("bills"))
    partner_files.write_bills(plan, out, bill)
    account = account_files.account_log(plan, bill)
    account_files.write_account_log(plan, out, account)
    house_refunds.write_house_refunds(plan, out, house_refunds.house_refunds(plan, orders, cases))
    return account_files.gaps(account)


def _write_money(
    plan: DemoPlan, out: Outbound, orders: pl.DataFrame, cases: pl.DataFrame,
    catalogue: pl.DataFrame,
) -> tuple[Payouts, Marketplace]:  # fmt: skip
    """What the shops pay out, and one account at the bank for all of it."""
    payouts = make_payouts(plan, orders, cases, plan.rng("payouts"))
    payout_files.write_payouts(plan, out, payouts)
    amazon = make_marketplace(plan, catalogue, plan.rng("marketplace"))
    marketplace_files.write_marketplace(plan, out, amazon)
    payout_files.write_bank(plan, out, payouts, marketplace_files.deposits(amazon))
    asked = orders.filter(pl.col("fault") != "order_missing")
    given_back = house_refunds.house_refunds(plan, orders, cases)
    refunded = pl.concat([cases.select("n"), given_back.select("n")])
    write_invoices(plan, out, make_invoices(plan, asked, refunded, plan.rng("invoices")))
    return payouts, amazon


def _write_channels(plan: DemoPlan, out: Outbound, orders: pl.DataFrame, lines: pl.DataFrame,
                    parcels: pl.DataFrame, cases: pl.DataFrame,
                    catalogue: pl.DataFrame) -> list[Path]:  # fmt: skip
    named = lines.with_columns(
        title_zh=catalogue["title_zh"].gather(lines["article"]),
        title_en=catalogue["title_en"].gather(lines["article"]),
    )
    refunded = cases.select("n", "refunded").unique("n")
    second = parcels.filter(pl.col("parcel") == 2).select("n", handed_2="handed")
    first = parcels.filter(pl.col("parcel") == 1).select("n", "tracking_number")
    goods = named.group_by("n", maintain_order=True).agg(titles=pl.col("title_zh").str.join("，"))
    # A channel that was not told of a parcel shows none.
    untold = orders.filter(pl.col("fault") == channel_files.UNTOLD)
    parcels = parcels.join(untold.select("n"), on="n", how="anti")
    shown = (
        channel_files.as_told(orders)
        .join(refunded, on="n", how="left", maintain_order="left")
        .join(second, on="n", how="left", maintain_order="left")
        .join(first, on="n", how="left", maintain_order="left")
        .join(goods, on="n", how="left", maintain_order="left")
        .with_columns(
            pl.col("refunded", "handed_2").fill_null(NEVER),
            paid_ever="paid",
            cancelled_ever="cancelled",
        )
    )
    versions = order_versions(plan, shown)
    keys = orders.select("n", "shop", "native_id", "placed", "line_count", "is_split")
    sold = named.join(keys, on="n", how="inner", maintain_order="left").with_columns(
        day=local_day("placed"),
        parcel=pl.when(pl.col("is_split") & (pl.col("line_no") == pl.col("line_count")))
        .then(pl.when(pl.col("line_count") > 1).then(2).otherwise(1))
        .otherwise(1),
    )
    on_taobao, on_shopify = pl.col("shop") == TAOBAO, pl.col("shop") == SHOPIFY
    written = taobao_files.write_orders(plan, out, versions.filter(on_taobao))
    written += taobao_files.write_details(plan, out, sold.filter(on_taobao))
    written += shopify_files.write_orders(
        plan, out, versions.filter(on_shopify), sold.filter(on_shopify), parcels, cases
    )
    shopify_files.write_transactions(plan, out, orders.filter(on_shopify))
    shopify_files.write_risks(plan, out, orders.filter(on_shopify))
    write_disputes(plan, out, orders)
    return written


def _same_layout(paths: list[Path]) -> list[list[Path]]:
    """Groups of files whose rows fit each other: same folder, same stem, same suffix."""
    groups: dict[tuple[str, str, str], list[Path]] = {}
    for path in paths:
        stem = path.stem.rstrip("0123456789")
        groups.setdefault((path.parent.as_posix(), stem, path.suffix), []).append(path)
    return [sorted(group) for _, group in sorted(groups.items())]


def _write_index(plan: DemoPlan, out: Outbound, labels: pl.DataFrame) -> DemoFiles:
    deliveries = out.folder / "deliveries.csv"
    pl.DataFrame(
        out.deliveries, schema=["path", "source", "shop", "delivered_at"], orient="row"
    ).sort("delivered_at", "path").write_csv(deliveries)
    label_path = out.folder / "labels.csv"
    labels.write_csv(label_path)
    return DemoFiles(
        folder=out.folder,
        deliveries=deliveries,
        labels=label_path,
        orders=plan.orders,
        files=len(out.deliveries),
    )
