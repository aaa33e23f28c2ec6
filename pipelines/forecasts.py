"""Says of an order that its ship-by promise will more likely than not be broken; Q17 opens by that.

A forecast moves with every outcome that comes in. What it was at a moment cannot be folded from
later facts without hindsight, and a case that came and went with the rates would be nobody's work.
So it is made every hour from the published snapshot and stated in the ledger, once an episode, with
what it was made from (docs/adr/0020-a-forecast-is-said-not-folded.md).
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from typing import Any

import duckdb

from orderhouse.access import get_policy
from orderhouse.ledger import (
    IdempotencyMismatch,
    LedgerError,
    ObjectRef,
    act,
    case_states,
    open_ledger,
)
from orderhouse.settings import Settings
from pipelines.automation import Robot, signed_in
from pipelines.publish import current_build, read_manifest

QUEUE, LIKELY = "Q17", "breach_likely"
log = logging.getLogger("orderhouse.progress")

# Open promises that nothing has put in the queue yet, by the tenth of their time that has passed,
# and how many of the same channel were seen open there: what the rate of the hour leans on.
_LIKELY = """
    with known as (
        select sla_code, segment, tenth, sum(at_risk_count) as segment_count
        from marts.agg_breach_rates group by sla_code, segment, tenth
    ),
    running as (
        select *, least(9, greatest(0, floor(10 * epoch(?::timestamp - started_at)
            / greatest(60, epoch(due_at - started_at)))))::integer as tenth
        from marts.fct_sla_clocks
        where sla_code = 'S07' and stopped_at is null and cancelled_at is null
            and _ended_at is null and warn_at > ? and started_at <= ?
    )
    select running.order_id, running.episode_number, running.shop_id, rates.breach_probability,
        known.segment_count, rates.segment, rates.weekday, rates.day_quarter,
        rates.tenth
    from running
    inner join marts.agg_breach_rates as rates
        on running.sla_code = rates.sla_code and rates.segment = coalesce(running.channel, '')
        and rates.weekday = isodow(running.started_at)
        and rates.day_quarter = hour(running.started_at) // 6 and rates.tenth = running.tenth
    inner join known
        on rates.sla_code = known.sla_code and rates.segment = known.segment
        and rates.tenth = known.tenth
    where rates.breach_probability > ? and not exists (
        select 1 from marts.queue_items as items
        where items.queue_code = 'Q17' and items.order_id = running.order_id
            and items.opened_at <= ? and items.closed_at is null)
    order by running.order_id, running.episode_number
"""


def say_likely_breaches(settings: Settings) -> int:
    """States the forecasts above the limit that are not stated yet; how many.

    What was served as of another moment is no ground to act on.
    """
    build_id = current_build(settings)
    if build_id is None or read_manifest(settings, build_id).get("as_of"):
        return 0
    now, limit = settings.clock(), get_policy().limits["breach_likely_percent"] / 100
    path = settings.serving_dir / f"serving-{build_id}.duckdb"
    with duckdb.connect(str(path), read_only=True) as con:
        rows = con.execute(_LIKELY, [now, now, now, limit, now])
        names = [column[0] for column in rows.description or ()]
        likely = [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
    if not likely:
        return 0
    ledger = open_ledger(settings.ledger_address)
    try:
        robot = Robot(ledger, signed_in(ledger, now), now, build_id)
        states = case_states(ledger, [item_id(row) for row in likely])
        said = sum(_say(robot, row, limit, states[item_id(row)].version) for row in likely)
    finally:
        ledger.close()
    if said:
        log.info("%s: %d promises will likely be broken; the next build shows it", QUEUE, said)
    return said


def item_id(row: Mapping[str, Any]) -> str:
    """The case the fold will open (`queue_items.item_id`)."""
    key = f"{QUEUE}|order|{row['order_id']}|{row['episode_number']}"
    return hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()


def _say(robot: Robot, row: Mapping[str, Any], limit: float, version: int) -> bool:
    item = ObjectRef(
        queue_code=QUEUE, item_id=item_id(row), entity_type="order", entity_id=row["order_id"],
        order_id=row["order_id"], shop_id=row["shop_id"],
    )  # fmt: skip
    args = {
        "forecast_probability": f"{row['breach_probability']:f}", "forecast_limit": f"{limit:g}",
        "forecast_count": str(row["segment_count"]),
        "forecast_basis": f"{row['segment'] or '-'}/weekday-{row['weekday']}"
        f"/quarter-{row['day_quarter']}/tenth-{row['tenth']}",
    }  # fmt: skip
    told = f"{LIKELY}|{row['order_id']}|{row['episode_number']}"
    try:
        done = act(
            robot.ledger, robot.session, verb=LIKELY, object=item, args=args,
            expected_version=version, now=robot.now, snapshot_id=robot.build_id,
            idempotency_key=hashlib.sha256(told.encode()).hexdigest()[:40],
        )  # fmt: skip
    except IdempotencyMismatch:
        return False  # said at an earlier hour, and not folded in yet
    except LedgerError as error:
        # A person has settled the case, or decides about it just now.
        log.info("%s: %s is left for now (%s)", QUEUE, row["order_id"], error.code)
        return False
    return not done.replayed
