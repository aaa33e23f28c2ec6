{{ config(materialized='ephemeral') }}
-- RC10: what we think suppliers are owed against what their statements say. Before the first and after
-- the last period a supplier stated, nothing is expected of it.
with

stated as (

    select * from {{ ref('stg_supplier_statements') }}

),

periods as (

    select
        supplier_id,
        coalesce(currency_code, '') as currency_code,
        min(period_from_at) as first_at,
        max(period_until_at) as last_at
    from stated
    group by supplier_id, coalesce(currency_code, '')

),

ours as (

    select
        lines.*,
        coalesce(lines.owed_at >= periods.first_at and lines.owed_at < periods.last_at, false)
            as is_covered
    from {{ ref('fct_supplier_lines') }} as lines
    left join periods
        on lines.supplier_id = periods.supplier_id
        and coalesce(lines.currency_code, '') = periods.currency_code

)

select
    {{ recon_side('RC10', 'left', {
        'item_id': "line_id || ':ours'", 'match_key': 'line_id', 'currency_code': 'currency_code',
        'amount': 'amount', 'item_at': 'owed_at', 'order_id': 'order_id', 'shop_id': 'shop_id',
        'party': 'supplier_id', 'is_due': 'is_covered'}) }}
from ours
union all
select
    {{ recon_side('RC10', 'right', {
        'item_id': 'supplier_line_id', 'match_key': "line_kind || '|' || line_reference",
        'currency_code': 'currency_code', 'amount': 'amount', 'item_at': 'stated_at',
        'order_id': 'order_id', 'shop_id': 'shop_id', 'party': 'supplier_id'}) }}
from stated
