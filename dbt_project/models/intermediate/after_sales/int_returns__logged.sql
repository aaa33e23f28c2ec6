{{ config(materialized='ephemeral') }}
-- Goods came back to a warehouse and nobody knows of which order.
select
    {{ logged("'RETURN_RECEIVED'", 'received_at', 'received_known_at', "'return'",
        'return_receipt_id', {
            'order_id': 'null', 'sku': 'sku', 'quantity': 'quantity',
            'warehouse_id': 'warehouse_id', 'actor_type': "'staff'", 'actor_id': 'actor_id',
            'detail_code': "'unannounced'"}) }}
from {{ ref('int_returns__matched') }}
where resolved_order_id is null
