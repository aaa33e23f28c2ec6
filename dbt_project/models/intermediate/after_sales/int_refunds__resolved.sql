-- One row per step of a refund (new, or of a touched order), with the order and the case it is for.
-- A channel states its refunds without the case: a return's refund belongs to the only return the
-- order has. Read by the log, the refunds and the reconciliations.
{%- set columns = lineage_columns() + ['refund_id', 'order_id', 'line_id', 'case_id',
    'refund_status', 'refunded_at', 'amount', 'currency_code', 'refund_kind', 'reason', 'sku',
    'quantity', 'is_restocked', 'buyer_id', 'provider', 'provider_refund_id', 'refunded_known_at',
    'valued_known_at'] %}
with

asked as (

    select refund_id
    from {{ ref('stg_refunds') }}
    {% if not is_full() -%}
    where refund_id in {{ new_keys('refunds', 'refund_id') }}
        or {{ touched('order_id') }}
        or case_id in (
            select case_id from {{ ref('stg_after_sales') }} where {{ touched('order_id') }}
        )
    {%- endif %}
    group by refund_id

),

told as (

    select {{ columns | join(', ') }}
    from {{ ref('stg_refunds') }}
    where refund_id in (select refund_id from asked)
    union all
    select {{ columns | join(', ') }}
    from {{ ref('int_refunds__decided') }}

),

refunds as (

    select
        *,
        max(order_id) over (partition by refund_id) as stated_order_id,
        max(case_id) over (partition by refund_id) as stated_case_id,
        max(refund_kind) over (partition by refund_id) as stated_refund_kind
    from told

),

cases as (

    select
        case_id,
        min(order_id) as order_id,
        {{ first_by('case_kind', ['case_kind is null', 'event_at', 'record_key']) }} as case_kind
    from {{ ref('stg_after_sales') }}
    {% if not is_full() -%}
    where case_id in (
        select case_id from {{ ref('stg_after_sales') }} where {{ touched('order_id') }}
        union
        select stated_case_id from refunds
    )
    {%- endif %}
    group by case_id

),

only_returns as (

    select order_id, min(case_id) as case_id
    from cases
    where coalesce(case_kind, 'return') = 'return'
    group by order_id
    having count(*) = 1

)

select
    refunds.*,
    coalesce(refunds.stated_order_id, cases.order_id) as resolved_order_id,
    coalesce(
        refunds.stated_case_id,
        case when refunds.stated_refund_kind = 'return' then only_returns.case_id end
    ) as resolved_case_id
from refunds
left join cases on refunds.stated_case_id = cases.case_id
left join only_returns on refunds.stated_order_id = only_returns.order_id
