{{ config(materialized='ephemeral') }}
-- One row per entry of the risk lists and blind index it names: what the lists say, and what people
-- decided about the buyer of an order.
{%- set lists = {'blacklist_add': 'black', 'whitelist_add': 'white'} %}
with

decided as (

    select
        decisions.decision_id as entry_id,
        case decisions.verb
            {%- for verb, list_kind in lists.items() %}
            when '{{ verb }}' then '{{ list_kind }}'
            {%- endfor %}
        end as list_kind,
        orders.buyer_phone_index as phone_index,
        orders.ship_address_index as address_index,
        orders.channel || '|' || orders.buyer_id as account_index,
        decisions.decided_at as valid_from,
        cast(null as timestamp) as valid_to
    from {{ ref('stg_decisions') }} as decisions
    inner join {{ ref('stg_orders') }} as orders on decisions.order_id = orders.order_id
    where decisions.verb in ('{{ lists.keys() | join("', '") }}')
        and not exists (
            select 1 from {{ ref('stg_decisions') }} as undo
            where undo.undoes_decision_id = decisions.decision_id
        )

),

entries as (

    select
        entry_id,
        list_kind,
        phone_index,
        address_index,
        buyer_channel || '|' || buyer_id as account_index,
        valid_from,
        valid_to
    from {{ ref('stg_risk_entries') }}
    union all
    select * from decided

)

{% for kind in ['phone', 'address', 'account'] -%}
select
    entry_id,
    list_kind,
    '{{ kind }}' as index_kind,
    {{ kind }}_index as index_value,
    valid_from,
    valid_to
from entries
where {{ kind }}_index is not null
{{ 'union all' if not loop.last }}
{% endfor %}
