{{ config(materialized='ephemeral') }}
-- A stock alert was raised and nobody handled it in time.
select
    {{ condition('Q13', {
        'entity_id': 'clocks.entity_id', 'episode_number': 'clocks.episode_number',
        'opened_at': 'clocks.due_at', 'closed_at': 'clocks._ended_at', 'due_at': 'clocks.due_at',
        'evidence_event_id': 'clocks.start_event_id', 'started_at': 'clocks.started_at',
        'facts': facts([["'budget_minutes'", 'clocks.budget_minutes', "'<'",
            'clocks.budget_minutes']])}) }}
from {{ ref('fct_sla_clocks') }} as clocks
where clocks.sla_code = 'S32'
    and clocks.due_at is not null
    and (clocks._ended_at is null or clocks._ended_at > clocks.due_at)
