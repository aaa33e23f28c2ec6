-- One row per receipt of returned goods (of touched orders, or of none), with the case it belongs to:
-- the one people in the app said, the one it names, the one whose waybill brought it, or the only one
-- its order has.
with

cases as (

    select * from {{ ref('int_cases__announced') }}

),

waybills as (

    select
        tracking_number,
        {{ first_by('case_id', ['case_id']) }} as case_id,
        {{ first_by('tracking_at', ['case_id']) }} as tracking_at
    from cases
    where tracking_number is not null
    group by tracking_number

),

only_cases as (

    select order_id, min(case_id) as case_id, min(requested_at) as requested_at
    from cases
    where coalesce(case_kind, 'return') in ('return', 'exchange', 'repair')
    group by order_id
    having count(*) = 1

),

receipts as (

    select receipts.*
    from {{ ref('int_returns__claimed') }} as receipts
    {% if not is_full() -%}
    where {{ touched('receipts.order_id') }}
        or receipts.said_case_id is not null
        or receipts.case_id in (select cases.case_id from cases)
        or receipts.tracking_number in (select waybills.tracking_number from waybills)
        or receipts.order_id is null
    {%- endif %}

),

stated_skus as (

    select case_id, sku
    from {{ ref('stg_after_sales') }}
    where sku is not null and case_id in (select case_id from cases)
    group by case_id, sku

),

case_skus as (

    select case_id from stated_skus group by case_id

),

matched as (

    select
        receipts.*,
        coalesce(
            said.case_id, named.case_id, waybills.case_id, only_cases.case_id
        ) as matched_case_id,
        -- Goods the warehouse took for those of another case, until somebody looked.
        coalesce(named.case_id, waybills.case_id, only_cases.case_id) as first_case_id,
        case
            when said.case_id is not null then greatest(said.requested_at, receipts.said_at)
            when named.case_id is not null then greatest(
                named.requested_at,
                case when receipts.named_known_at > receipts.received_known_at
                    then receipts.named_known_at else receipts.received_at end)
            when waybills.case_id is not null then waybills.tracking_at
            else only_cases.requested_at
        end as matched_at
    from receipts
    left join cases as said on receipts.said_case_id = said.case_id
    left join cases as named on receipts.case_id = named.case_id
    left join waybills on receipts.tracking_number = waybills.tracking_number
    left join only_cases on receipts.order_id = only_cases.order_id

),

final as (

    select
        matched.*,
        coalesce(cases.order_id, matched.order_id) as resolved_order_id,
        cases.case_kind,
        case_skus.case_id is not null and stated_skus.sku is null as is_wrong_item
    from matched
    left join cases on matched.matched_case_id = cases.case_id
    left join case_skus on matched.matched_case_id = case_skus.case_id
    left join stated_skus
        on matched.matched_case_id = stated_skus.case_id and matched.sku = stated_skus.sku

)

select *
from final
where resolved_order_id is null or {{ touched('resolved_order_id') }}
