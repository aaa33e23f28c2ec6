"""After-sales as the house's systems export it: the service desk's cases and refunds, and what the
warehouse took back."""

from __future__ import annotations

import polars as pl

from ingestion.demo.formats import Outbound, local_day, local_time, money
from ingestion.demo.house_files import write_days
from ingestion.demo.orders import NEVER
from ingestion.demo.plan import SHOPIFY, TAOBAO, WAREHOUSE, DemoPlan

_EMPTY = pl.lit("")
_FAILS_EVERY = 11  # one refund in so many does not reach its account at the first attempt
_CASE_STEPS = {
    "REQUESTED": "requested", "EVIDENCE_REQUESTED": "evidence_asked",
    "EVIDENCE_RECEIVED": "evidence_given", "APPROVED": "approved", "REJECTED": "rejected",
    "WITHDRAWN": "withdrawn", "COMPENSATION_AGREED": "compensated",
    "RETURN_SHIPPED": "return_shipped", "PLATFORM_INTERVENED": "intervened",
    "ARBITRATED": "arbitrated", "EXCHANGE_SHIPPED": "exchange_shipped", "REPAIR_DONE": "repaired",
    "CLOSED": "closed",
}  # fmt: skip
# Reasons up to which of a hundred places; the stride meets every place once in a hundred orders.
_STRIDE = 37
_REASONS = (
    (42, "七天无理由"), (63, "质量问题"), (78, "尺码不合适"), (88, "与描述不符"), (95, "运输破损"),
    (100, "少件错件"),
)  # fmt: skip


def _steps(cases: pl.DataFrame, moments: dict[str, str]) -> pl.DataFrame:
    """One row per step that has happened: `step`, `at`."""
    return pl.concat(
        cases.filter(pl.col(moment) != NEVER).with_columns(
            step=pl.lit(step), at=pl.col(moment).cast(pl.Int64)
        )
        for step, moment in moments.items()
    ).sort("at", "case_no", "step")


def _only(step: str, value: pl.Expr) -> pl.Expr:
    return pl.when(pl.col("step") == step).then(value).otherwise(_EMPTY)


def _reason() -> pl.Expr:
    """What the buyer says; of the order's number, so that nothing drawn after it is another."""
    place, said = pl.col("n").cast(pl.Int64) * _STRIDE % 100, pl.lit(_REASONS[-1][1])
    for below, reason in reversed(_REASONS[:-1]):
        said = pl.when(place < below).then(pl.lit(reason)).otherwise(said)
    return said


def write_service_desk(plan: DemoPlan, out: Outbound, cases: pl.DataFrame) -> None:
    """Steps of the cases and the refunds the desk follows, a file a day and shop."""
    is_unasked = pl.col("fault") == "refund_without_case"
    steps = _steps(cases.filter(~is_unasked), _CASE_STEPS)
    refunds = _refund_steps(cases)
    currency = pl.when(pl.col("shop") == TAOBAO).then(pl.lit("CNY")).otherwise(pl.lit("USD"))
    agreed = "COMPENSATION_AGREED"
    for shop in (TAOBAO, SHOPIFY):
        in_shop = pl.col("shop") == shop
        rows = steps.filter(in_shop).select(
            day=local_day("at"), case_no="case_no", order_no="order_id",
            line_no=pl.col("line_no").cast(pl.String), kind="kind", step="step",
            event_time=local_time("at"), sku="sku", qty=pl.col("quantity").cast(pl.String),
            amount=pl.when(pl.col("step") == agreed).then(money("compensation"))
            .otherwise(money("asked")),
            currency=currency, reason=_reason(),
            agent=pl.format("cs{}", pl.col("n") % 4),
            supplier_part=_only(agreed, money("supplier_part")),
            ecom_part=_only(agreed, money("ecom_part")),
            platform_part=_only(agreed, money("platform_part")),
            liable=_only("ARBITRATED", pl.lit("SELLER")),
            return_carrier=_only("RETURN_SHIPPED", pl.lit("SF")),
            return_tracking_no=_only("RETURN_SHIPPED", pl.col("waybill")),
        )  # fmt: skip
        write_days(plan, out, "service_desk", shop, "after_sales", rows)
        rows = refunds.filter(in_shop).select(
            day=local_day("at"), refund_no="refund_no", order_no="order_id",
            case_no=pl.when(is_unasked).then(_EMPTY).otherwise(pl.col("case_no")), status="step",
            event_time=local_time("at"), amount=money("paid_back"), currency=currency,
            kind="refund_kind", reason=_reason(),
            provider=pl.when(pl.col("refund_kind") == "COMPENSATION").then(pl.lit("balance"))
            .when(in_shop & (shop == TAOBAO)).then(pl.lit("alipay"))
            .otherwise(pl.lit("shopify_payments")),
            provider_refund_no=_EMPTY,
        )  # fmt: skip
        write_days(plan, out, "service_desk", shop, "refunds", rows)


