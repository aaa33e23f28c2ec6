-- Keys of payments and bill lines (ours, the provider's) whose reconciliation may have changed.
-- depends_on: {{ ref('int_payments__dated') }} {{ ref('stg_settlement_lines') }}
-- depends_on: {{ ref('int_touched_orders') }} {{ ref('stg_recon_decisions') }}
{% if is_full() %}
select cast(null as {{ type_text() }}) as match_key where false
{% else %}
with

touched_lines as (

    {{ touched_versions('settlement_lines', [
        'settlement_line_id', 'merchant_payment_id', 'provider_payment_id', 'provider',
        'posted_at']) }}

),

first_days as (

    select provider, min(posted_at) as first_posted_at
    from {{ source('records', 'settlement_lines') }}
    where load_seq <= {{ build_window().from_seq }}
    group by provider

),

-- A bill covers days: payments of a day that is billed for the first time are judged anew, and
-- when bills now reach further back, so are the payments between.
billed_days as (

    select distinct
        touched_lines.provider,
        {{ reporting_date('touched_lines.posted_at') }} as billed_date
    from touched_lines

),

reach as (

    select
        billed_days.provider,
        min(billed_days.billed_date) as from_date,
        max({{ reporting_date('first_days.first_posted_at') }}) as known_from_date
    from billed_days
    left join first_days on billed_days.provider = first_days.provider
    group by billed_days.provider

),

stated as (

    select merchant_payment_id as match_key from touched_lines
    union
    select provider_payment_id from touched_lines
    union
    select settlement_line_id from touched_lines
    union
    {{ touched_versions('payments', ['merchant_payment_id']) }}
    union
    {{ touched_versions('payments', ['provider_payment_id']) }}
    union
    {{ touched_versions('recon_decisions', ['match_key']) }}
    union
    select coalesce(merchant_payment_id, provider_payment_id)
    from {{ ref('int_payments__dated') }}
    where order_id in (select order_id from {{ ref('int_touched_orders') }})
    union
    select coalesce(payments.merchant_payment_id, payments.provider_payment_id)
    from {{ ref('int_payments__dated') }} as payments
    inner join billed_days
        on payments.provider = billed_days.provider
        and {{ reporting_date('payments.paid_at') }} = billed_days.billed_date
    union
    select coalesce(payments.merchant_payment_id, payments.provider_payment_id)
    from {{ ref('int_payments__dated') }} as payments
    inner join reach
        on payments.provider = reach.provider
        and {{ reporting_date('payments.paid_at') }} >= reach.from_date
        and (
            reach.known_from_date is null
            or {{ reporting_date('payments.paid_at') }} < reach.known_from_date
        )

),

-- What was decided together holds together.
decided_with as (

    {{ decided_together('match_key', 'stated') }}

),

-- The other number of the same payment names the same bill line.
final as (

    select match_key from stated where match_key is not null
    union
    select match_key from decided_with
    union
    select merchant_payment_id from {{ ref('int_payments__dated') }}
    where merchant_payment_id is not null
        and provider_payment_id in (select match_key from stated where match_key is not null)
    union
    select provider_payment_id from {{ ref('int_payments__dated') }}
    where provider_payment_id is not null
        and merchant_payment_id in (select match_key from stated where match_key is not null)
    union
    select settlement_line_id from {{ ref('stg_settlement_lines') }}
    where order_id in (select order_id from {{ ref('int_touched_orders') }})
        or merchant_payment_id in (select match_key from stated where match_key is not null)
        or provider_payment_id in (select match_key from stated where match_key is not null)

)

select * from final
{% endif %}
