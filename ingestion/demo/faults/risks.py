"""Orders that rules of review stop: held, blocked, for finance, or for a person, one cause each."""

from __future__ import annotations

import numpy as np

from ingestion.demo.faults.maker import FaultMaker
from ingestion.demo.faults.review import comes_often
from ingestion.demo.orders import NEVER
from ingestion.demo.plan import DAY, HOUR, MINUTE, SHOPIFY, TAOBAO

RARE = 0.0007  # of all orders; there are many causes and few orders that are fresh
POPULAR_ARTICLES = 4  # sold often enough for a price to be judged by the others


def _count(maker: FaultMaker) -> int:
    return max(3, round(maker.plan.orders * RARE))


def _fresh(maker: FaultMaker, oldest: int = 30 * HOUR) -> np.ndarray:
    """Placed and paid lately enough for no promise to ship to be near."""
    recent = maker.between(maker.columns["placed"], oldest, 40 * MINUTE)
    recent &= maker.between(maker.columns["paid"], oldest, 20 * MINUTE)
    return maker.lives & recent & ~maker.columns["is_cod"] & ~comes_often(maker)


def _once(maker: FaultMaker) -> np.ndarray:
    """Orders of buyers with no other order: a list that names the buyer names one order."""
    _, place, count = np.unique(maker.columns["home"], return_inverse=True, return_counts=True)
    return count[place] == 1


def _stop(
    maker: FaultMaker, risk: str, eligible: np.ndarray, count: int | None = None
) -> np.ndarray:
    chosen = maker.choose(risk, eligible, _count(maker) if count is None else count)
    maker.columns["risk"][chosen] = risk
    maker.stop_before_release(chosen)
    return chosen


def duplicates(maker: FaultMaker) -> None:
    """The same buyer orders the same again some minutes later."""
    columns, lines = maker.columns, maker.lines
    single = np.bincount(lines["n"], minlength=len(columns["n"])) == 1
    for shop in (SHOPIFY, TAOBAO):
        twins = _fresh(maker) & single & maker.free & (columns["shop"] == shop)
        pool = maker.rng.permutation(np.flatnonzero(twins))
        for first, again in zip(pool[0::2][:2], pool[1::2][:2], strict=False):
            wait = int(maker.rng.integers(2 * MINUTE, 9 * MINUTE))
            for name in ("buyer", "home"):
                columns[name][again] = columns[name][first]
            columns["placed"][again] = columns["placed"][first] + wait
            columns["paid"][again] = columns["paid"][first] + wait
            source, target = maker.first_line[first], maker.first_line[again]
            for name in ("sku", "article", "quantity", "price", "discount"):
                lines[name][target] = lines[name][source]
            columns["fault"][again] = columns["risk"][again] = "duplicate_order"
            maker.stop_before_release(np.array([again]))
            maker.free[[first, again]] = False


def held(maker: FaultMaker) -> None:
    """Held for a cause that stops the promise to ship: they may be older."""
    for risk in ("region_mismatch", "out_of_area", "undeliverable", "channel_alert"):
        _stop(maker, risk, _fresh(maker, 8 * DAY) & _once(maker))
    asked = _stop(maker, "refund_pending", _fresh(maker, 20 * HOUR))
    maker.columns["refund_asked"][asked] = maker.columns["paid"][asked] + 9 * MINUTE


def labels(maker: FaultMaker) -> None:
    """Packed, but the waybill could not be printed."""
    packed = maker.lives & maker.between(maker.columns["packed"], 20 * HOUR, 10 * MINUTE)
    chosen = maker.choose("label_failed", packed & _fresh(maker, 33 * HOUR), _count(maker))
    maker.columns["label_failed"][chosen] = maker.columns["packed"][chosen] + 2 * MINUTE
    for name in ("handed", "delivered", "completed"):
        maker.columns[name][chosen] = NEVER


