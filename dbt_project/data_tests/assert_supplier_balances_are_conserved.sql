-- What remains of a supplier is the sum of its lines less the lines of its approved statements, and a
-- line is in at most one statement that holds it.
with

lines as (

    select supplier_id, coalesce(currency_code, '') as currency_code, sum(amount) as amount
    from {{ ref('fct_supplier_lines') }}
    group by supplier_id, coalesce(currency_code, '')

),

chosen as (

    select
        stated.line_id,
        stated.supplier_id,
        coalesce(stated.currency_code, '') as currency_code,
        stated.amount,
        statements.statement_status
    from {{ ref('stg_statement_lines') }} as stated
    inner join {{ ref('fct_supplier_statements') }} as statements
        on stated.decision_id = statements.draft_decision_id

),

reconciled as (

    select supplier_id, currency_code, sum(amount) as amount
    from chosen
    where statement_status in ('approved', 'paid')
    group by supplier_id, currency_code

)

select balances.supplier_id || balances.currency_code as broken
from {{ ref('agg_supplier_balances') }} as balances
left join lines
    on balances.supplier_id = lines.supplier_id and balances.currency_code = lines.currency_code
left join reconciled
    on balances.supplier_id = reconciled.supplier_id
    and balances.currency_code = reconciled.currency_code
where balances.remaining_amount <> coalesce(lines.amount, 0) - coalesce(reconciled.amount, 0)
union all
select line_id
from chosen
where statement_status <> 'rejected'
group by line_id
having count(*) > 1
