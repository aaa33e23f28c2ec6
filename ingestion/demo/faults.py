"""Makes things go wrong, and remembers what: each fault changes the life of a few orders.

Each order carries at most one fault. `choose` never picks an order twice, so the effects do not
mix and a label says exactly one thing.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from ingestion.demo.orders import NEVER
from ingestion.demo.plan import DAY, HOUR, MINUTE, SHOPIFY, TAOBAO, DemoPlan

Columns = dict[str, np.ndarray]
_AFTER_CONFIRMATION = (
    "released", "accepted", "pick_started", "picked", "packed", "handed", "delivered",
    "completed", "cod_collected",
)  # fmt: skip


class FaultMaker:
    """Applies faults to the columns of the orders in place."""

    def __init__(self, plan: DemoPlan, orders: pl.DataFrame, lines: pl.DataFrame,
                 rng: np.random.Generator) -> None:  # fmt: skip
        self.plan = plan
        self.rng = rng
        self.columns: Columns = {name: orders[name].to_numpy().copy() for name in orders.columns}
        self.lines: Columns = {name: lines[name].to_numpy().copy() for name in lines.columns}
        self.free = np.ones(orders.height, dtype=bool)
        self.first_line = np.unique(self.lines["n"], return_index=True)[1]

    def choose(self, fault: str, eligible: np.ndarray, count: int | None = None) -> np.ndarray:
        candidates = np.flatnonzero(eligible & self.free)
        wanted = self.plan.fault_count(fault) if count is None else count
        chosen = self.rng.choice(candidates, min(wanted, len(candidates)), replace=False)
        chosen.sort()
        self.free[chosen] = False
        self.columns["fault"][chosen] = fault
        return chosen

    def apply(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Orders and lines with their faults."""
        steps: tuple[Callable[[], None], ...] = (
            self._never_shipped, self._buyer_urges, self._waiting_for_review, self._incomplete,
            self._reviewed_long_ago, self._cancels_often, self._exceptions,
            self._not_received, self._silent, self._unpaid, self._payments, self._bills,
            self._missing, self._refunds,
        )  # fmt: skip
        for step in steps:
            step()
        return pl.DataFrame(self.columns), pl.DataFrame(self.lines)

    # -- what the moments of an order look like ------------------------------------------------

    @property
    def _confirmed(self) -> np.ndarray:
        return np.where(self.columns["is_cod"], self.columns["placed"], self.columns["paid"])

    @property
    def _lives(self) -> np.ndarray:
        """Orders that are paid for (or to be paid on delivery) and will ship."""
        return self.columns["handed"] != NEVER

    def _between(self, values: np.ndarray, oldest: int, newest: int) -> np.ndarray:
        """True where the moment lies between `oldest` and `newest` seconds before the present."""
        age = self.plan.until_s - values
        return (values != NEVER) & (age <= oldest) & (age >= newest)

    def _stop_before_release(self, chosen: np.ndarray) -> None:
        for name in _AFTER_CONFIRMATION:
            self.columns[name][chosen] = NEVER

    # -- service levels --------------------------------------------------------------------------

    def _never_shipped(self) -> None:
        late = self._lives & self._between(self._confirmed, 72 * HOUR, 40 * HOUR)
        self._stop_before_release(self.choose("not_shipped_in_time", late))

    def _buyer_urges(self) -> None:
        waiting = self._lives & self._between(self._confirmed, 30 * HOUR, 2 * HOUR)
        waiting &= self.columns["handed"] > self.plan.until_s
        self.choose("buyer_urges", waiting)

    def _unpaid(self) -> None:
        online = ~self.columns["is_cod"] & (self.columns["paid"] == NEVER)
        forgotten = self._between(self.columns["placed"], 15 * DAY, 26 * HOUR)
        # Some would have been cancelled, some would have been paid: none was.
        candidates = forgotten & (online | (self._lives & ~self.columns["is_cod"]))
        chosen = self.choose("unpaid_not_cancelled", candidates)
        self._stop_before_release(chosen)
        self.columns["paid"][chosen] = NEVER
        self.columns["cancelled"][chosen] = NEVER

    # -- review ------------------------------------------------------------------------------------

    def _fresh(self) -> np.ndarray:
        """Paid within the last day and a half: waiting for review breaks no ship promise yet."""
        recent = self._between(self._confirmed, 34 * HOUR, 5 * MINUTE)
        return self._lives & recent & ~self.columns["is_cod"]

    def _waiting_for_review(self) -> None:
        for fault in ("phone_invalid", "quantity_outlier", "value_outlier", "address_missing"):
            chosen = self.choose(fault, self._fresh())
            self._make_risky(chosen, fault)
            self._stop_before_release(chosen)

    def _reviewed_long_ago(self) -> None:
        for risk in ("phone_invalid", "quantity_outlier", "value_outlier"):
            past = self._lives & self._between(self._confirmed, 40 * DAY, 8 * DAY)
            past &= ~self.columns["is_cod"]
            chosen = self.choose("", past, self.plan.fault_count(risk) * 3)
            self._make_risky(chosen, risk)
            self.columns["reviewed"][chosen] = self.columns["paid"][chosen] + self.rng.integers(
                5 * MINUTE, 24 * MINUTE, len(chosen)
            )

    def _make_risky(self, chosen: np.ndarray, risk: str) -> None:
        self.columns["risk"][chosen] = risk
        line = self.first_line[chosen]
        if risk == "quantity_outlier":
            self.lines["quantity"][line] = 60
            self.lines["discount"][line] = 0
        if risk == "value_outlier":
            self.lines["price"][line] = np.where(
                self.columns["shop"][chosen] == TAOBAO, 888_800, 128_800
            )
            self.lines["discount"][line] = 0

    def _cancels_often(self) -> None:
        chosen = self.choose("buyer_cancels_often", self._fresh())
        habit = self._between(self.columns["placed"], 20 * DAY, 3 * DAY)
        habit &= (self.columns["cancelled"] != NEVER) & (self.columns["shop"] == SHOPIFY)
        habit &= self.columns["paid"] == NEVER
        for shop in (SHOPIFY, TAOBAO):
            # Buyers are known per shop, so the habit has to show in the same shop.
            in_shop = chosen[self.columns["shop"][chosen] == shop]
            past = habit & self.free if shop == SHOPIFY else self._taobao_regrets()
            earlier = np.flatnonzero(past)
            usable = in_shop[: len(earlier) // 3]
            self._release_choice(np.setdiff1d(in_shop, usable))
            buyers = self.plan.buyer_count + 1_000 + usable
            self.columns["buyer"][usable] = buyers
            habitual = self.rng.choice(earlier, 3 * len(usable), replace=False)
            self.columns["buyer"][habitual] = np.repeat(buyers, 3)
            self.free[habitual] = False
            self.columns["risk"][usable] = "buyer_cancels_often"
            self._stop_before_release(usable)

    def _taobao_regrets(self) -> np.ndarray:
        past = self._between(self.columns["placed"], 20 * DAY, 3 * DAY) & self.free
        return past & (self.columns["cancelled"] != NEVER) & (self.columns["shop"] == TAOBAO)

    def _release_choice(self, orders: np.ndarray) -> None:
        self.free[orders] = True
        self.columns["fault"][orders] = ""

    # -- incomplete orders -----------------------------------------------------------------------

    def _incomplete(self) -> None:
        waiting = self._lives & (self.columns["handed"] > self.plan.until_s)
        waiting &= self._between(self._confirmed, 20 * HOUR, 5 * MINUTE)
        chosen = self.choose("sku_missing", waiting)
        self.lines["sku"][self.first_line[chosen]] = ""

    # -- parcels ---------------------------------------------------------------------------------

    def _exceptions(self) -> None:
        until = self.plan.until_s
        under_way = self._lives & self._between(self.columns["handed"], 70 * HOUR, 22 * HOUR)
        under_way &= (self.columns["delivered"] > until - 16 * HOUR) & ~self.columns["is_split"]
        chosen = self.choose("parcel_exception", under_way)
        for name in ("delivered", "completed", "cod_collected"):
            self.columns[name][chosen] = NEVER

    def _not_received(self) -> None:
        delivered = self._lives & self._between(self.columns["delivered"], 9 * DAY, 26 * HOUR)
        chosen = self.choose("delivered_not_received", delivered & ~self.columns["is_split"])
        self.columns["completed"][chosen] = NEVER

    def _silent(self) -> None:
        gone = self._lives & self._between(self.columns["handed"], 14 * DAY, 6 * DAY)
        chosen = self.choose("parcel_silent", gone & ~self.columns["is_split"])
        for name in ("delivered", "completed", "cod_collected"):
            self.columns[name][chosen] = NEVER

    # -- money -----------------------------------------------------------------------------------

    def _settled_long_ago(self) -> np.ndarray:
        old = self._lives & self._between(self.columns["paid"], 50 * DAY, 7 * DAY)
        return old & ~self.columns["is_cod"]

    def _payments(self) -> None:
        old = self._settled_long_ago()
        short = self.choose("payment_short", old)
        self.columns["captured_delta"][short] = -self.rng.integers(100, 900, len(short))
        over = self.choose("payment_over", old)
        self.columns["captured_delta"][over] = self.rng.integers(2, 900, len(over))
        self.choose("payment_double", old & (self.columns["shop"] == SHOPIFY))

    def _bills(self) -> None:
        on_taobao = self._settled_long_ago() & (self.columns["shop"] == TAOBAO)
        for fault in ("bill_line_missing", "bill_amount_wrong", "bill_line_double"):
            self.choose(fault, on_taobao)

    def _missing(self) -> None:
        self.choose("order_missing", self._settled_long_ago())

    def _refunds(self) -> None:
        delivered = self._lives & self._between(self.columns["delivered"], 25 * DAY, 12 * DAY)
        self.choose("refund_failed", delivered & ~self.columns["is_cod"])
