-- One row per touched break that has a life: its sides differ, did when they could first be compared,
-- or when something else was said of one of them, or somebody decided about it. The others have no
-- history: they always agreed.
with

keys as (

    select *, {{ break_id() }} as break_id
    from {{ ref('int_recon__keyed') }}
    where recon_code in ('{{ lived_reconciliations() | join("', '") }}')

)

select
    keys.break_id,
    keys.recon_code,
    keys.match_key,
    keys.currency_code
from keys
left join (select distinct break_id from {{ ref('stg_recon_decisions') }}) as decided
    on keys.break_id = decided.break_id
left join (
    select distinct recon_code, match_key, currency_code from {{ ref('int_recon__respoken') }}
) as respoken
    on keys.recon_code = respoken.recon_code
    and keys.match_key = respoken.match_key
    and keys.currency_code = respoken.currency_code
where (keys.difference_amount <> 0 and not keys.is_matched)
    or keys.last_known_at
        > {{ add_minutes('keys.first_seen_at', threshold('recon_settling_minutes')) }}
    or decided.break_id is not null
    or respoken.match_key is not null
