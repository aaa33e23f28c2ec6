{{ config(meta={'touched': 'all'}) }}
with

owed as (

    select
        supplier_id,
        coalesce(currency_code, '') as currency_code,
        sum(case when line_kind = 'shipment' then amount else 0 end) as shipped_amount,
        sum(case when line_kind = 'return' then -amount else 0 end) as returned_amount,
        sum(case when line_kind = 'compensation' then -amount else 0 end) as compensation_amount,
        sum(case when line_status = 'unreconciled' then amount else 0 end) as unreconciled_amount,
        count(*) filter (where line_status = 'unreconciled') as unreconciled_count,
        min(case when line_status = 'unreconciled' and line_kind = 'shipment' then owed_at end)
            as oldest_unreconciled_at
    from {{ ref('fct_supplier_lines') }}
    group by supplier_id, coalesce(currency_code, '')

),

stated as (

    select
        supplier_id,
        coalesce(currency_code, '') as currency_code,
        sum(case when statement_status in ('approved', 'paid') then total_amount else 0 end)
            as reconciled_amount,
        sum(case when statement_status in ('draft', 'submitted') then total_amount else 0 end)
            as in_statement_amount,
        sum(case when statement_status = 'paid' then total_amount else 0 end) as paid_amount
    from {{ ref('fct_supplier_statements') }}
    where supplier_id is not null
    group by supplier_id, coalesce(currency_code, '')

),

joined as (

    select
        coalesce(owed.supplier_id, stated.supplier_id) as supplier_id,
        coalesce(owed.currency_code, stated.currency_code) as currency_code,
        owed.oldest_unreconciled_at,
        {%- for name in ['shipped', 'returned', 'compensation', 'unreconciled'] %}
        coalesce(owed.{{ name }}_amount, 0) as {{ name }}_amount,
        {%- endfor %}
        {%- for name in ['reconciled', 'in_statement', 'paid'] %}
        coalesce(stated.{{ name }}_amount, 0) as {{ name }}_amount,
        {%- endfor %}
        coalesce(owed.unreconciled_count, 0) as unreconciled_count
    from owed
    full outer join stated
        on owed.supplier_id = stated.supplier_id and owed.currency_code = stated.currency_code

),

final as (

    select
        supplier_id,
        currency_code,
        {%- for name in ['shipped', 'returned', 'compensation', 'reconciled', 'in_statement',
            'paid', 'unreconciled'] %}
        cast({{ name }}_amount as decimal(18, 4)) as {{ name }}_amount,
        {%- endfor %}
        cast(shipped_amount - returned_amount - compensation_amount - reconciled_amount
            as decimal(18, 4)) as remaining_amount,
        cast(unreconciled_count as bigint) as unreconciled_count,
        oldest_unreconciled_at
    from joined

)

select * from final
