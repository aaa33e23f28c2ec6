{{ config(meta={'touched': 'orders'}) }}
{%- set moments = {
    'requested': 'AS_REQUESTED', 'approved': 'AS_APPROVED', 'rejected': 'AS_REJECTED',
    'withdrawn': 'AS_WITHDRAWN', 'return_shipped': 'RETURN_SHIPPED', 'received': 'RETURN_RECEIVED',
    'exchange_shipped': 'EXCHANGE_SHIPPED', 'repaired': 'REPAIR_DONE',
    'intervened': 'PLATFORM_INTERVENED', 'arbitrated': 'ARBITRATED'} %}
with

events as (

    select *, {{ case_code() }} as case_code
    from {{ order_log() }}
    where case_id is not null

),

folded as (

    select
        case_id,
        min(order_id) as order_id,
        max({{ mark('case when case_code < 11 then case_code end') }}) as open_case_mark,
        {%- for name, event_type in moments.items() %}
        min(case when event_type = '{{ event_type }}' then occurred_at end) as {{ name }}_at,
        {%- endfor %}
        min(case when event_type in ('QC_PASSED', 'QC_FAILED') then occurred_at end)
            as inspected_at,
        min(case when event_type = 'REFUND_SUCCEEDED' then occurred_at end) as refunded_at,
        min(case when _case_delta = -1 then occurred_at end) as closed_at,
        min(case when _case_delta = -1 and event_type = 'AS_REJECTED' then 'REJECTED'
            when _case_delta = -1 and event_type = 'AS_WITHDRAWN' then 'WITHDRAWN' end)
            as end_status,
        {{ last_by('actor_id', ["actor_type = 'staff' and actor_id is not null", 'occurred_at',
            'event_rank', 'event_id']) }} as handler_id,
        sum(case when event_type = 'AS_REQUESTED' then quantity end) as requested_quantity,
        sum(case when event_type = 'RETURN_RECEIVED' then quantity end) as received_quantity,
        sum(case when event_type = 'QC_PASSED' then quantity end) as passed_quantity,
        sum(case when event_type = 'QC_FAILED' then quantity end) as failed_quantity,
        sum(case when event_type = 'REFUND_SUCCEEDED' then amount end) as refunded_amount,
        sum(case when event_type = 'COMPENSATION_PAID' then amount end)
            as compensation_paid_amount,
        max(channel) as channel,
        max(shop_id) as shop_id
    from events
    group by case_id

),

desk as (

    select * from {{ ref('int_cases__described') }}

),

final as (

    select
        folded.case_id,
        folded.order_id,
        folded.channel,
        folded.shop_id,
        coalesce(desk.case_kind, 'return') as case_kind,
        case
            when folded.closed_at is not null then coalesce(folded.end_status, 'CLOSED_OK')
            else {{ case_status(mark_code('folded.open_case_mark')) }}
        end as case_status,
        desk.line_id,
        desk.sku,
        desk.supplier_id,
        folded.handler_id,
        desk.reason,
        desk.liable_party,
        desk.return_carrier,
        desk.return_tracking_number,
        desk.currency_code,
        cast(desk.requested_amount as decimal(18, 4)) as requested_amount,
        cast(folded.refunded_amount as decimal(18, 4)) as refunded_amount,
        -- The parts make the total, whatever total the desk wrote beside them.
        cast(desk.supplier_amount as decimal(18, 4)) as supplier_amount,
        cast(desk.ecom_amount as decimal(18, 4)) as ecom_amount,
        cast(desk.platform_amount as decimal(18, 4)) as platform_amount,
        cast(desk.supplier_amount + desk.ecom_amount + desk.platform_amount as decimal(18, 4))
            as compensation_amount,
        cast(desk.stated_compensation_amount as decimal(18, 4)) as stated_compensation_amount,
        cast(folded.compensation_paid_amount as decimal(18, 4)) as compensation_paid_amount,
        {%- for kind in ['requested', 'received', 'passed', 'failed'] %}
        cast(coalesce(folded.{{ kind }}_quantity, 0) as decimal(18, 4)) as {{ kind }}_quantity,
        {%- endfor %}
        {%- for name in moments %}
        folded.{{ name }}_at,
        {%- endfor %}
        folded.inspected_at,
        folded.refunded_at,
        folded.closed_at,
        desk.file_id as _file_id,
        desk.row_number as _row_number
    from folded
    inner join desk on folded.case_id = desk.case_id

)

select * from final
