-- One row per amount that a record behind an item of a touched key was said to have, of items of which
-- something was once said otherwise; each from the first time we were told. What several records come
-- to, or no record says at all (a price by contract, what the fold of an order makes), is not here.
{%- set net = 'coalesce(versions.net_amount, versions.gross_amount - coalesce(versions.fee_amount, 0))' %}
{%- set bill = ('settlement_lines', 'staged.settlement_line_id') %}
{%- set refund = ('refunds', "case when staged.refund_status = 'succeeded' then staged.refund_id end") %}
{%- set invoice = ('invoices', 'staged.invoice_event_id') %}
{%- set sources = [
    ('RC2', 'left', ('payments', 'staged.payment_id'), 'versions.amount'),
    ('RC2', 'right', bill, 'versions.gross_amount'),
    ('RC3', 'left', refund, 'versions.amount'),
    ('RC3', 'right', bill, '-versions.gross_amount'),
    ('RC4', 'left', bill,
        'round(versions.gross_amount * rates.fee_rate '
        ~ '+ case when versions.gross_amount < 0 then 0 else rates.fixed_amount end, 2)'),
    ('RC4', 'right', bill, 'coalesce(versions.fee_amount, 0)'),
    ('RC5', 'left', ('payouts', 'staged.payout_id'), 'versions.amount'),
    ('RC5', 'right', ('settlement_lines',
        "case when staged.line_kind <> 'payout' then staged.payout_id || ':lines' end"), net),
    ('RC6', 'left', ('payouts', 'staged.payout_id'), 'versions.amount'),
    ('RC6', 'right', ('bank_lines', 'staged.bank_line_id'), 'versions.amount'),
    ('RC7', 'right', bill, 'versions.gross_amount'),
    ('RC7D', 'right', bill, 'versions.gross_amount'),
    ('RC7U', 'right', bill, net),
    ('RC7R', 'left', refund, 'versions.amount'),
    ('RC7R', 'right', bill, '-versions.gross_amount'),
    ('RC8', 'right', refund, 'versions.amount'),
    ('RC9', 'left', ('after_sales',
        "case when staged.case_step = 'compensation_agreed' then staged.case_id end"),
        'versions.amount'),
    ('RC9', 'right', refund, 'versions.amount'),
    ('RC16', 'right', ('carrier_charges', 'staged.charge_id'), 'versions.amount'),
    ('RC17', 'left', ('payments', 'staged.payment_id'), 'versions.amount'),
    ('RC17', 'right', ('cod_remittances', 'staged.remittance_line_id'), 'versions.amount'),
    ('RC18', 'left', ('carrier_claims', "staged.claim_id || ':' || staged.claim_step"),
        'versions.amount'),
    ('RC18', 'right', ('carrier_claims', "staged.claim_id || ':' || staged.claim_step"),
        'versions.amount'),
    ('RC19', 'right', invoice, "case versions.invoice_step when 'issued' then versions.amount
        when 'requested' then 0 else -versions.amount end"),
    ('RC19C', 'left', invoice, 'versions.amount'),
    ('RC19C', 'right', invoice, 'versions.amount')] %}
with

told as (

    {% for recon, side, (stream, item_id), amount in sources -%}
    select
        items.recon_code,
        items.side,
        items.item_id,
        items.match_key,
        items.currency_code,
        items.record_key,
        cast({{ amount }} as decimal(18, 4)) as amount,
        min(versions.ingested_at) as known_at
    from (
        select
            stated.*,
            staged.record_key,
            {% if 'rates.' in amount -%}
            staged.provider, staged.line_kind,
            {{ reporting_date('staged.posted_at') }} as posted_date,
            {% endif -%}
            max(staged.version_count) over (
                partition by stated.item_id, stated.match_key, stated.currency_code
            ) as most_versions
        from {{ ref('int_recon__stated') }} as stated
        inner join {{ ref('stg_' ~ stream) }} as staged
            on stated.item_id = {{ item_id }}
            {%- if stream == 'settlement_lines' %}
            and stated.currency_code = coalesce(staged.currency_code, '')
            {%- endif %}
        where stated.recon_code = '{{ recon }}' and stated.side = '{{ side }}'
    ) as items
    inner join {{ source('records', stream) }} as versions
        on items.record_key = versions.record_key and versions.{{ visible_records() }}
    {% if 'rates.' in amount -%}
    inner join {{ ref('fee_rates') }} as rates
        on items.provider = rates.provider and items.line_kind = rates.line_kind
        and items.currency_code = rates.currency_code
        and items.posted_date between rates.valid_from and rates.valid_to
    {% endif -%}
    where items.most_versions > 1
    group by items.recon_code, items.side, items.item_id, items.match_key, items.currency_code,
        items.record_key, cast({{ amount }} as decimal(18, 4))
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

counted as (

    select
        recon_code,
        side,
        item_id,
        match_key,
        currency_code,
        count(*) as told_count,
        count(distinct record_key) as record_count
    from told
    where amount is not null
    group by recon_code, side, item_id, match_key, currency_code

)

select told.*
from told
inner join counted
    on told.recon_code = counted.recon_code
    and told.side = counted.side
    and told.item_id = counted.item_id
    and told.match_key = counted.match_key
    and told.currency_code = counted.currency_code
where told.amount is not null and counted.told_count > counted.record_count
