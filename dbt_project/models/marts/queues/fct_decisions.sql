{{ config(meta={'new_keys': {'decision_id': 'decisions'}}) }}
select
    decisions.decision_id,
    decisions.verb,
    effects.effect_code,
    decisions.decided_at,
    decisions.queue_code,
    decisions.item_id,
    decisions.entity_type,
    decisions.entity_id,
    decisions.order_id,
    decisions.actor_id,
    decisions.actor_role,
    decisions.reason_code,
    decisions.undoes_decision_id
from {{ ref('stg_decisions') }} as decisions
left join {{ ref('decision_effects') }} as effects on decisions.verb = effects.verb
-- How a message about a decision ended is nobody's decision.
where decisions.verb not in ('delivery_answered', 'delivery_given_up', 'delivery_superseded')
{%- if not is_full() %}
    and decisions.decision_id in {{ new_keys('decisions', 'decision_id') }}
{%- endif %}
