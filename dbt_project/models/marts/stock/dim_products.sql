{{ config(meta={'touched': 'skus'}) }}
select
    sku,
    product_name,
    category,
    brand,
    supplier_id,
    weight,
    is_fragile,
    cost_amount,
    price_amount,
    currency_code,
    listed_at,
    file_id as _file_id,
    row_number as _row_number
from {{ ref('stg_products') }}
where {{ touched('sku', 'skus') }}
