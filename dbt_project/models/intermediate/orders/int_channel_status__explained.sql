{{ config(materialized='ephemeral') }}
-- What each word of a channel means: by the policy, else by whoever explained it here.
select channel, status_raw, state_code
from {{ ref('channel_states') }}
union all
select mapped.party as channel, mapped.code as status_raw, mapped.meaning as state_code
from {{ ref('int_codes__mapped') }} as mapped
left join {{ ref('channel_states') }} as known
    on mapped.party = known.channel and mapped.code = known.status_raw
where mapped.stream = 'channel_status' and known.status_raw is null
    and mapped.meaning in (select state_code from {{ ref('channel_states') }})
