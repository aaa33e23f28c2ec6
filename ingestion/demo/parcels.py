"""Parcels of the orders and the carrier's scans of each parcel."""

from __future__ import annotations

import numpy as np
import polars as pl

from ingestion.demo.orders import NEVER
from ingestion.demo.plan import DAY, HOUR, MINUTE, DemoPlan

# Codes as the carrier sends them; what they mean is the warehouse's business.
COLLECTED, LOADED, DEPARTED, ARRIVED, OUT_FOR_DELIVERY, SIGNED, PROOF = (
    "50", "30", "36", "31", "44", "80", "8000",
)  # fmt: skip
LOST = "99"
EXCEPTION_CODES = ("33", "70", "77", "16", "41", "46")
_TEXT = {
    COLLECTED: "顺丰速运 已收取快件",
    LOADED: "快件在【{}】已装车，准备发往下一站",
    DEPARTED: "快件已发车",
    ARRIVED: "快件到达【{}】",
    OUT_FOR_DELIVERY: "正在派送途中，请您准备签收（派件人：{}，电话：13800000000）",
    SIGNED: "已签收，感谢使用顺丰，期待再次为您服务",
    PROOF: "在官网“运单资料&签收图”，可查看签收人信息",
    "33": "多次联系收件人未果",
    "70": "收件人拒收",
    "77": "收件地址超出派送范围",
    "16": "快件滞留，等待处理",
    "41": "收件地址不详",
    "46": "快件外包装破损",
    LOST: "快件丢失，将联系您处理赔付",
}
_HUBS = (
    "深圳五和集散中心",
    "东莞沙田集散中心",
    "杭州萧山集散中心",
    "武汉吴家山集散中心",
    "北京首都集散中心",
)
_HOP_S = 13 * HOUR  # mean time between two hub scans; always below the silence floor of 24 h


def make_parcels(orders: pl.DataFrame) -> pl.DataFrame:
    """One row per parcel: n, parcel, tracking_number, handed, delivered, fault.

    A split order sends its last line in a second parcel, six hours later.
    """
    shipped = orders.filter(pl.col("handed") != NEVER)
    first = shipped.with_columns(parcel=pl.lit(1))
    second = shipped.filter(pl.col("is_split") & (pl.col("line_count") > 1)).with_columns(
        parcel=pl.lit(2), handed=pl.col("handed") + 6 * HOUR, delivered=pl.col("delivered") + HOUR
    )
    return (
        pl.concat([first, second])
        .sort("n", "parcel")
        .select(
            "n", "parcel", "order_id", "shop", "handed", "delivered", "fault",
            # Twelve digits after SF: unique by construction.
            tracking_number=pl.format(
                "SF{}{}", "parcel", (pl.col("n") + 1).cast(pl.String).str.zfill(11)
            ),
        )
    )  # fmt: skip


def make_scans(plan: DemoPlan, parcels: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """One row per scan: tracking_number, at, code, place, text; none after the present."""
    parcels = parcels.filter(pl.col("fault") != "no_first_scan")
    handed = parcels["handed"].to_numpy()
    delivered = parcels["delivered"].to_numpy()
    fault = parcels["fault"].to_numpy()
    end = np.where(delivered == NEVER, handed + 60 * HOUR, delivered)
    silent = fault == "parcel_silent"
    # A silent parcel stops after a few hub scans, long before the present.
    end[silent] = handed[silent] + rng.integers(20 * HOUR, 40 * HOUR, silent.sum())
    lost = fault == "parcel_lost"
    stopped = (fault == "parcel_exception") | lost
    exception_at = plan.until_s - rng.integers(HOUR, 14 * HOUR, len(handed))
    end[stopped] = exception_at[stopped]
    end[lost] = handed[lost] + rng.integers(30 * HOUR, 60 * HOUR, lost.sum())

    collected = handed + rng.integers(HOUR, 4 * HOUR, len(handed))
    hops = np.maximum(1, (end - collected - 6 * HOUR) // _HOP_S + 1)
    index = np.repeat(np.arange(len(handed)), hops)
    step = np.arange(len(index)) - np.repeat(np.cumsum(hops) - hops, hops)
    out = np.where(silent | stopped, end, end - rng.integers(HOUR, 5 * HOUR, len(handed)))
    width = (out - collected)[index] / (hops[index] + 1)
    hub_at = (collected[index] + width * (step + 1)).astype(np.int64)
    hub = np.array(_HUBS)[(index * 7 + step) % len(_HUBS)]

    def rows(at: np.ndarray, code: str | np.ndarray, which: np.ndarray,
             place: np.ndarray | None = None) -> pl.DataFrame:  # fmt: skip
        return pl.DataFrame(
            {
                "row": which,
                "at": at,
                "code": code if isinstance(code, np.ndarray) else np.full(len(which), code),
                "place": np.full(len(which), "深圳市") if place is None else place,
            }
        )

    everyone = np.arange(len(handed))
    reached = np.flatnonzero((delivered != NEVER) & ~silent & ~stopped)
    held_up = np.flatnonzero(stopped)
    # One parcel in a hundred meets trouble on the way and is delivered all the same.
    recovered = reached[(parcels["n"].to_numpy()[reached] % 97) == 0]
    # Nobody is in the midst of it at the present: that would be a parcel in trouble.
    amidst = (out[recovered] + 10 * MINUTE <= plan.until_s) & (
        out[recovered] + 40 * MINUTE > plan.until_s
    )
    recovered = recovered[~amidst]
    odd = np.array(EXCEPTION_CODES)
    scans = pl.concat(
        [
            rows(collected, COLLECTED, everyone),
            rows(hub_at, ARRIVED, index, hub),
            rows(hub_at + 20 * MINUTE, LOADED, index, hub),
            rows(hub_at + 25 * MINUTE, DEPARTED, index, hub),
            rows(out[reached], OUT_FOR_DELIVERY, reached),
            rows(out[recovered] + 10 * MINUTE, odd[recovered % 2 * 3], recovered),
            rows(out[recovered] + 40 * MINUTE, OUT_FOR_DELIVERY, recovered),
            rows(end[reached], SIGNED, reached),
            rows(end[reached] + 40, PROOF, reached),
            rows(end[held_up], np.where(lost[held_up], LOST, odd[held_up % len(odd)]), held_up),
        ]
    )
    return (
        scans.filter(pl.col("at") <= plan.until_s)
        .with_columns(
            tracking_number=parcels["tracking_number"].gather(scans.filter(
                pl.col("at") <= plan.until_s)["row"]),
            text=pl.col("code").replace_strict(_TEXT, default="").str.replace(
                "{}", pl.col("place"), literal=True),
        )
        .with_columns(day=(pl.col("at") + 8 * HOUR) // DAY)
        .sort("at", "tracking_number", "code")
    )  # fmt: skip


def last_scan_is_before(scans: pl.DataFrame, moment: int) -> pl.DataFrame:
    """Tracking numbers whose last scan is older than `moment` and is not a delivery."""
    last = scans.group_by("tracking_number").agg(
        pl.col("at").max(), delivered=(pl.col("code") == SIGNED).any()
    )
    return last.filter((pl.col("at") < moment) & ~pl.col("delivered"))
