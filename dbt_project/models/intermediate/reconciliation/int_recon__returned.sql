{{ config(materialized='ephemeral') }}
-- RC8: the paid share of the goods that came back for a case against what was refunded for it. Goods
-- count by what inspection passed, before it by what arrived. A ruling may leave the goods with the
-- buyer.
with

cases as (

    select
        *,
        received_quantity > 0 as has_goods,
        case when inspected_at is null then received_quantity else passed_quantity end
            as good_quantity
    from {{ ref('fct_after_sales_cases') }}
    where case_kind = 'return'
        and not (arbitrated_at is not null and received_quantity = 0)
        and {{ touched('order_id') }}

),

receipts as (

    select case_id, max(ingested_at) as known_at
    from {{ order_log() }}
    where event_type in ('RETURN_RECEIVED', 'QC_PASSED', 'QC_FAILED')
    group by case_id

)

select
    {{ recon_side('RC8', 'left', {
        'item_id': 'cases.case_id', 'match_key': 'cases.case_id', 'currency_code': 'currency_code',
        'amount': 'case when requested_quantity > 0 then round(requested_amount
            * least(good_quantity, requested_quantity) / requested_quantity, 2)
            when good_quantity > 0 then requested_amount else 0 end',
        'item_at': 'coalesce(inspected_at, received_at)', 'order_id': 'order_id',
        'channel': 'channel', 'shop_id': 'shop_id',
        'is_due': 'case when inspected_at is null then false end',
        'known_at': 'receipts.known_at'}) }}
from cases
left join receipts on cases.case_id = receipts.case_id
where has_goods and requested_amount is not null
union all
select
    {{ recon_side('RC8', 'right', {
        'item_id': 'refunds.refund_id', 'match_key': 'cases.case_id',
        'currency_code': 'cases.currency_code', 'amount': 'refunds.amount',
        'item_at': 'refunds.succeeded_at', 'order_id': 'cases.order_id',
        'channel': 'cases.channel', 'shop_id': 'cases.shop_id', 'party': 'refunds.provider',
        'is_due': 'cast(null as boolean)', 'known_at': 'told.known_at'}) }}
from {{ ref('fct_refunds') }} as refunds
left join {{ ref('int_refunds__told') }} as told on refunds.refund_id = told.refund_id
inner join cases on refunds.case_id = cases.case_id
where refunds.refund_status = 'succeeded'
    and coalesce(refunds.refund_kind, '') <> 'compensation'
    and cases.requested_amount is not null
