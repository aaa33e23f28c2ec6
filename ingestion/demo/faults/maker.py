"""Chooses the orders something goes wrong with, and holds what their lives look like.

Each order carries at most one fault. `choose` never picks an order twice, so the effects do not
mix and a label says exactly one thing.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from ingestion.demo.orders import NEVER
from ingestion.demo.plan import DAY, DemoPlan

Columns = dict[str, np.ndarray]
_AFTER_CONFIRMATION = (
    "released", "accepted", "pick_started", "picked", "packed", "handed", "delivered",
    "completed", "cod_collected",
)  # fmt: skip


class FaultMaker:
    """Applies faults to the columns of the orders in place."""

    def __init__(self, plan: DemoPlan, orders: pl.DataFrame, lines: pl.DataFrame) -> None:
        self.plan = plan
        self.rng = plan.rng("faults")  # each step gets its own
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

    @property
    def confirmed(self) -> np.ndarray:
        return np.where(self.columns["is_cod"], self.columns["placed"], self.columns["paid"])

    @property
    def lives(self) -> np.ndarray:
        """Orders that are paid for (or to be paid on delivery) and will ship."""
        return self.columns["handed"] != NEVER

    @property
    def settled_long_ago(self) -> np.ndarray:
        """Orders paid online more than a week ago, so that their bills are in."""
        old = self.lives & self.between(self.columns["paid"], 50 * DAY, 7 * DAY)
        return old & ~self.columns["is_cod"]

    @property
    def owed(self) -> np.ndarray:
        """Cents the goods of each order cost, what is off taken off."""
        price, off = self.lines["price"] * self.lines["quantity"], self.lines["discount"]
        return np.bincount(self.lines["n"], price - off, minlength=len(self.columns["n"]))

    def between(self, values: np.ndarray, oldest: int, newest: int) -> np.ndarray:
        """True where the moment lies between `oldest` and `newest` seconds before the present."""
        age = self.plan.until_s - values
        return (values != NEVER) & (age <= oldest) & (age >= newest)

    def stop_before_release(self, chosen: np.ndarray) -> None:
        for name in (*_AFTER_CONFIRMATION, "short", "short_decided"):
            self.columns[name][chosen] = NEVER

    def stop_after(self, milestone: str, chosen: np.ndarray) -> None:
        """The milestone is the last that these orders reach."""
        later = _AFTER_CONFIRMATION[_AFTER_CONFIRMATION.index(milestone) + 1 :]
        for name in later:
            self.columns[name][chosen] = NEVER

    def put_off(self, chosen: np.ndarray, seconds: np.ndarray) -> None:
        """These orders are paid later, and all that follows comes later too."""
        for name in ("paid", *_AFTER_CONFIRMATION):
            moments = self.columns[name]
            moments[chosen] = np.where(moments[chosen] == NEVER, NEVER, moments[chosen] + seconds)

    def release_choice(self, orders: np.ndarray) -> None:
        self.free[orders] = True
        self.columns["fault"][orders] = ""

    def frames(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Orders and lines as they are now."""
        return pl.DataFrame(self.columns), pl.DataFrame(self.lines)
