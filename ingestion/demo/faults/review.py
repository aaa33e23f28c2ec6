"""Orders that a person has to look at, and buyers with a habit."""

from __future__ import annotations

import numpy as np

from ingestion.demo.faults.maker import FaultMaker
from ingestion.demo.orders import NEVER
from ingestion.demo.plan import DAY, HOUR, MINUTE, SHOPIFY, TAOBAO

VIP = "trusted_buyer"  # stands out and is let through all the same
TRUSTED_ORDERS = 5


def _fresh(maker: FaultMaker) -> np.ndarray:
    """Paid within the last day and a half: waiting for review breaks no ship promise yet."""
    recent = maker.between(maker.confirmed, 34 * HOUR, 5 * MINUTE)
    return maker.lives & recent & ~maker.columns["is_cod"] & ~comes_often(maker)


def comes_often(maker: FaultMaker) -> np.ndarray:
    """Buyers with so many orders that review may trust them: what stands out is let through."""
    account = maker.columns["buyer"] * 2 + (maker.columns["shop"] == TAOBAO)
    _, place, count = np.unique(account, return_inverse=True, return_counts=True)
    return count[place] >= TRUSTED_ORDERS


def waiting_for_review(maker: FaultMaker) -> None:
    for fault in ("phone_invalid", "quantity_outlier", "value_outlier", "address_missing"):
        chosen = maker.choose(fault, _fresh(maker))
        _make_risky(maker, chosen, fault)
        maker.stop_before_release(chosen)


def reviewed_long_ago(maker: FaultMaker) -> None:
    for risk in ("phone_invalid", "quantity_outlier", "value_outlier"):
        past = maker.lives & maker.between(maker.confirmed, 40 * DAY, 8 * DAY)
        past &= ~maker.columns["is_cod"] & ~comes_often(maker)
        chosen = maker.choose("", past, maker.plan.fault_count(risk) * 3)
        _make_risky(maker, chosen, risk)
        maker.columns["reviewed"][chosen] = maker.columns["paid"][chosen] + maker.rng.integers(
            5 * MINUTE, 24 * MINUTE, len(chosen)
        )


def _make_risky(maker: FaultMaker, chosen: np.ndarray, risk: str) -> None:
    maker.columns["risk"][chosen] = risk
    line = maker.first_line[chosen]
    if risk == "quantity_outlier":
        maker.lines["quantity"][line] = 24
        maker.lines["discount"][line] = 0
    if risk == "value_outlier":
        maker.lines["quantity"][line] = 1  # dear, but not for finance
        maker.lines["price"][line] = np.where(
            maker.columns["shop"][chosen] == TAOBAO, 528_800, 108_800
        )
        maker.lines["discount"][line] = 0


def trusted(maker: FaultMaker) -> None:
    """Dear orders of buyers who have kept so many that nobody has to look."""
    columns = maker.columns
    often = np.flatnonzero(comes_often(maker) & maker.lives & ~columns["is_cod"])
    kept = np.zeros(len(columns["n"]), dtype=np.int64)
    for order in often:
        same = often[columns["buyer"][often] == columns["buyer"][order]]
        same = same[columns["shop"][same] == columns["shop"][order]]
        done = columns["completed"][same]
        kept[order] = np.count_nonzero(
            (done != NEVER) & (done <= columns["placed"][order]) & (columns["fault"][same] == "")
        )
    chosen = maker.choose(VIP, kept >= TRUSTED_ORDERS + 4, 3)
    _make_risky(maker, chosen, "value_outlier")
    columns["risk"][chosen] = ""


def cancels_often(maker: FaultMaker) -> None:
    chosen = maker.choose("buyer_cancels_often", _fresh(maker))
    habit = maker.between(maker.columns["placed"], 20 * DAY, 3 * DAY)
    habit &= (maker.columns["cancelled"] != NEVER) & (maker.columns["shop"] == SHOPIFY)
    habit &= maker.columns["paid"] == NEVER
    for shop in (SHOPIFY, TAOBAO):
        # Buyers are known per shop, so the habit has to show in the same shop.
        in_shop = chosen[maker.columns["shop"][chosen] == shop]
        past = habit & maker.free if shop == SHOPIFY else _taobao_regrets(maker)
        earlier = np.flatnonzero(past)
        usable = in_shop[: len(earlier) // 3]
        maker.release_choice(np.setdiff1d(in_shop, usable))
        buyers = maker.plan.buyer_count + 1_000 + usable
        maker.columns["buyer"][usable] = maker.columns["home"][usable] = buyers
        habitual = maker.rng.choice(earlier, 3 * len(usable), replace=False)
        maker.columns["buyer"][habitual] = np.repeat(buyers, 3)
        maker.free[habitual] = False
        maker.columns["risk"][usable] = "buyer_cancels_often"
        maker.stop_before_release(usable)


def _taobao_regrets(maker: FaultMaker) -> np.ndarray:
    past = maker.between(maker.columns["placed"], 20 * DAY, 3 * DAY) & maker.free
    return past & (maker.columns["cancelled"] != NEVER) & (maker.columns["shop"] == TAOBAO)
