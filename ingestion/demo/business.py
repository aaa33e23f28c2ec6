"""Everything that was drawn of the business: what the files are written from and labelled by."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from ingestion.demo.orders import NEVER
from ingestion.demo.plan import DemoPlan
from ingestion.demo.stock_specials import SpecialStock


@dataclass(slots=True, kw_only=True)
class Business:
    """The lives as they were drawn, faults included. Moments are epoch seconds or NEVER.

    Attributes:
        orders: one row per order, also of those no channel exported; `confirmed` is when it counts.
        complaints: one row per complaint with its moments.
        incidents: one row per step of what went wrong inside the house.
        receipts: goods that came back, also those nobody expects.
        payouts: what Shopify paid out a day, and what is wrong with it.
        demand: open demand by order line, with its running sum by sku.
        oversold: skus sold beyond their stock, with what is sellable.
        drifted: skus whose last count differs from the books.
        stated: what suppliers stated of what they are owed, and what is wrong with it.
        amazon: orders of the shop whose marketplace settles by article, and what is wrong with that.
        special: articles with an odd story; counts: the stocktake; reservations: stock held, let go.
        account_gaps: keys of the days on which a balance does not follow, and why.
        reshaped: feeds whose columns changed in their newest file.
        unexplained: ids (sha256) of files of scans with a code nobody knows.
        broken_files: ids (sha256) of files with broken rows, known once everything is written.
    """

    plan: DemoPlan
    orders: pl.DataFrame
    lines: pl.DataFrame
    parcels: pl.DataFrame
    cases: pl.DataFrame
    contacts: pl.DataFrame
    complaints: pl.DataFrame
    incidents: pl.DataFrame
    receipts: pl.DataFrame
    payouts: pl.DataFrame
    movements: pl.DataFrame
    demand: pl.DataFrame
    oversold: pl.DataFrame
    drifted: list[str]
    special: SpecialStock
    counts: pl.DataFrame
    reservations: pl.DataFrame
    stated: pl.DataFrame
    amazon: pl.DataFrame
    account_gaps: list[tuple[str, str]] = field(default_factory=list)
    broken_files: list[str] = field(default_factory=list)
    reshaped: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)

    def had(self, moment: str) -> pl.Expr:
        """The moment has come by the present of the business."""
        return (pl.col(moment) != NEVER) & (pl.col(moment) <= self.plan.until_s)

    @property
    def is_exported(self) -> pl.Expr:
        return pl.col("fault") != "order_missing"

    @property
    def is_alive(self) -> pl.Expr:
        return ~self.had("cancelled")

    @property
    def is_unpaid(self) -> pl.Expr:
        return ~pl.col("is_cod") & ~self.had("paid")

    @property
    def is_waiting(self) -> pl.Expr:
        """Confirmed, exported, alive and not handed over yet."""
        return self.had("confirmed") & self.is_alive & self.is_exported & ~self.had("handed")
