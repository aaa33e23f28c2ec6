{{ config(materialized='ephemeral') }}
-- depends_on: {{ ref('int_returns__claimed') }}
-- One row per case that goods which came back may belong to, with what they are told by: its order,
-- its waybill, when it was asked for.
{%- set near = "order_id is null or said_case_id is not null or " ~ touched('order_id') %}
select
    case_id,
    min(order_id) as order_id,
    {{ first_by('case_kind', ['case_kind is null', 'event_at', 'record_key']) }} as case_kind,
    min(case when case_step = 'requested' then event_at end) as requested_at,
    min(return_tracking_number) as tracking_number,
    min(case when return_tracking_number is not null then event_at end) as tracking_at
from {{ ref('stg_after_sales') }}
{% if not is_full() -%}
where case_id in (
    select case_id from {{ ref('stg_after_sales') }}
    where {{ touched('order_id') }}
        or order_id in (
            select order_id from {{ ref('int_returns__claimed') }} where said_case_id is not null
        )
        or return_tracking_number in (
            select tracking_number from {{ ref('int_returns__claimed') }} where {{ near }}
        )
    union
    select case_id from {{ ref('int_returns__claimed') }} where {{ near }}
    union
    select said_case_id from {{ ref('int_returns__claimed') }}
)
{%- endif %}
group by case_id
