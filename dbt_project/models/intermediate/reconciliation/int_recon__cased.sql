{{ config(materialized='ephemeral') }}
-- One row per case finance decides about and time it was open. A break is a case; what an order and
-- its marketplace differ in is one.
with

parts as (

    select * from {{ ref('int_recon__gathered') }}

),

-- Of a case that is open count the parts that are, of one that was all it had; each as it was last.
counted as (

    select
        *,
        row_number() over (partition by case_id, case_number, sku order by match_key)
            as part_number
    from parts
    where from_at = last_from_at and (until_at is null or open_count = 0)

),

-- A part is told by its article, once, and its component: what it came to and what it should have.
told as (

    select
        case_id,
        case_number,
        sum(left_amount) as left_amount,
        sum(right_amount) as right_amount,
        sum(difference_amount) as difference_amount,
        sum(abs(difference_amount)) as at_risk_amount,
        {{ joined_text(
            "case when part_number = 1 and sku <> '' then "
            ~ fact("'sku'", 'sku', 'null', 'null') ~ " || ',' else '' end || "
            ~ fact("component_code || '_amount'", 'right_amount', "'<>'", 'left_amount'),
            ',', 'match_key') }} as part_facts
    from counted
    group by case_id, case_number

),

spanned as (

    select
        case_id,
        case_number,
        {{ first_by('recon_code', ['recon_code', 'break_id', 'from_at']) }} as recon_code,
        {{ first_by('break_type', ['recon_code', '-abs(difference_amount)', 'break_id', 'from_at']) }}
            as break_type,
        {% for column in ['order_id', 'channel', 'shop_id', 'currency_code'] -%}
        max({{ column }}) as {{ column }},
        {% endfor -%}
        min(split_part(match_key, '|', 1)) as match_key,
        min(seen_at) as seen_at,
        min(opened_at) as opened_at,
        case when max(open_count) = 0 then max(until_at) end as until_at,
        case when max(open_count) = 0
            then {{ last_by('until_state_code', ['until_at', 'break_id']) }} end
            as until_state_code,
        case when max(open_count) = 0
            then {{ last_by('until_decision_id', ['until_at', 'break_id']) }} end
            as until_decision_id
    from parts
    group by case_id, case_number

)

{%- set told = ['left_amount', 'right_amount', 'difference_amount', 'at_risk_amount'] %}
{%- set shared = ['recon_code', 'break_type', 'order_id', 'match_key', 'channel', 'shop_id',
    'currency_code', 'seen_at', 'opened_at', 'until_at', 'until_state_code',
    'until_decision_id'] %}

select
    spanned.case_id,
    spanned.case_number as episode_number,
    {% for column in shared -%}
    spanned.{{ column }},
    {% endfor -%}
    {% for column in told -%}
    told.{{ column }},
    {% endfor -%}
    told.part_facts
from spanned
inner join told
    on spanned.case_id = told.case_id and spanned.case_number = told.case_number
union all
select
    break_id as case_id,
    episode_number,
    {% for column in shared + told[:3] -%}
    {{ column }},
    {% endfor -%}
    abs(difference_amount) as at_risk_amount,
    cast(null as {{ type_text() }}) as part_facts
from {{ ref('fct_recon_turns') }}
where state_code = 'OPEN'
    and recon_code not in ('{{ order_reconciliations() | join("', '") }}')
