"""What happened to an order although its state did not allow it."""

from __future__ import annotations

import polars as pl

from ingestion.demo.business import Business
from ingestion.demo.formats import local_day
from ingestion.demo.labels.shape import of_fault, of_orders
from ingestion.demo.orders import NEVER
from ingestion.demo.plan import TAOBAO
from ingestion.demo.taobao_files import tells_completion


def labels(business: Business) -> list[pl.DataFrame]:
    return [
        of_fault("Q32", business.orders, "shipped_before_paid"),
        of_fault("Q32", business.orders, "shipped_after_cancel"),
        of_fault("Q32", business.orders, "refund_without_inspection"),
        of_fault("Q32", business.orders, "edited_late"),
        of_fault("Q32", business.orders, "shipped_uninsured"),
        of_fault("Q32", business.orders, "refund_without_goods"),
        of_fault("Q32", business.orders, "shipped_after_refund"),
        # Taobao closes the trade; that the parcel was on its way is for Q29 to say.
        of_fault("Q32", business.orders.filter(pl.col("shop") != TAOBAO), "refund_in_transit"),
        of_orders("Q32", _completed_with_open_case(business), "completed_with_open_case"),
        # The second time there is nothing left to give back.
        of_orders("Q32", _paid_back_whole(business), "refund_twice"),
    ]


def _paid_back_whole(business: Business) -> pl.DataFrame:
    """Orders of one case whose refund, made twice, was all that was paid."""
    cases = business.cases.filter(
        (pl.col("fault") == "refund_twice") & (pl.col("refunded") != NEVER)
    )
    whole = cases.filter(pl.col("amount") >= pl.col("captured"))
    return business.orders.join(whole.select("n").unique(), on="n", how="semi")


def _completed_with_open_case(business: Business) -> pl.DataFrame:
    """Buyers confirm, or time confirms for them, while the desk still works on a return.

    A case is over with its refund; the desk's own last step comes some minutes later.
    """
    on_taobao = pl.col("shop") == TAOBAO
    ends = [
        pl.when(pl.col(name) != NEVER).then(pl.col(name))
        for name in (
            "withdrawn",
            "rejected",
            "exchange_shipped",
            "repaired",
            "arbitrated",
            "closed",
        )
    ]
    by_refund = pl.when(pl.col("refunded") != NEVER).then(pl.col("refunded"))
    known = business.cases.filter(pl.col("fault") != "refund_without_case")
    cases = known.select("n", "requested", "refunded", ended=pl.min_horizontal(*ends, by_refund))
    early = pl.col("ended").is_null() | (pl.col("completed") < pl.col("ended"))
    # An order is exported when it last changed; some exports do not say when it was completed.
    told = ~on_taobao | tells_completion(local_day(pl.max_horizontal("completed", "refunded")))
    return (
        business.orders.filter(business.had("completed"))
        .join(cases, on="n")
        .filter(
            (pl.col("requested") != NEVER)
            & (pl.col("requested") <= pl.col("completed"))
            & early
            & told
        )
    )
