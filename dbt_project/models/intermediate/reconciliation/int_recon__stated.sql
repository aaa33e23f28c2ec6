-- One row per item that either side of a reconciliation states, for the touched keys. A new
-- reconciliation is one row in recon_definitions and a model of its two sides. Alone, an item is a
-- difference from `seen_at`: it is known, its day is over (of what we have), and the other side has
-- had its time.
with

items as (

    {% for sides in reconciliations().values() | map(attribute='sides') | unique -%}
    select * from {{ ref(sides) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

bounded as (

    select
        items.*,
        definitions.suspense_days,
        {{ day_end('items.item_date', 'definitions.suspense_days') }} as suspense_until_at
    from items
    inner join {{ ref('recon_definitions') }} as definitions
        on items.recon_code = definitions.recon_code

),

timed as (

    select
        *,
        case when side = 'left' then greatest(
            {{ day_end('item_date', '0') }},
            least(coalesce(due_at, suspense_until_at), suspense_until_at)
        ) else least(coalesce(due_at, suspense_until_at), suspense_until_at) end as missed_from_at
    from bounded

)

select
    *,
    greatest(known_at, missed_from_at) as seen_at
from timed
