{{ config(materialized='ephemeral') }}
-- RC2B: by how much the balance of an account changed in a day against the lines of that day. What is
-- before the first balance nobody can say, so it counts from there.
select
    {{ recon_side('RC2B', 'left', {
        'item_id': "match_key || ':balance'", 'match_key': 'match_key',
        'currency_code': 'currency_code', 'amount': 'amount', 'item_at': 'posted_at',
        'item_date': 'posted_date', 'shop_id': 'shop_id', 'party': 'party',
        'known_at': 'known_at'}) }}
from (
    select
        match_key,
        currency_code,
        posted_date,
        sum(amount) + sum(gap_amount) as amount,
        max(posted_at) as posted_at,
        max(shop_id) as shop_id,
        max(party) as party,
        -- With its first line a day is known to have moved; a line that comes late ends the difference.
        min(known_at) as known_at
    from {{ ref('int_recon__chained') }}
    group by match_key, currency_code, posted_date
) as days
union all
select
    {{ recon_side('RC2B', 'right', {
        'item_id': 'line_id', 'match_key': 'match_key', 'currency_code': 'currency_code',
        'amount': 'amount', 'item_at': 'posted_at', 'item_date': 'posted_date',
        'shop_id': 'shop_id', 'party': 'party', 'known_at': 'known_at'}) }}
from {{ ref('int_recon__chained') }}
