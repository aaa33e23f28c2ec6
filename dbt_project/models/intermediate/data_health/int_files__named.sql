{{ config(materialized='ephemeral') }}
-- What the sender called a file. The same bytes may come under two names: the first in order stands.
select
    file_id,
    min(given_name) as file_name
from {{ source('ops', 'files') }}
group by file_id
