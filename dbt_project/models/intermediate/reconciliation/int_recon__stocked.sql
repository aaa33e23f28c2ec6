{{ config(materialized='ephemeral') }}
-- RC12: pieces in the ledger against the pieces of the last count of the warehouse, by batch where
-- batches were counted. Days before the last count are in fct_stock_drifts. What was in flight when the
-- warehouse counted is told apart from the rest, as a matter of time.
with

counted as (

    select sku, warehouse_id, max(taken_at) as taken_at
    from {{ ref('fct_stock_drifts') }}
    group by sku, warehouse_id

),

by_lot as (

    select lot_id as place, sku, warehouse_id, snapshot_at as taken_at, snapshot_quantity,
        ledger_at_snapshot_quantity as ledger_quantity, 0 as in_flight_quantity
    from {{ ref('fct_stock_lots') }}
    where lot is not null and snapshot_at is not null

),

places as (

    select drifts.sku || '@' || drifts.warehouse_id as place, drifts.sku, drifts.warehouse_id,
        drifts.taken_at, drifts.snapshot_quantity, drifts.ledger_quantity, drifts.in_flight_quantity
    from {{ ref('fct_stock_drifts') }} as drifts
    inner join counted
        on drifts.sku = counted.sku
        and drifts.warehouse_id = counted.warehouse_id
        and drifts.taken_at = counted.taken_at
    left join (select distinct sku, warehouse_id from by_lot) as lots
        on drifts.sku = lots.sku and drifts.warehouse_id = lots.warehouse_id
    where lots.sku is null
    union all
    select * from by_lot

)

{% for side, quantity in [('left', 'ledger_quantity - in_flight_quantity'), ('right', 'snapshot_quantity')] -%}
select
    {{ recon_side('RC12', side, {
        'item_id': "place || ':" ~ side ~ "'", 'match_key': 'place', 'amount': quantity,
        'item_at': 'taken_at', 'party': 'warehouse_id'}) }}
from places
union all
{% endfor %}
select
    {{ recon_side('RC12', 'left', {
        'item_id': "place || ':moving'", 'match_key': "place || ':moving'", 'amount': 'in_flight_quantity',
        'item_at': 'taken_at', 'party': 'warehouse_id', 'is_due': 'false'}) }}
from places
where in_flight_quantity <> 0
