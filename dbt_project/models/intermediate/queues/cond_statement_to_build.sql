{{ config(materialized='ephemeral') }}
-- What a supplier shipped in a month, or has to bear of compensation, is in no statement some days after
-- the month has ended. Goods that came back go with the next of these.
with

lines as (

    select
        *,
        {{ reporting_date('owed_at') }} as owed_date
    from {{ ref('fct_supplier_lines') }}
    where line_kind in ('shipment', 'compensation')

),

months as (

    select
        supplier_id,
        coalesce(currency_code, '') as currency_code,
        last_day(owed_date) as month_end_date,
        count(*) filter (where line_status = 'unreconciled') as open_count,
        sum(case when line_status = 'unreconciled' then amount else 0 end) as open_amount,
        sum(amount) as month_amount,
        max(held_at) as held_at
    from lines
    group by supplier_id, coalesce(currency_code, ''), last_day(owed_date)

),

dated as (

    select
        *,
        substr(cast(month_end_date as {{ type_text() }}), 1, 7) as month_code,
        {{ day_end('month_end_date', threshold('statement_build_days')) }} as due_from_at,
        case when open_count = 0 then held_at end as built_at
    from months

)

select
    {{ condition('Q34', {
        'entity_type': "('supplier_month')",
        'entity_id': "supplier_id || '|' || currency_code || '|' || month_code",
        'opened_at': 'due_from_at', 'closed_at': 'built_at',
        'at_risk_amount': 'case when open_count > 0 then open_amount else month_amount end',
        'currency_code': 'currency_code',
        'facts': facts([
            ["'statement_problem'", "('to_build')", 'null', 'null'],
            ["'supplier_id'", 'supplier_id', 'null', 'null'],
            ["'month'", 'month_code', 'null', 'null'],
            ["'unreconciled_count'", 'open_count', "'<='", "'0'"]])}) }}
from dated
where built_at is null or built_at > due_from_at
