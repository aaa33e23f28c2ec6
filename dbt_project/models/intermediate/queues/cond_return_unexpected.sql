{{ config(materialized='ephemeral') }}
-- Goods came back that no case expects, or that are not what the case is about.
with

arrived as (

    select
        receipts.*,
        'return' as entity_type,
        cases.closed_at as case_closed_at,
        receipts.matched_case_id is null or receipts.matched_at > receipts.received_at
            as is_unannounced,
        case
            when receipts.first_case_id is null then false
            when receipts.first_case_id <> receipts.matched_case_id then true
            else receipts.is_wrong_item
                and coalesce(receipts.matched_at, receipts.received_at) <= receipts.received_at
        end as is_of_another
    from {{ ref('int_returns__matched') }} as receipts
    left join {{ ref('fct_after_sales_cases') }} as cases
        on receipts.matched_case_id = cases.case_id

)

select
    {{ condition('Q27', {
        'entity_id': 'return_receipt_id', 'entity_type': 'entity_type',
        'order_id': 'resolved_order_id', 'channel': 'channel', 'shop_id': 'shop_id',
        'opened_at': 'received_at',
        'closed_at': 'case when is_unannounced then matched_at else case_closed_at end',
        'facts': facts([
            ["'return_problem'", "case when is_of_another then 'wrong_item' else 'unannounced' end",
                'null', 'null'],
            ["'case_id'", 'case when is_of_another then first_case_id end', 'null', 'null'],
            ["'sku'", 'sku', 'null', 'null'],
            ["'tracking_number'", 'tracking_number', 'null', 'null']])}) }}
from arrived
where is_unannounced or is_wrong_item
