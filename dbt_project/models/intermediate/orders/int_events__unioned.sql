{{ config(materialized='ephemeral') }}
-- The order log of the touched orders, from records and decisions. Everything else is a fold.
with

logged as (

    select * from {{ ref('int_orders__logged') }}
    union all
    select * from {{ ref('int_channel_status__logged') }}
    union all
    select * from {{ ref('int_orders__archived') }}
    union all
    select * from {{ ref('int_edits__logged') }}
    union all
    select * from {{ ref('int_payments__logged') }}
    union all
    select * from {{ ref('int_reviews__logged') }}
    union all
    select * from {{ ref('int_decisions__logged') }}
    union all
    select * from {{ ref('int_fulfilment__logged') }}
    union all
    select * from {{ ref('int_supplies__logged') }}
    union all
    select * from {{ ref('int_after_sales__logged') }}
    union all
    select * from {{ ref('int_contacts__logged') }}
    union all
    select * from {{ ref('int_incidents__logged') }}
    union all
    select * from {{ ref('int_claims__logged') }}
    union all
    select * from {{ ref('int_invoices__logged') }}

),

owners as (

    select order_id, channel, shop_id, is_test
    from {{ ref('stg_orders') }}
    where {{ touched('order_id') }}

),

final as (

    select
        md5(
            logged.source || '|' || logged.record_key || '|' || logged.event_type || '|'
            || coalesce(logged.shipment_id, logged.detail_code, '') || '|'
            || cast({{ epoch_us('logged.occurred_at') }} as {{ type_text() }})
        ) as event_id,
        logged.order_id,
        logged.event_type,
        types.event_rank,
        logged.occurred_at,
        logged.observed_at,
        logged.ingested_at,
        logged.source,
        coalesce(owners.channel, logged.channel) as channel,
        coalesce(owners.shop_id, logged.shop_id) as shop_id,
        {% for column in ['entity_type', 'entity_id', 'line_id', 'shipment_id', 'case_id', 'sku',
            'warehouse_id', 'actor_type', 'actor_id', 'amount', 'currency_code', 'quantity',
            'detail_code'] -%}
        logged.{{ column }},
        {% endfor -%}
        logged.file_id as _file_id,
        logged.row_number as _row_number,
        logged.byte_from as _byte_from,
        logged.byte_to as _byte_to,
        logged.case_delta as _case_delta,
        logged.place as _place,
        owners.order_id is not null as _has_order
    from logged
    inner join {{ ref('event_types') }} as types on logged.event_type = types.event_type
    left join owners on logged.order_id = owners.order_id
    where {{ happened('logged.occurred_at') }} and not coalesce(owners.is_test, false)

)

select * from final
