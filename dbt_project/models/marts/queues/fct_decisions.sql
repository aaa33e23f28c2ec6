{{ config(meta={'new_keys': {'decision_id': 'decisions'}}) }}
select
    decision_id,
    verb,
    decided_at,
    queue_code,
    item_id,
    entity_type,
    entity_id,
    order_id,
    actor_id,
    actor_role,
    reason_code,
    undoes_decision_id
from {{ ref('stg_decisions') }}
{%- if not is_full() %}
where decision_id in {{ new_keys('decisions', 'decision_id') }}
{%- endif %}
