{{ config(materialized='ephemeral') }}
-- One row per order with a phone, address or account that somebody put on a list before it came in.
-- Who was let off the list later, or is trusted, is not on it.
with

keys as (

    select orders.order_id, entries.entered_at, 'phone' as index_kind,
        orders.buyer_phone_index as index_value
    from {{ ref('int_orders__priced') }} as orders
    inner join {{ ref('int_orders__entries') }} as entries on orders.order_id = entries.order_id
    where orders.is_reviewed and orders.buyer_phone_index is not null
    union all
    select orders.order_id, entries.entered_at, 'address' as index_kind,
        orders.ship_address_index as index_value
    from {{ ref('int_orders__priced') }} as orders
    inner join {{ ref('int_orders__entries') }} as entries on orders.order_id = entries.order_id
    where orders.is_reviewed and orders.ship_address_index is not null
    union all
    select orders.order_id, entries.entered_at, 'account' as index_kind,
        orders.channel || '|' || orders.buyer_id as index_value
    from {{ ref('int_orders__priced') }} as orders
    inner join {{ ref('int_orders__entries') }} as entries on orders.order_id = entries.order_id
    where orders.is_reviewed and orders.buyer_id is not null

),

matched as (

    select keys.order_id, entries.list_kind, entries.entry_id
    from keys
    inner join {{ ref('int_risks__listed') }} as entries
        on keys.index_kind = entries.index_kind
        and keys.index_value = entries.index_value
        and keys.entered_at >= entries.valid_from
        and (entries.valid_to is null or keys.entered_at < entries.valid_to)

),

final as (

    select
        order_id,
        case when count(*) filter (where list_kind = 'white') = 0
            then nullif(count(distinct case when list_kind = 'black' then entry_id end), 0)
        end as risk_list_count,
        nullif(count(distinct case when list_kind = 'undeliverable' then entry_id end), 0)
            as undeliverable_list_count
    from matched
    group by order_id

)

select * from final
