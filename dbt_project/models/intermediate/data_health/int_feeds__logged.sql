{{ config(materialized='ephemeral') }}
-- A file of a feed arrived: the feed is what one system sends of one shop in one layout.
with

loads as (

    select
        *,
        load_id as record_key,
        cast(null as {{ type_text() }}) as channel,
        cast(null as timestamp) as observed_at,
        cast(null as bigint) as row_number,
        cast(null as bigint) as byte_from,
        cast(null as bigint) as byte_to
    from {{ source('ops', 'loads') }}
    where {{ visible_records() }}

)

select
    {{ logged("'FEED_RECEIVED'", 'received_at', 'finished_at', "'feed'",
        "source || '/' || shop_id || '/' || coalesce(layout, '?')", {
            'order_id': 'null', 'quantity': 'records_read', 'actor_type': "'system'",
            'detail_code': 'layout'}) }}
from loads
