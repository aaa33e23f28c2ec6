{{ config(materialized='ephemeral') }}
-- What each code of a carrier means: by the policy, else by whoever explained it here.
with

meanings as (

    select norm_state, bool_or(is_exception) as is_exception
    from {{ ref('carrier_state_map') }}
    group by norm_state

)

select carrier, source, code_raw, norm_state, signed_code, is_exception
from {{ ref('carrier_state_map') }}
union all
select
    mapped.party as carrier,
    '*' as source,
    mapped.code as code_raw,
    meanings.norm_state,
    cast(null as {{ type_text() }}) as signed_code,
    meanings.is_exception
from {{ ref('int_codes__mapped') }} as mapped
inner join meanings on mapped.meaning = meanings.norm_state
left join {{ ref('carrier_state_map') }} as known
    on mapped.party = known.carrier and mapped.code = known.code_raw
where mapped.stream = 'tracking_events' and known.code_raw is null
