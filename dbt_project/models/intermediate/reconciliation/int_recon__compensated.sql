{{ config(materialized='ephemeral') }}
-- RC9: the compensation agreed in a case against what was paid for it. Whom it is charged to is the
-- split of the agreed sum, which adds up by itself.
with

agreed as (

    select case_id, min(event_at) as agreed_at, max(valued_known_at) as known_at
    from {{ steps_that_stand() }}
    where case_step = 'compensation_agreed'
    group by case_id

)

select
    {{ recon_side('RC9', 'left', {
        'item_id': 'cases.case_id', 'match_key': 'cases.case_id',
        'currency_code': 'cases.currency_code', 'amount': 'cases.compensation_amount',
        'item_at': 'agreed.agreed_at', 'order_id': 'cases.order_id', 'channel': 'cases.channel',
        'shop_id': 'cases.shop_id', 'party': 'cases.supplier_id',
        'is_due': 'cast(null as boolean)', 'known_at': 'agreed.known_at'}) }}
from {{ ref('fct_after_sales_cases') }} as cases
inner join agreed on cases.case_id = agreed.case_id
union all
select
    {{ recon_side('RC9', 'right', {
        'item_id': 'refunds.refund_id',
        'match_key': 'coalesce(refunds.case_id, refunds.refund_id)',
        'currency_code': 'refunds.currency_code', 'amount': 'refunds.amount',
        'item_at': 'refunds.succeeded_at', 'order_id': 'refunds.order_id',
        'shop_id': 'refunds.shop_id', 'party': 'refunds.provider',
        'known_at': 'told.known_at'}) }}
from {{ ref('fct_refunds') }} as refunds
left join {{ ref('int_refunds__told') }} as told on refunds.refund_id = told.refund_id
where refund_status = 'succeeded' and refund_kind = 'compensation'