def _refund_steps(cases: pl.DataFrame) -> pl.DataFrame:
    """Refunds of the cases. Shopify states its own once they are paid; the desk adds the rest."""
    moments = {"SENT": "refund_sent", "FAILED": "refund_failed", "SUCCEEDED": "refunded"}
    goods = _steps(cases, moments).with_columns(
        refund_no=pl.format("R{}", "case_no"), refund_kind=pl.lit("RETURN"), paid_back="amount"
    )
    goods = pl.concat([goods, _retried(goods)])
    amends = _steps(cases, {"SUCCEEDED": "compensation_paid"}).with_columns(
        refund_no=pl.format("K{}", "case_no"),
        refund_kind=pl.lit("COMPENSATION"),
        paid_back="made_good",
    )
    goods = goods.filter((pl.col("shop") == TAOBAO) | (pl.col("step") != "SUCCEEDED"))
    again = _steps(
        cases.filter(pl.col("fault") == "refund_twice").with_columns(pl.col("refunded") + 7_200),
        {"SUCCEEDED": "refunded"},
    ).with_columns(
        refund_no=pl.format("RD{}", "case_no"), refund_kind=pl.lit("RETURN"), paid_back="amount"
    )
    return pl.concat([goods, again, amends]).sort("at", "refund_no", "step")


def _retried(goods: pl.DataFrame) -> pl.DataFrame:
    """Of some that were paid in the end, a first attempt that failed and the next one."""
    ours = (pl.col("shop") == TAOBAO) & (pl.col("fault") == "") & (pl.col("n") % _FAILS_EVERY == 3)
    paid = goods.filter(ours & (pl.col("step") == "SUCCEEDED"))
    third = (pl.col("refunded") - pl.col("refund_sent")) // 3
    return pl.concat(
        paid.with_columns(step=pl.lit(step), at=pl.col("refund_sent") + third * part)
        for step, part in (("FAILED", 1), ("SENT", 2))
    )


def write_receipts(plan: DemoPlan, out: Outbound, receipts: pl.DataFrame) -> None:
    """The warehouse lists a receipt when it comes in and again when it has been inspected."""
    first = receipts.with_columns(at="received", qc=pl.lit(NEVER, pl.Int64))
    again = receipts.filter(pl.col("qc") != NEVER).with_columns(at="qc")
    listed = pl.concat([first, again], how="vertical_relaxed").sort("at", "receipt_no")
    is_done = pl.col("qc") != NEVER
    for shop in (TAOBAO, SHOPIFY):
        rows = listed.filter(pl.col("shop") == shop).select(
            day=local_day("at"),
            **{
                "退货入库单号": pl.col("receipt_no"),
                "售后单号": pl.col("case_no"),
                "订单号": pl.col("order_id"),
                "快递公司": pl.lit("顺丰速运"),
                "快递单号": pl.col("waybill"),
                "收货时间": local_time("received"),
                "商品编码": pl.col("sku"),
                "收货数量": pl.col("quantity").cast(pl.String),
                "质检时间": local_time("qc").fill_null(""),
                "良品数量": _shown(is_done, "passed"),
                "次品数量": _shown(is_done, "failed"),
                "处理方式": pl.when(is_done & (pl.col("failed") > 0))
                .then(pl.lit("退回客户")).otherwise(_EMPTY),
                "仓库": pl.lit(WAREHOUSE),
                "操作员": pl.format("w{}", pl.col("n") % 9),
            },
        )  # fmt: skip
        write_days(plan, out, "wms", shop, "returns", rows)


def _shown(condition: pl.Expr, quantity: str) -> pl.Expr:
    return pl.when(condition).then(pl.col(quantity).cast(pl.String)).otherwise(_EMPTY)
