{# What a shop's code of goods is here, as people said it last and did not take back: a subquery of
   shop_id, shop_sku, sku, mapped_at. A line without a code goes by its own number. #}
{% macro mapped_skus() -%}
(
    select shop_id, shop_sku, sku, mapped_at
    from (
        select
            code_party as shop_id,
            code_raw as shop_sku,
            code_meaning as sku,
            decided_at as mapped_at,
            row_number() over (
                partition by code_party, code_raw order by decided_at desc, decision_id desc
            ) as recency_number
        from {{ source('records', 'decisions') }}
        where verb = 'map_sku' and {{ visible_records() }} and {{ happened('decided_at') }}
            and decision_id not in (
                select undoes_decision_id from {{ source('records', 'decisions') }}
                where undoes_decision_id is not null and {{ visible_records() }}
                    and {{ happened('decided_at') }}
            )
    ) as said
    where recency_number = 1
)
{%- endmacro %}

{# Codes that stand in the product list for the first time; with the first list of all, every code of
   a line, because the list says of the others that they are unknown. #}
{% macro first_listed() -%}
    {%- set before = '(select sku from ' ~ source('records', 'products') ~ ' where load_seq <= '
        ~ build_window().from_seq ~ ')' -%}
    select sku from {{ source('records', 'products') }}
    where {{ new_records() }} and sku not in {{ before }}
    union
    select sku from {{ source('records', 'order_lines') }}
    where not exists {{ before }} and exists {{ new_keys('products', 'sku') }}
{%- endmacro %}
