{{ config(materialized='ephemeral') }}
-- Steps of cases that were taken in the app, in the shape of the steps the desk wrote. Where somebody
-- else tells of an inspection, the app's word about it is not counted again; what is done about the
-- refund of a case that has none yet is done about the case.
with

decided as (

    select stated.*, stated.entity_id as stated_case_id
    from {{ ref('int_decisions__stated') }} as stated
    where stated.entity_type = 'case' and (
        stated.event_entity_type = 'case'
        or (stated.event_entity_type = 'refund' and stated.decision_id not in (
            select decision_id from {{ ref('int_refunds__decided') }}
        ))
    )

),

asked as (

    select
        case_id,
        {{ first_by('case_kind', ['case_kind is null', 'event_at', 'record_key']) }} as case_kind,
        sum(case when case_step = 'requested' then quantity end) as quantity
    from {{ ref('stg_after_sales') }}
    where case_id in (select stated_case_id from decided)
    group by case_id

),

inspected as (

    select case_id
    from {{ ref('int_cases__stepped') }}
    where event_type in ('QC_PASSED', 'QC_FAILED')

)

select
    {% for column in lineage_columns() -%}
    decided.{{ column }},
    {% endfor -%}
    decided.order_id,
    decided.stated_case_id as case_id,
    cast(null as {{ type_text() }}) as line_id,
    decided.event_type,
    decided.decided_at as event_at,
    decided.decided_known_at as event_known_at,
    cast(null as {{ type_text() }}) as sku,
    case when decided.event_type in ('QC_PASSED', 'QC_FAILED') then asked.quantity end as quantity,
    cast(null as decimal(18, 4)) as amount,
    cast(null as {{ type_text() }}) as currency_code,
    decided.actor_id,
    cast(null as {{ type_text() }}) as warehouse_id,
    case decided.event_type when 'EVIDENCE_RECEIVED' then 'customer' else 'staff' end
        as actor_type,
    case decided.event_type when 'QC_FAILED' then 'FULL' else asked.case_kind end as detail_code
from decided
inner join asked on decided.stated_case_id = asked.case_id
where decided.event_type not in ('QC_PASSED', 'QC_FAILED')
    or decided.stated_case_id not in (select case_id from inspected where case_id is not null)
