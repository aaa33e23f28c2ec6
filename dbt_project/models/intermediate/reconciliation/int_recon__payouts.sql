{{ config(materialized='ephemeral') }}
-- RC5: what a provider or marketplace paid out against the lines it says the payout is made of.
with

lines as (

    select lines.*, stated.netted_known_at
    from {{ ref('fct_settlement_lines') }} as lines
    inner join {{ ref('stg_settlement_lines') }} as stated
        on lines.settlement_line_id = stated.settlement_line_id

),

said as (

    select
        payout_id,
        currency_code,
        sum(coalesce(net_amount, gross_amount - coalesce(fee_amount, 0))) as amount,
        max(posted_at) as posted_at,
        max(netted_known_at) as known_at,
        max(shop_id) as shop_id,
        max(provider) as provider
    from lines
    where payout_id is not null and line_kind <> 'payout'
    group by payout_id, currency_code

)

select
    {{ recon_side('RC5', 'left', {
        'item_id': 'payout_id', 'match_key': 'payout_id', 'currency_code': 'currency_code',
        'amount': 'amount', 'item_at': 'paid_out_at', 'shop_id': 'shop_id',
        'party': 'provider', 'known_at': 'valued_known_at'}) }}
from {{ ref('stg_payouts') }}
where payout_status in ('in_transit', 'paid')
union all
select
    {{ recon_side('RC5', 'right', {
        'item_id': "said.payout_id || ':lines'", 'match_key': 'said.payout_id',
        'currency_code': 'said.currency_code', 'amount': 'said.amount',
        'item_at': 'coalesce(payouts.paid_out_at, said.posted_at)', 'shop_id': 'said.shop_id',
        'party': 'said.provider', 'known_at': 'said.known_at'}) }}
from said
left join {{ ref('stg_payouts') }} as payouts on said.payout_id = payouts.payout_id
where payouts.payout_status is null or payouts.payout_status in ('in_transit', 'paid')
