{{ config(materialized='ephemeral') }}
-- What changed in an order between two words of its channel: where it goes, what is bought, how much
-- of it, what was remarked and promised. What a buyer may change is judged while nothing is paid: within the hour, three times, never
-- the address. Later edits are the seller's.
{%- set said = {
    'address': "coalesce(ship_address_index, '')",
    'contact': "coalesce(buyer_phone_index, '') || '|' || coalesce(buyer_name_index, '')",
    'buyer_remark': "coalesce(buyer_remark_index, '')",
    'seller_remark': "coalesce(seller_remark_index, '')",
    'promise': 'cast(promised_at as ' ~ type_text() ~ ')'} %}
with

of_orders as (

    {{ changes_between('orders', said) }}

),

of_lines as (

    {{ changes_between('order_lines', {
        'goods': "coalesce(sku, '')",
        'quantity': 'cast(quantity as ' ~ type_text() ~ ')',
        'price': "coalesce(cast(unit_price_amount as " ~ type_text() ~ "), '')"}) }}

),

edits as (

    select order_id, edited_at, min(known_at) as known_at, min(field) as field,
        'ORDER_ADDRESS_CHANGED' as event_type
    from of_orders
    where field in ('address', 'contact')
    group by order_id, edited_at
    union all
    select order_id, edited_at, min(known_at) as known_at,
        max(field) as field, 'ORDER_EDITED' as event_type
    from of_lines
    group by order_id, edited_at

),

numbered as (

    select
        edits.*,
        row_number() over (
            partition by edits.order_id, edits.event_type order by edits.edited_at
        ) as edit_number
    from edits

),

judged as (

    select
        orders.*,
        numbered.edited_at,
        numbered.known_at as edit_known_at,
        numbered.event_type,
        not orders.is_cod
            and (orders.first_paid_at is null or numbered.edited_at < orders.first_paid_at)
            and orders.reports_payments as is_of_buyer,
        case
            when numbered.event_type = 'ORDER_ADDRESS_CHANGED' then 'buyer_address'
            when numbered.edit_number > {{ threshold('buyer_edits_most') }} then 'too_often'
            when numbered.edited_at > {{ add_minutes(
                'orders.placed_at', threshold('buyer_edit_minutes')) }} then 'too_late'
        end as fault,
        numbered.field
    from numbered
    inner join {{ ref('int_orders__priced') }} as orders on numbered.order_id = orders.order_id

)

select
    {{ logged('event_type', 'edited_at', 'edit_known_at', "'order'", 'order_id', {
        'actor_type': "case when is_of_buyer then 'customer' else 'staff' end",
        'detail_code': 'case when is_of_buyer then coalesce(fault, field) else field end'}) }}
from judged
union all
select
    {{ logged("case remarks.field when 'promise' then 'ETA_CHANGED' else 'ORDER_REMARKED' end",
        'remarks.edited_at', 'remarks.known_at', "'order'", 'remarks.order_id', {
            'actor_type': "case remarks.field when 'buyer_remark' then 'customer'
                when 'promise' then 'platform' else 'staff' end",
            'detail_code': "case when remarks.field <> 'promise' then remarks.field
                when remarks.told > remarks.told_before then 'later' else 'earlier' end"},
        relation='orders') }}
from of_orders as remarks
inner join {{ ref('int_orders__priced') }} as orders on remarks.order_id = orders.order_id
where remarks.field in ('buyer_remark', 'seller_remark', 'promise')
