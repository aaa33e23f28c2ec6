{{ config(materialized='ephemeral') }}
-- One row per event of an after-sales case: what the desk wrote and what the warehouse took in and
-- inspected. Where the warehouse reports a case's goods, the desk's word about them is not counted
-- again.
{%- set lineage = lineage_columns() %}
with

desk as (

    select * from {{ steps_that_stand() }} where {{ touched('order_id') }}

),

kinds as (

    select
        case_id,
        {{ first_by('case_kind', ['case_kind is null', 'event_at', 'record_key']) }} as case_kind
    from desk
    group by case_id

),

receipts as (

    select
        *,
        coalesce(passed_quantity, quantity) as good_quantity,
        -- Of goods people found the case for, the order did not know before.
        greatest(received_known_at, coalesce(said_known_at, received_known_at)) as here_known_at,
        greatest(inspected_known_at, coalesce(said_known_at, inspected_known_at)) as seen_known_at
    from {{ ref('int_returns__matched') }}
    where resolved_order_id is not null

),

found as (

    select *, 'RETURN_RECEIVED' as event_type, received_at as event_at,
        here_known_at as event_known_at,
        case when not is_wrong_item then quantity end as event_quantity,
        case when is_wrong_item then 'wrong_item' else case_kind end as detail_code
    from receipts
    union all
    select *, 'QC_PASSED' as event_type, inspected_at as event_at,
        seen_known_at as event_known_at, good_quantity as event_quantity,
        case_kind as detail_code
    from receipts
    where inspected_at is not null and good_quantity > 0 and not is_wrong_item
    union all
    select *, 'QC_FAILED' as event_type, inspected_at as event_at,
        seen_known_at as event_known_at,
        coalesce(failed_quantity, quantity - good_quantity) as event_quantity,
        case when good_quantity > 0 and not is_wrong_item then 'PART' else 'FULL' end
            as detail_code
    from receipts
    where inspected_at is not null
        and (is_wrong_item or good_quantity = 0 or failed_quantity > 0)

)

select
    {% for column in lineage -%}
    desk.{{ column }},
    {% endfor -%}
    desk.order_id,
    desk.case_id,
    desk.line_id,
    types.event_type,
    desk.event_at,
    desk.event_known_at,
    desk.sku,
    case when desk.case_step in ('qc_failed', 'return_received', 'qc_passed', 'requested')
        then desk.quantity end as quantity,
    case when desk.case_step = 'compensation_agreed'
        then coalesce(desk.supplier_amount, 0) + coalesce(desk.platform_amount, 0) + coalesce(
            desk.ecom_amount,
            desk.amount - coalesce(desk.supplier_amount, 0) - coalesce(desk.platform_amount, 0), 0)
        else desk.amount end as amount,
    desk.currency_code,
    desk.actor_id,
    cast(null as {{ type_text() }}) as warehouse_id,
    case
        when desk.case_step in ('requested', 'withdrawn', 'return_shipped', 'evidence_received')
            then 'customer'
        when desk.case_step in ('platform_intervened', 'arbitrated') then 'platform'
        else 'staff'
    end as actor_type,
    case desk.case_step
        when 'arbitrated' then desk.liable_party
        when 'qc_failed' then 'FULL'
        else kinds.case_kind
    end as detail_code
from desk
inner join {{ ref('event_codes') }} as types
    on types.record_stream = 'after_sales' and desk.case_step = types.record_code
inner join kinds on desk.case_id = kinds.case_id
where desk.case_step not in ('return_received', 'qc_passed', 'qc_failed')
    or not exists (select 1 from receipts where receipts.matched_case_id = desk.case_id)
union all
select
    {% for column in lineage -%}
    found.{{ column }},
    {% endfor -%}
    found.resolved_order_id as order_id,
    found.matched_case_id as case_id,
    cast(null as {{ type_text() }}) as line_id,
    found.event_type,
    found.event_at,
    found.event_known_at,
    found.sku,
    found.event_quantity as quantity,
    cast(null as decimal(18, 4)) as amount,
    cast(null as {{ type_text() }}) as currency_code,
    found.actor_id,
    found.warehouse_id,
    'staff' as actor_type,
    found.detail_code
from found
