{{ config(materialized='ephemeral') }}
-- From when on a refund that went through was known with the amount it has, by refund.
select
    refund_id,
    min(valued_known_at) as known_at
from {{ ref('stg_refunds') }}
where refund_status = 'succeeded'
group by refund_id
