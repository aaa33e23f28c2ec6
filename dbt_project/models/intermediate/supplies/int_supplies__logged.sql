{{ config(materialized='ephemeral') }}
-- Deliveries of suppliers in the shape of the order log.
select
    {{ logged("'SUPPLIER_SHIPPED'", 'event_at', 'event_known_at', "'order'", 'order_id', {
        'line_id': 'line_id', 'sku': 'sku', 'actor_type': "'supplier'", 'actor_id': 'supplier_id',
        'amount': 'amount', 'currency_code': 'currency_code', 'quantity': 'shipped_quantity',
        'detail_code': "case when is_complete then 'FULL' else 'PART' end"}) }}
from {{ ref('int_supplies__shipped') }}
