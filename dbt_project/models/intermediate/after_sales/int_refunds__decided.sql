{{ config(materialized='ephemeral') }}
-- Steps of refunds that were taken in the app: of the refund itself, or of all refunds of a case that
-- were neither paid nor turned down by then. In the shape of the steps that sources tell.
{%- set kept = ['channel', 'shop_id', 'line_id', 'case_id', 'amount', 'currency_code', 'refund_kind', 'sku', 'quantity',
    'is_restocked', 'buyer_id', 'provider', 'provider_refund_id'] %}
with

decided as (

    select stated.*, codes.record_code as refund_status
    from {{ ref('int_decisions__stated') }} as stated
    inner join {{ ref('event_codes') }} as codes
        on codes.record_stream = 'refunds' and stated.event_type = codes.event_type
    where stated.event_entity_type = 'refund'

),

refunds as (

    select
        refund_id,
        {% for column in kept -%}
        {{ last_by(column, [column ~ ' is not null', 'refunded_at', 'record_key']) }}
            as {{ column }},
        {% endfor -%}
        min(refunded_at) as first_at,
        min(case when refund_status in ('succeeded', 'rejected') then refunded_at end) as ended_at
    from {{ ref('stg_refunds') }}
    where refund_id in (select entity_id from decided where entity_type = 'refund')
        or case_id in (select entity_id from decided where entity_type = 'case')
    group by refund_id

)

select
    decided.record_key || '|' || refunds.refund_id as record_key,
    {% for column in lineage_columns() if column not in ('record_key', 'channel', 'shop_id') -%}
    decided.{{ column }},
    {% endfor -%}
    decided.decision_id,
    refunds.refund_id,
    decided.order_id,
    {% for column in kept -%}
    refunds.{{ column }},
    {% endfor -%}
    decided.refund_status,
    decided.reason_code as reason,
    decided.decided_at as refunded_at,
    decided.decided_known_at as refunded_known_at,
    decided.decided_known_at as valued_known_at
from decided
inner join refunds
    on (decided.entity_type = 'refund' and decided.entity_id = refunds.refund_id)
    or (decided.entity_type = 'case' and decided.entity_id = refunds.case_id)
where refunds.first_at <= decided.decided_at
    and (refunds.ended_at is null or refunds.ended_at > decided.decided_at)
