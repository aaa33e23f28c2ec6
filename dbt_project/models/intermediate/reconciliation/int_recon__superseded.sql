{{ config(materialized='ephemeral') }}
-- What an item of a break was said to be before it was said otherwise: its earlier amounts, each from
-- the first time we were told until the next. An old version that comes late changes nothing.
{%- set streams = [
    ('RC2', 'left', 'payments', 'payment_id', 'amount'),
    ('RC2', 'right', 'settlement_lines', 'settlement_line_id', 'gross_amount'),
    ('RC3', 'right', 'settlement_lines', 'settlement_line_id', '-gross_amount'),
    ('RC6', 'left', 'payouts', 'payout_id', 'amount'),
    ('RC6', 'right', 'bank_lines', 'bank_line_id', 'amount'),
    ('RC16', 'right', 'carrier_charges', 'charge_id', 'amount'),
    ('RC17', 'right', 'cod_remittances', 'remittance_line_id', 'amount')] %}
with

items as (

    select lived.break_id, stated.*
    from {{ ref('int_recon__lived') }} as lived
    inner join {{ ref('int_recon__stated') }} as stated
        on lived.recon_code = stated.recon_code
        and lived.match_key = stated.match_key
        and lived.currency_code = stated.currency_code

),

told as (

    {% for recon, side, stream, key, amount in streams -%}
    select
        items.break_id,
        items.side,
        items.item_id,
        cast({{ amount | replace('gross', 'versions.gross') if 'gross' in amount
            else 'versions.' ~ amount }} as decimal(18, 4)) as amount,
        min(versions.ingested_at) as known_at
    from items
    inner join {{ ref('stg_' ~ stream) }} as staged
        on items.item_id = staged.{{ key }} and staged.version_count > 1
    inner join {{ source('records', stream) }} as versions
        on staged.record_key = versions.record_key
        and versions.{{ visible_records() }}
    where items.recon_code = '{{ recon }}' and items.side = '{{ side }}'
    group by items.break_id, items.side, items.item_id, versions.{{ amount | replace('-', '') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- Only what was told before it was told as it is.
earlier as (

    select
        told.*,
        items.known_at as settled_at,
        items.item_at,
        items.is_due,
        -- What was due at once was so from when it was told.
        case when items.due_at = items.known_at then told.known_at else items.due_at end as due_at,
        case when items.due_at = items.known_at and items.side = 'right' then told.known_at
            else items.missed_from_at end as missed_from_at
    from told
    inner join items
        on told.break_id = items.break_id
        and told.side = items.side
        and told.item_id = items.item_id
        and told.known_at < items.known_at
    where told.amount is not null

)

select
    break_id,
    side,
    amount,
    known_at,
    item_at,
    is_due,
    due_at,
    missed_from_at,
    coalesce(
        lead(known_at) over (partition by break_id, side, item_id order by known_at, amount),
        settled_at
    ) as until_at
from earlier
