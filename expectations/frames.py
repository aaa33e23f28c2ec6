"""The small frames the suites look at: counts of violations, and bounded samples of records."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd

SAMPLE_ROWS = 20_000
_ENVELOPE = "record_key, record_hash, source, shop_id, file_id, row_number, load_seq"


def door_totals(warehouse: Path, stream: str, event_time: str, after_seq: int) -> pd.DataFrame:
    """One row of counts over the records of `stream` that loads after `after_seq` brought.

    `stream` and `event_time` come from the record types, never from data.
    """
    query = f"""
        select
            count(*) as records,
            count(*) filter (where record_key is null or record_key = '') as null_keys,
            count(*) filter (where {event_time} is null and '{stream}' not in ({_TIMELESS}))
                as null_event_times,
            count(*) filter (where source is null or shop_id is null) as null_sources,
            count(*) filter (where byte_to < byte_from) as bad_byte_ranges,
            count(*) filter (
                where load_seq not in (select load_seq from ops.loads)) as unknown_loads,
            count(*) filter (where {event_time} > ingested_at + interval '1' day)
                as events_after_receipt,
            count(*) filter (where {event_time} < timestamp '2000-01-01') as events_before_2000
        from records.{stream}
        where load_seq > ?
    """  # noqa: S608
    with duckdb.connect(str(warehouse)) as con:
        return con.execute(query, [after_seq]).df()


# Streams whose event time may be told by another stream: a line is placed with its order.
_TIMELESS = "'order_lines', 'shipments', 'shipment_lines', 'products', 'order_risks'"


def door_sample(warehouse: Path, stream: str, after_seq: int) -> pd.DataFrame:
    """Envelope columns of at most SAMPLE_ROWS new records, the newest loads first."""
    query = f"""
        select {_ENVELOPE} from records.{stream} where load_seq > ?
        order by load_seq desc, row_number limit {SAMPLE_ROWS}
    """  # noqa: S608
    with duckdb.connect(str(warehouse)) as con:
        return con.execute(query, [after_seq]).df()


_CANDIDATE = """
    select
        (select count(*) from marts.fct_orders) as orders,
        (select count(*) - count(distinct order_id) from marts.fct_orders) as duplicate_orders,
        (select count(*) from marts.fct_orders where headline_status is null)
            as orders_without_headline,
        (select count(*) from marts.fct_order_lines as lines where not exists (
            select 1 from marts.fct_orders as orders where orders.order_id = lines.order_id))
            as lines_without_order,
        (select count(*) from (
            select order_id, headline_status,
                row_number() over (partition by order_id order by state_number desc) as newest
            from marts.fct_order_states) as states
            join marts.fct_orders as orders using (order_id)
            where states.newest = 1 and states.headline_status <> orders.headline_status)
            as states_that_disagree,
        (select count(*) from marts.agg_recon_totals
            where left_amount - right_amount <> break_amount) as recon_residue,
        (select count(*) from marts.fct_orders
            where shipped_quantity < 0 or delivered_quantity < 0 or cancelled_quantity < 0)
            as negative_quantities,
        (select count(*) - count(distinct item_id) from marts.queue_items) as duplicate_items,
        (select count(*) from marts.queue_items as items where not exists (
            select 1 from policies.queues as queues where queues.queue_code = items.queue_code))
            as items_without_queue,
        (select count(*) from marts.queue_items where why is null or not json_valid(why))
            as items_without_why,
        (select count(*) from marts.queue_items where closed_at < opened_at)
            as closed_before_opened,
        (select count(*) from marts.fct_loads
            where records_read <> records_recorded + records_quarantined + records_skipped)
            as loads_that_leak,
        (select count(*) from information_schema.columns
            where table_schema = 'marts' and column_name like '%\\_amount' escape '\\'
            and data_type not like 'DECIMAL%') as double_or_float_money
"""


def candidate_totals(candidate: Path, warehouse: Path | None) -> pd.DataFrame:
    """One row of counts over the candidate marts; orders in come from the warehouse's records."""
    with duckdb.connect(str(candidate), read_only=True) as con:
        frame = con.execute(_CANDIDATE).df()
        orders = int(frame["orders"].iloc[0])
    lost = 0
    if warehouse is not None:
        with duckdb.connect(str(warehouse), read_only=True) as con:
            row = con.execute(
                "select count(distinct record_key) from records.orders where placed_at <= coalesce("
                "(select as_of from ops.build_window limit 1), timestamp '9999-12-31')"
            ).fetchone()
            lost = abs((int(row[0]) if row else 0) - orders)
    return frame.assign(orders_lost=lost)
