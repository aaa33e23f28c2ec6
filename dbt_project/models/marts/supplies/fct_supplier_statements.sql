{{ config(meta={'touched': 'all'}) }}
with

steps as (

    select
        *,
        case verb when 'statement_draft' then 1 when 'statement_submit' then 2
            when 'statement_pay' then 4 else 3 end as verb_rank
    from {{ ref('stg_decisions') }}
    where entity_type = 'statement' and verb in ('statement_draft', 'statement_submit',
        'statement_approve', 'statement_reject', 'statement_pay')

),

{%- set moment = ['decided_at', 'coalesce(source_sequence, 0)', 'verb_rank', 'decision_id'] %}

folded as (

    select
        entity_id as statement_id,
        {{ last_by('verb', moment) }} as last_verb,
        {{ last_by('decision_id', ["verb = 'statement_draft'"] + moment) }} as draft_decision_id,
        min(decided_at) as created_at,
        {{ first_by('actor_id', moment) }} as created_by,
        max(case when verb = 'statement_draft' then decided_at end) as drafted_at,
        max(case when verb = 'statement_submit' then decided_at end) as submitted_at,
        max(case when verb in ('statement_approve', 'statement_reject') then decided_at end)
            as decided_at,
        {{ last_by('actor_id', ["verb in ('statement_approve', 'statement_reject')"] + moment) }}
            as decided_by,
        max(case when verb = 'statement_pay' then decided_at end) as paid_at,
        count(*) filter (where verb = 'statement_reject') as reject_count
    from steps
    group by entity_id

),

lines as (

    select
        decision_id,
        sum(amount) as total_amount,
        count(*) as line_count
    from {{ ref('stg_statement_lines') }}
    group by decision_id

),

-- A draft emptied of its lines is still somebody's.
owners as (

    select
        statement_id,
        min(supplier_id) as supplier_id,
        min(currency_code) as currency_code
    from {{ ref('stg_statement_lines') }}
    group by statement_id

),

final as (

    select
        folded.statement_id,
        owners.supplier_id,
        owners.currency_code,
        case folded.last_verb when 'statement_draft' then 'draft'
            when 'statement_submit' then 'submitted' when 'statement_approve' then 'approved'
            when 'statement_reject' then 'rejected' else 'paid' end as statement_status,
        cast(coalesce(lines.line_count, 0) as bigint) as line_count,
        cast(coalesce(lines.total_amount, 0) as decimal(18, 4)) as total_amount,
        folded.created_at,
        folded.created_by,
        folded.drafted_at,
        case when folded.last_verb <> 'statement_draft' then folded.submitted_at end
            as submitted_at,
        case when folded.last_verb not in ('statement_draft', 'statement_submit')
            then folded.decided_at end as decided_at,
        case when folded.last_verb not in ('statement_draft', 'statement_submit')
            then folded.decided_by end as decided_by,
        folded.paid_at,
        folded.reject_count,
        folded.draft_decision_id
    from folded
    left join lines on folded.draft_decision_id = lines.decision_id
    left join owners on folded.statement_id = owners.statement_id

)

select * from final
