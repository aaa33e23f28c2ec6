{{ config(materialized='ephemeral') }}
-- A rejected statement waits to be put right; what a supplier states is not what we have.
with

turns as (

    select
        entity_id,
        event_type,
        event_id,
        occurred_at,
        lead(occurred_at) over (
            partition by entity_id order by occurred_at, event_rank, event_id
        ) as next_at
    from {{ ref('fct_entity_events') }}
    where entity_type = 'statement'

),

rejected as (

    select *, row_number() over (partition by entity_id order by occurred_at, event_id) as turn
    from turns
    where event_type = 'SUPPLIER_STATEMENT_REJECTED'

)

select
    {{ condition('Q34', {
        'entity_id': 'rejected.entity_id', 'episode_number': 'rejected.turn * 2',
        'opened_at': 'rejected.occurred_at', 'closed_at': 'rejected.next_at',
        'at_risk_amount': 'statements.total_amount', 'currency_code': 'statements.currency_code',
        'evidence_event_id': 'rejected.event_id',
        'facts': facts([
            ["'statement_problem'", "('rejected')", 'null', 'null'],
            ["'supplier_id'", 'statements.supplier_id', 'null', 'null'],
            ["'line_count'", 'statements.line_count', 'null', 'null']])}) }}
from rejected
inner join {{ ref('fct_supplier_statements') }} as statements
    on rejected.entity_id = statements.statement_id
union all
select
    {{ condition('Q34', {
        'entity_type': "('recon_break')", 'entity_id': 'breaks.break_id',
        'order_id': 'breaks.order_id', 'shop_id': 'breaks.shop_id',
        'opened_at': 'breaks.opened_at', 'at_risk_amount': 'abs(breaks.difference_amount)',
        'currency_code': 'breaks.currency_code',
        'facts': facts([
            ["'statement_problem'", "('disputed')", 'null', 'null'],
            ["'supplier_id'", 'breaks.party', 'null', 'null'],
            ["'break_type'", 'breaks.break_type', "'='", "'MATCHED'"],
            ["'left_amount'", 'breaks.left_amount', "'='", 'breaks.right_amount'],
            ["'right_amount'", 'breaks.right_amount', "'='", 'breaks.left_amount'],
            ["'match_key'", 'breaks.match_key', 'null', 'null']])}) }}
from {{ ref('fct_recon_breaks') }} as breaks
where breaks.recon_code = 'RC10' and breaks.break_type not in ('ROUNDING', 'TIMING')