def listed(maker: FaultMaker) -> None:
    """Their phone, address or account is on the risk desk's list."""
    _stop(maker, "blacklisted", _fresh(maker) & _once(maker))


def finance(maker: FaultMaker) -> None:
    columns, lines = maker.columns, maker.lines
    gap = _stop(maker, "payment_gap", _fresh(maker) & (maker.owed >= 2_000))  # not nothing is paid
    columns["captured_delta"][gap] = -maker.rng.integers(100, 900, len(gap))
    # A handful however large the business: one of these outweighs a hundred orders of a day's sales.
    dear = _stop(maker, "value_finance", _fresh(maker), 4)
    is_taobao = columns["shop"][dear] == TAOBAO
    lines["price"][maker.first_line[dear]] = np.where(is_taobao, 2_058_800, 308_800)
    lines["discount"][maker.first_line[dear]] = 0
    columns["cs_passed"][dear] = columns["paid"][dear] + 15 * MINUTE


def manual(maker: FaultMaker) -> None:
    columns, lines = maker.columns, maker.lines
    popular = lines["article"][maker.first_line] < POPULAR_ARTICLES
    cheap = _stop(maker, "price_error", _fresh(maker) & popular)
    lines["price"][maker.first_line[cheap]] //= 4
    lines["discount"][maker.first_line[cheap]] = 0
    for risk in ("remark_request", "carrier_unset"):
        _stop(maker, risk, _fresh(maker) & _once(maker))
    cod = _stop(maker, "cod_risk", _fresh(maker) & (columns["shop"] == SHOPIFY))
    columns["is_cod"][cod] = True
    columns["paid"][cod] = NEVER


def clusters(maker: FaultMaker) -> None:
    """Five accounts within a week, one address: the fifth is stopped."""
    columns = maker.columns
    for shop in (SHOPIFY, TAOBAO):
        in_shop = columns["shop"] == shop
        last = maker.rng.permutation(
            np.flatnonzero(_fresh(maker) & _once(maker) & maker.free & in_shop)
        )[:2]
        for chosen in last:
            week = maker.between(columns["placed"], 5 * DAY, 2 * DAY) & (columns["fault"] == "")
            week &= _once(maker) & maker.lives & maker.free & in_shop & (columns["risk"] == "")
            pool = maker.rng.permutation(np.flatnonzero(week))
            _, once = np.unique(columns["buyer"][pool], return_index=True)
            others = pool[np.sort(once)][:4]
            if len(others) < 4 or columns["buyer"][chosen] in columns["buyer"][others]:
                continue
            columns["home"][others] = columns["home"][chosen]
            columns["fault"][chosen] = columns["risk"][chosen] = "address_cluster"
            maker.stop_before_release(np.array([chosen]))
            maker.free[[chosen, *others]] = False


def refunds_often(maker: FaultMaker) -> None:
    """A buyer whose last four orders were all paid for, cancelled and refunded."""
    columns = maker.columns
    for shop in (SHOPIFY, TAOBAO):
        in_shop = columns["shop"] == shop
        past = maker.between(columns["placed"], 55 * DAY, 2 * DAY) & maker.free & in_shop
        past &= (columns["cancelled"] != NEVER) & (columns["paid"] != NEVER)
        earlier = maker.rng.permutation(np.flatnonzero(past))
        chosen = maker.rng.permutation(np.flatnonzero(_fresh(maker) & maker.free & in_shop))
        for number, order in enumerate(chosen[: min(2, len(earlier) // 4)]):
            regrets = earlier[number * 4 : number * 4 + 4]
            buyer = maker.plan.buyer_count + 2_000_000 + int(order)
            for name in ("buyer", "home"):
                columns[name][[order, *regrets]] = buyer
            columns["cancel_word"][regrets] = "customer"
            columns["fault"][order] = columns["risk"][order] = "refunds_often"
            maker.stop_before_release(np.array([order]))
            maker.free[[order, *regrets]] = False
