{{ config(materialized='ephemeral') }}
-- Movements of touched skus, and which of them count. What was agreed to in the house counts once:
-- the warehouse's booking of it carries our number as its reference and only says that it was booked.
with

moves as (

    select *,
        case
            when movement_type in ('adjust', 'count_gain', 'count_loss', 'scrap') then 'adjust'
            else movement_type
        end as booking_kind
    from {{ ref('stg_stock_movements') }}
    where {{ touched('sku', 'skus') }}

),

-- Where nobody entered a receipt, the warehouse's own is the receipt. What was given up on the way
-- is no receipt, and no warehouse books it.
own as (

    select distinct reference, sku, booking_kind
    from moves
    where source = 'ledger' and coalesce(reason, '') <> 'lost_in_transit'

)

select
    moves.*,
    moves.source = 'ledger' or own.reference is null as is_counted
from moves
left join own
    on moves.reference = own.reference
    and moves.sku = own.sku
    and moves.booking_kind = own.booking_kind
