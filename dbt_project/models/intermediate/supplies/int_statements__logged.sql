{{ config(materialized='ephemeral') }}
-- Steps of statements with suppliers in the shape of the log of things.
select
    {{ logged("case verb when 'statement_draft' then 'SUPPLIER_STATEMENT_CREATED'
            when 'statement_submit' then 'SUPPLIER_STATEMENT_SUBMITTED'
            when 'statement_approve' then 'SUPPLIER_STATEMENT_APPROVED'
            when 'statement_reject' then 'SUPPLIER_STATEMENT_REJECTED'
            else 'SUPPLIER_STATEMENT_PAID' end",
        'decided_at', 'decided_known_at', "'statement'", 'entity_id', {
            'order_id': 'null', 'actor_type': "'staff'", 'actor_id': 'actor_id',
            'detail_code': 'reason_code'}) }}
from {{ ref('stg_decisions') }}
where entity_type = 'statement' and verb in ('statement_draft', 'statement_submit',
    'statement_approve', 'statement_reject', 'statement_pay')
