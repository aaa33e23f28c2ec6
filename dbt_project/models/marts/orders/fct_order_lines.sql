{{ config(meta={'touched': 'orders'}) }}
select
    line_id,
    order_id,
    line_number,
    line_kind,
    sku,
    product_name,
    quantity,
    unit_price_amount,
    discount_amount,
    platform_discount_amount,
    influencer_discount_amount,
    shipping_amount,
    tax_amount,
    line_amount,
    currency_code,
    shipped_quantity,
    cancelled_quantity,
    returned_quantity,
    supplier_id,
    file_id as _file_id,
    row_number as _row_number
from {{ ref('int_order_lines__settled') }}
