{{ config(meta={'touched': 'all'}) }}
with

-- A rejected statement lets its lines go.
held as (

    select
        lines.line_id,
        lines.amount,
        statements.statement_id,
        statements.statement_status,
        statements.drafted_at,
        statements.decided_at,
        statements.paid_at,
        row_number() over (
            partition by lines.line_id order by statements.drafted_at, statements.statement_id
        ) as statement_rank
    from {{ ref('stg_statement_lines') }} as lines
    inner join {{ ref('fct_supplier_statements') }} as statements
        on lines.decision_id = statements.draft_decision_id
        and statements.statement_status <> 'rejected'

),

final as (

    select
        owed.line_id,
        owed.line_kind,
        coalesce(owed.supplier_id, products.supplier_id) as supplier_id,
        owed.order_id,
        owed.case_id,
        owed.sku,
        owed.tracking_number,
        owed.shop_id,
        owed.quantity,
        owed.amount,
        owed.currency_code,
        owed.owed_at,
        case when held.statement_id is null then 'unreconciled'
            when held.statement_status in ('approved', 'paid') then 'reconciled'
            else 'in_statement' end as line_status,
        held.statement_id,
        held.amount as stated_amount,
        held.drafted_at as held_at,
        case when held.statement_status in ('approved', 'paid') then held.decided_at end
            as reconciled_at
    from {{ ref('int_supplies__owed') }} as owed
    left join {{ ref('stg_products') }} as products on owed.sku = products.sku
    left join held on owed.line_id = held.line_id and held.statement_rank = 1

)

select * from final where supplier_id is not null
