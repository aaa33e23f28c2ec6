-- One row per step of a refund (new, or of a touched order), with the order and the case it is for.
-- A channel states its refunds without the case: a return's refund belongs to the only return the
-- order has. What was decided here is a step of the source's refund that carries its number. Read by
-- the log, the refunds and the reconciliations.
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

    select {{ columns | join(', ') }}, request_number, is_time_stated
    from {{ ref('stg_refunds') }}
    where refund_id in (select refund_id from asked)
    union all
    select {{ columns | join(', ') }}, cast(null as {{ type_text() }}) as request_number,
        true as is_time_stated
    from {{ ref('int_refunds__decided') }}

),

{{ refund_twins() }},

identified as (

    select
        told.*,
        coalesce(twins.twin_id, told.refund_id) as resolved_refund_id,
        told.source <> 'ledger' or told.request_number is null as is_told
    from told
    left join twins
        on told.refund_id = twins.request_number and told.order_id = twins.order_id

),

refunds as (

    select
        *,
        max(order_id) over (partition by resolved_refund_id) as stated_order_id,
        max(case_id) over (partition by resolved_refund_id) as stated_case_id,
        -- The source's word for it, where it has one.
        coalesce(
            max(case when is_told then refund_kind end) over (partition by resolved_refund_id),
            max(refund_kind) over (partition by resolved_refund_id)
        ) as stated_refund_kind
    from identified

),

-- The ledger is no shop: what was decided here is a refund of the order's.
shops as (

    select order_id, channel, shop_id
    from {{ ref('stg_orders') }}
    where order_id in (select order_id from refunds where not is_told)

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
    coalesce(shops.channel, refunds.channel) as resolved_channel,
    coalesce(shops.shop_id, refunds.shop_id) as resolved_shop_id,
    coalesce(refunds.stated_order_id, cases.order_id) as resolved_order_id,
    coalesce(
        refunds.stated_case_id,
        case when refunds.stated_refund_kind = 'return' then only_returns.case_id end
    ) as resolved_case_id
from refunds
left join cases on refunds.stated_case_id = cases.case_id
left join only_returns on refunds.stated_order_id = only_returns.order_id
left join shops on refunds.order_id = shops.order_id and not refunds.is_told
