{{ config(materialized='ephemeral') }}
-- A submitted statement waits for the supervisor. Waiting and being put right keep numbers of their own.
select
    {{ condition('Q34', {
        'entity_id': 'clocks.entity_id', 'episode_number': 'clocks.episode_number * 2 - 1',
        'opened_at': 'clocks.started_at', 'closed_at': 'clocks._ended_at',
        'due_at': 'clocks.due_at', 'at_risk_amount': 'statements.total_amount',
        'currency_code': 'statements.currency_code',
        'evidence_event_id': 'clocks.start_event_id', 'started_at': 'clocks.started_at',
        'facts': facts([
            ["'statement_problem'", "('to_approve')", 'null', 'null'],
            ["'supplier_id'", 'statements.supplier_id', 'null', 'null'],
            ["'line_count'", 'statements.line_count', 'null', 'null']])}) }}
from {{ ref('fct_sla_clocks') }} as clocks
inner join {{ ref('fct_supplier_statements') }} as statements
    on clocks.entity_id = statements.statement_id
where clocks.sla_code = 'S35'
