-- One row per receipt of returned goods (of touched orders, or of none), with the case it belongs to:
-- the one it names, else the one whose waybill brought it, else the only one its order has.
-- Read by the log of orders, the log of other things, the cases and two queues.
with

cases as (

    select
        case_id,
        min(order_id) as order_id,
        {{ first_by('case_kind', ['case_kind is null', 'event_at', 'record_key']) }} as case_kind,
        min(case when case_step = 'requested' then event_at end) as requested_at,
        min(return_tracking_number) as tracking_number,
        min(case when return_tracking_number is not null then event_at end) as tracking_at
    from {{ ref('stg_after_sales') }}
    {% if not is_full() -%}
    where case_id in (
        select case_id from {{ ref('stg_after_sales') }}
        where {{ touched('order_id') }}
            or return_tracking_number in (
                select tracking_number from {{ ref('stg_return_receipts') }}
                where order_id is null or {{ touched('order_id') }}
            )
        union
        select case_id from {{ ref('stg_return_receipts') }}
        where order_id is null or {{ touched('order_id') }}
    )
    {%- endif %}
    group by case_id

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
    from {{ ref('stg_return_receipts') }} as receipts
    {% if not is_full() -%}
    where {{ touched('receipts.order_id') }}
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
        coalesce(named.case_id, waybills.case_id, only_cases.case_id) as matched_case_id,
        case
            when named.case_id is not null then greatest(
                named.requested_at,
                case when receipts.named_known_at > receipts.received_known_at
                    then receipts.named_known_at else receipts.received_at end)
            when waybills.case_id is not null then waybills.tracking_at
            else only_cases.requested_at
        end as matched_at
    from receipts
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
