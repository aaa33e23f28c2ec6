"""How long parcels take, measured: rows for the seeds `delivery_lanes` and `sla_stage_budgets`.

A promise that is guessed is either broken all day or never. These are what the parcels of this
house did: the time nine of ten took to the door, and the silence that only one in twenty exceeded.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl

# Fewer say nothing: the wider row (`*`) counts instead.
LEAST = 30

_LANES = """
    select coalesce(parcels.carrier, '*') as carrier, coalesce(orders.ship_region, '*')
        as ship_region,
        ceil(quantile_cont(date_diff('minute', parcels.shipped_at, parcels.delivered_at), 0.9))
            ::bigint as budget_minutes,
        count(*) as parcel_count
    from marts.fct_shipments as parcels
    inner join marts.fct_orders as orders using (order_id)
    where parcels.delivered_at > parcels.shipped_at
    group by grouping sets ((parcels.carrier, orders.ship_region), (parcels.carrier), ())
    having count(*) >= ? and (orders.ship_region is not null or grouping(orders.ship_region) = 1)
        and (parcels.carrier is not null or grouping(parcels.carrier) = 1)
    order by carrier, ship_region
"""
_SILENCES = """
    with gaps as (
        select parcels.carrier, scans.detail_code as norm_state,
            date_diff('minute', scans.occurred_at, lead(scans.occurred_at) over parcel) as minutes
        from marts.fct_order_events as scans
        inner join marts.fct_shipments as parcels using (shipment_id)
        where scans.event_type in ('TRACK_SCAN', 'DELIVERED')
        window parcel as (
            partition by scans.shipment_id
            order by scans.occurred_at, scans.event_rank, scans.event_id)
    )
    select coalesce(carrier, '*') as carrier, coalesce(norm_state, '*') as norm_state,
        greatest(?, ceil(quantile_cont(minutes, 0.95)))::bigint as budget_minutes,
        count(*) as parcel_count
    from gaps
    where minutes is not null and norm_state is not null and carrier is not null
    group by grouping sets ((carrier, norm_state), (norm_state), ())
    having count(*) >= ?
    order by carrier, norm_state
"""


def measure(snapshot: Path) -> dict[str, pl.DataFrame]:
    """Seed -> its rows and `parcel_count`, how many parcels or gaps each row was measured on."""
    with duckdb.connect(str(snapshot), read_only=True) as con:
        [floor] = con.execute(
            "select max(threshold_value)::bigint from policies.thresholds "
            "where threshold_code = 'silence_floor_minutes'"
        ).fetchall()[0]
        return {
            "delivery_lanes": con.sql(_LANES, params=[LEAST]).pl(),
            "sla_stage_budgets": con.sql(_SILENCES, params=[floor or 1440, LEAST]).pl(),
        }


def write(measured: dict[str, pl.DataFrame], seeds: Path) -> list[Path]:
    """The measured rows in place of those the seeds had; rows nobody measured stay."""
    written = []
    for name, rows in measured.items():
        path = seeds / f"{name}.csv"
        kept = pl.read_csv(path)
        keys = kept.columns[:2]
        fresh = rows.select(kept.columns)
        pl.concat([fresh, kept.join(fresh, on=keys, how="anti")]).sort(keys).write_csv(path)
        written.append(path)
    return written
