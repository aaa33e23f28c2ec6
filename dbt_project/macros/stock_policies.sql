{# Joins the stock policy of a sku: its own row for the warehouse, else for any, else that of all. #}
{% macro join_stock_policies(relation) -%}
    left join {{ ref('stock_policies') }} as place_policy
        on place_policy.sku = {{ relation }}.sku
        and place_policy.warehouse_id = {{ relation }}.warehouse_id
    left join {{ ref('stock_policies') }} as sku_policy
        on sku_policy.sku = {{ relation }}.sku and sku_policy.warehouse_id = '*'
    inner join {{ ref('stock_policies') }} as any_policy
        on any_policy.sku = '*' and any_policy.warehouse_id = '*'
{%- endmacro %}

{% macro stock_policy(column) -%}
    coalesce(place_policy.{{ column }}, sku_policy.{{ column }}, any_policy.{{ column }})
{%- endmacro %}

{# Pieces that lie in a house and may not be sold are moved by these types; they move no goods. #}
{% macro hold_types() -%}
    ('freeze', 'unfreeze', 'qc_hold', 'qc_release')
{%- endmacro %}

{# What one movement does to a bucket of stock, in pieces: `on_hand`, `damaged`, `frozen`, `held`. #}
{% macro stock_change(bucket, relation='') -%}
    {%- set of = relation ~ '.' if relation else '' -%}
    {%- set type, pieces = of ~ 'movement_type', of ~ 'quantity' -%}
    {%- if bucket == 'on_hand' -%}
    case when {{ type }} not in {{ hold_types() }} then {{ pieces }} else 0 end
    {%- elif bucket == 'damaged' -%}
    case when {{ type }} in ('return_damaged', 'scrap') then {{ pieces }} else 0 end
    {%- else -%}
    {%- set pair = {'frozen': ('freeze', 'unfreeze'), 'held': ('qc_hold', 'qc_release')}[bucket] -%}
    case {{ type }} when '{{ pair[0] }}' then abs({{ pieces }})
        when '{{ pair[1] }}' then -abs({{ pieces }}) else 0 end
    {%- endif -%}
{%- endmacro %}

{# One of the 28 business days up to the last thing known of the sku. #}
{% macro is_recent_day() -%}
    daily.stock_date > {{ reporting_date(add_minutes('lives.planned_at', '-28 * 1440')) }}
{%- endmacro %}

{# The figures of a plan (domain formulas 7, 10, 11, 12), as they are published. #}
{% macro plan_columns() %}
    {%- set q = 'decimal(18, 4)' %}
        planned.sku,
        planned.warehouse_id,
        planned.planned_at,
        planned.daily_quantity,
        case when planned.d > 0 then planned.promised_quantity / planned.d end as cover_days,
        cast(coalesce(planned.safety_quantity, 0) as {{ q }}) as safety_stock_quantity,
        cast(planned.d * planned.lead_days + coalesce(planned.safety_quantity, 0) as {{ q }})
            as reorder_point_quantity,
        cast(planned.projected_quantity as {{ q }}) as projected_quantity,
        cast(greatest(0, planned.d * planned.target_days + coalesce(planned.safety_quantity, 0)
            - planned.projected_quantity) as {{ q }}) as reorder_quantity,
        planned.level_quantity as alert_level_quantity,
        planned.stockout_days,
        planned.active_days,
        cast(planned.stockout_days * planned.d as {{ q }}) as lost_estimate_quantity,
        planned.last_sold_date,
        cast(coalesce(planned.life_sold_quantity, 0) as {{ q }}) as sold_quantity,
        case when planned.life_sold_quantity + planned.on_hand_quantity > 0 then
            cast(planned.life_sold_quantity as double)
            / (planned.life_sold_quantity + planned.on_hand_quantity) end as sell_through_ratio,
        case when planned.on_hand_minutes > 0 and planned.active_days > 0 then
            cast(planned.life_sold_quantity as double)
            / (planned.on_hand_minutes / 1440 / planned.active_days) end as turnover_ratio,
        cast(planned.on_hand_quantity * products.cost_amount as {{ q }}) as stock_value_amount,
        products.currency_code
{% endmacro %}
