{{ config(materialized='ephemeral') }}
-- What happens to positions and stocktakes: alerts, what is done about them, counts, purchases.
{%- set place = "sku || '@' || warehouse_id" %}
{%- set plain = {'order_id': 'null', 'sku': 'sku', 'warehouse_id': 'warehouse_id'} %}
with

{%- set unread = "cast(null as " ~ type_text() ~ ")" %}

alerts as (

    select
        *,
        'low|' || sku || '@' || warehouse_id || '|' || cast(episode_number as {{ type_text() }})
            as record_key,
        'orderhouse' as source,
        {{ unread }} as channel,
        {{ unread }} as shop_id,
        cast(null as timestamp) as observed_at,
        {{ unread }} as file_id,
        cast(null as bigint) as row_number,
        cast(null as bigint) as byte_from,
        cast(null as bigint) as byte_to
    from {{ ref('fct_stock_alerts') }}
    where alert_type = 'low'

),

counts as (

    select steps.*, lines.is_within_tolerance
    from {{ ref('int_counts__stepped') }} as steps
    inner join {{ ref('fct_stock_counts') }} as lines on steps.count_line_id = lines.count_line_id

),

handled as (

    select *, {{ unread }} as sku, {{ unread }} as warehouse_id
    from {{ ref('stg_decisions') }}
    where queue_code in ('Q12', 'Q13') and entity_type = 'stock' and verb in (
        'replenish', 'change_threshold', 'delist', 'handle_alert', 'resolve', 'dismiss')
        and decision_id not in (
            select undoes_decision_id from {{ ref('stg_decisions') }}
            where undoes_decision_id is not null
        )

)

select {{ logged("'STOCK_ALERT_RAISED'", 'raised_at', 'raised_at', "'stock'", place, plain) }}
from alerts
union all
select {{ logged("'STOCK_ALERT_CLEARED'", 'cleared_at', 'cleared_at', "'stock'", place, plain) }}
from alerts
where cleared_at is not null
union all
select {{ logged("'STOCK_ALERT_HANDLED'", 'decided_at', 'decided_known_at', "'stock'", 'entity_id',
    dict(plain, actor_type="'staff'", actor_id='actor_id', detail_code='verb')) }}
from handled
union all
select {{ logged("case count_step when 'opened' then 'COUNT_OPENED' when 'counted' then 'COUNT_COUNTED'
        when 'approved' then 'COUNT_APPROVED' else 'COUNT_REJECTED' end",
    'event_at', 'ingested_at', "'count'", 'count_line_id', dict(plain,
        actor_id='actor_id', quantity='counted_quantity', detail_code="case when count_step = 'counted'
            and not is_within_tolerance then 'variance' end")) }}
from counts
union all
select {{ logged("'PURCHASE_CONFIRMED'", 'confirmed_at', 'ingested_at', "'stock'", place,
    dict(plain, quantity='ordered_quantity')) }}
from {{ ref('stg_purchase_orders') }}
where confirmed_at is not null
union all
select {{ logged("'PURCHASE_CLOSED'", 'closed_at', 'ingested_at', "'stock'", place,
    dict(plain, quantity='received_quantity')) }}
from {{ ref('stg_purchase_orders') }}
where closed_at is not null and confirmed_at is not null
