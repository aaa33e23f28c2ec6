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
-- How a message about a decision ended is nobody's decision.
where verb not in ('delivery_answered', 'delivery_given_up', 'delivery_superseded')
{%- if not is_full() %}
    and decision_id in {{ new_keys('decisions', 'decision_id') }}
{%- endif %}
