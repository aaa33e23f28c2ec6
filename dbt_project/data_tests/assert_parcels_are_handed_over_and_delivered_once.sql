-- Whoever reports it and how often: a parcel leaves once and arrives once.
select order_id, shipment_id, event_type
from {{ ref('fct_order_events') }}
where event_type in ('HANDED_OVER', 'DELIVERED')
group by order_id, shipment_id, event_type
having count(*) > 1
