{{ config(meta={'touched': 'orders'}) }}
-- Ciphertexts of the newest version of each order, for a person with the right to reveal one.
with

winners as (

    select record_key, order_id, file_id, row_number, buyer_id, buyer_phone_index
    from {{ ref('stg_orders') }}
    where {{ touched('order_id') }}

),

records as (

    select
        winners.order_id,
        coalesce(winners.buyer_phone_index, winners.buyer_id) as subject_id,
        records.buyer_name_cipher,
        records.buyer_phone_cipher,
        records.ship_address_cipher,
        records.buyer_remark_cipher,
        records.seller_remark_cipher
    from winners
    inner join {{ source('records', 'orders') }} as records
        on winners.record_key = records.record_key
        and winners.file_id = records.file_id
        and winners.row_number = records.row_number
    where records.{{ visible_records() }}

),

final as (

    {% for name in ['buyer_name', 'buyer_phone', 'ship_address', 'buyer_remark',
        'seller_remark'] -%}
    select order_id, '{{ name }}' as column_name, {{ name }}_cipher as cipher, subject_id
    from records
    where {{ name }}_cipher is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from final
