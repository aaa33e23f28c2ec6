"""Orders a supplier sends in place of the house, and what goes wrong with some of them."""

from __future__ import annotations

import numpy as np

from ingestion.demo.catalogue import sent_by
from ingestion.demo.faults.maker import FaultMaker
from ingestion.demo.orders import NEVER
from ingestion.demo.plan import DAY, HOUR

_IN_THE_HOUSE = ("released", "accepted", "pick_started", "picked", "packed")


def routed(maker: FaultMaker) -> None:
    """An order goes to a supplier when everything in it is that supplier's, and it is plain: paid
    online, in one parcel, nothing the matter with it. Others ship from the house's own stock."""
    columns = maker.columns
    supplier = _only_supplier(maker)
    plain = maker.free & maker.lives & ~columns["is_cod"] & ~columns["is_split"]
    for moment in ("reviewed", "short", "label_failed", "cs_passed", "refund_asked", "cancelled"):
        plain &= columns[moment] == NEVER
    sent = np.flatnonzero(plain & (columns["risk"] == "") & (supplier != ""))
    columns["supplier"][sent] = supplier[sent]
    columns["notified"][sent] = columns["released"][sent]
    columns["ship_approved"][sent] = columns["pick_started"][sent]
    for moment in _IN_THE_HOUSE:
        columns[moment][sent] = NEVER
    is_sent = columns["supplier"] != ""
    late = is_sent & maker.between(maker.confirmed, 9 * DAY, 38 * HOUR)
    maker.stop_after("packed", maker.choose("supply_late", late))
    gone = is_sent & maker.between(columns["handed"], 50 * DAY, 2 * HOUR)
    maker.choose("supply_over", gone)
    columns["ship_approved"][maker.choose("supply_unapproved", gone)] = NEVER
    maker.choose("supply_price", gone)


def _only_supplier(maker: FaultMaker) -> np.ndarray:
    """The supplier of every line of each order; empty where there are two, or the house ships."""
    of_lines = sent_by(maker.lines["article"])
    of_lines[maker.lines["sku"] == ""] = ""
    first = of_lines[maker.first_line]
    count = len(maker.first_line)
    other = np.zeros(count, dtype=bool)
    np.logical_or.at(other, maker.lines["n"], of_lines != first[maker.lines["n"]])
    return np.where(other, "", first).astype(object)
