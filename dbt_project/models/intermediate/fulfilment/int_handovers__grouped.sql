{{ config(materialized='ephemeral') }}
-- One row per order and waybill the warehouse or a supplier speaks of. A handover stated both as
-- handed_over and as supplier_shipped is one: its quantity is the larger statement, not the sum.
with

ranked as (

    select
        *,
        event_code in ('handed_over', 'supplier_shipped') as is_handover,
        row_number() over (
            partition by order_id, tracking_number
            order by
                case when event_code in ('handed_over', 'supplier_shipped') then 0 else 1 end,
                event_at, record_key
        ) as statement_rank
    from {{ ref('stg_fulfilment_events') }}
    where {{ touched('order_id') }}
        and (
            event_code in ('handed_over', 'supplier_shipped')
            or (event_code in ('labelled', 'packed') and tracking_number is not null)
        )

),

quantities as (

    select order_id, tracking_number, event_code, sum(quantity) as quantity
    from ranked
    where is_handover
    group by order_id, tracking_number, event_code

),

largest as (

    select order_id, tracking_number, max(quantity) as quantity
    from quantities
    group by order_id, tracking_number

),

grouped as (

    select
        order_id,
        tracking_number,
        max(carrier) as carrier,
        max(warehouse_id) as warehouse_id,
        max(case when event_code = 'supplier_shipped' then coalesce(supplier_id, '') end) as supplier_id,
        max(insured_amount) as insured_amount,
        max(case when insured_amount is not null then currency_code end) as insured_currency_code,
        min(case when is_handover then event_at end) as handed_over_at,
        min(case when not is_handover then event_at end) as labelled_at,
        {% for column in lineage_columns() -%}
        max(case when statement_rank = 1 then {{ column }} end) as {{ column }},
        {% endfor -%}
        max(case when statement_rank = 1 then event_known_at end) as known_at
    from ranked
    group by order_id, tracking_number

),

final as (

    select grouped.*, largest.quantity
    from grouped
    left join largest
        on grouped.order_id = largest.order_id
        and grouped.tracking_number is not distinct from largest.tracking_number

)

select * from final
