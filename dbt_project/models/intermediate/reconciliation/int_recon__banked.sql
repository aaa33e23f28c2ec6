{{ config(materialized='ephemeral') }}
-- RC6: what a provider says it paid out against what the bank received. A payout is due at the bank
-- once its statement reaches some days further (suspense_days).
with

reached as (

    select currency_code, max(booked_at) as booked_until
    from {{ ref('stg_bank_lines') }}
    group by currency_code

),

-- From when on a payout should have been seen: a later line of the bank was known.
due as (

    select payouts.payout_id, min(lines.booked_known_at) as known_at
    from {{ ref('stg_payouts') }} as payouts
    inner join {{ ref('stg_bank_lines') }} as lines
        on payouts.currency_code = lines.currency_code
        and lines.booked_at >= {{ add_minutes('payouts.paid_out_at', suspense_minutes('RC6')) }}
    group by payouts.payout_id

),

receipts as (

    select lines.*, payouts.payout_id
    from {{ ref('stg_bank_lines') }} as lines
    left join {{ ref('stg_payouts') }} as payouts
        on lines.payout_reference = payouts.provider_payout_id
        and lines.party = payouts.provider
    where lines.party is not null

)

select
    {{ recon_side('RC6', 'left', {
        'item_id': 'payouts.payout_id', 'match_key': 'payouts.payout_id',
        'currency_code': 'payouts.currency_code', 'amount': 'payouts.amount',
        'item_at': 'payouts.paid_out_at', 'shop_id': 'payouts.shop_id',
        'party': 'payouts.provider',
        'is_due': "reached.booked_until >= " ~ add_minutes('payouts.paid_out_at', suspense_minutes('RC6')),
        'due_at': 'due.known_at', 'known_at': 'payouts.valued_known_at'}) }}
from {{ ref('stg_payouts') }} as payouts
inner join reached on payouts.currency_code = reached.currency_code
left join due on payouts.payout_id = due.payout_id
where payouts.payout_status in ('in_transit', 'paid')
union all
select
    {{ recon_side('RC6', 'right', {
        'item_id': 'bank_line_id', 'match_key': 'coalesce(payout_id, bank_line_id)',
        'currency_code': 'currency_code', 'amount': 'amount', 'item_at': 'booked_at',
        'shop_id': 'shop_id', 'party': 'party', 'known_at': 'valued_known_at'}) }}
from receipts
