{{ config(materialized='ephemeral') }}
-- RC20: nothing is lost on the way. Rows of files against rows recorded, quarantined and skipped, by
-- day and source (RC20); orders stated against orders in the daily totals, by day and channel (RC20N);
-- money on bills as stated against the money the marts hold, by day and provider (RC20A).
with

loads as (

    select
        {{ reporting_date('received_at') }} as load_date,
        source,
        shop_id,
        max(received_at) as received_at,
        sum(records_read) as read_count,
        sum(records_recorded) as recorded_count,
        sum(records_quarantined) as quarantined_count,
        sum(records_skipped) as skipped_count
    from {{ ref('fct_loads') }}
    group by {{ reporting_date('received_at') }}, source, shop_id

),

stated as (

    select
        {{ reporting_date('placed_at') }} as order_date,
        channel,
        shop_id,
        max(placed_at) as placed_at,
        count(*) as order_count
    from {{ ref('stg_orders') }}
    where {{ touched(reporting_date('placed_at'), 'days') }} and {{ happened('placed_at') }}
        and not coalesce(is_test, false)
    group by {{ reporting_date('placed_at') }}, channel, shop_id

),

daily as (

    select order_date, channel, shop_id, sum(placed_count) as order_count
    from {{ ref('agg_daily_channel_orders') }}
    where {{ touched('order_date', 'days') }}
    group by order_date, channel, shop_id

)

{% for side, name in [('left', 'read'), ('right', 'recorded'), ('right', 'quarantined'),
    ('right', 'skipped')] -%}
select
    {{ recon_side('RC20', side, {
        'item_id': "load_date || '|' || source || '|' || shop_id || ':" ~ name ~ "'",
        'match_key': "load_date || '|' || source || '|' || shop_id", 'amount': name ~ '_count',
        'item_at': 'received_at', 'item_date': 'load_date', 'shop_id': 'shop_id',
        'party': 'source'}) }}
from loads
union all
{% endfor -%}
{% for side, relation in [('left', 'stated'), ('right', 'daily')] -%}
select
    {{ recon_side('RC20N', side, {
        'item_id': "order_date || '|' || channel || '|' || shop_id || ':" ~ relation ~ "'",
        'match_key': "order_date || '|' || channel || '|' || shop_id", 'amount': 'order_count',
        'item_at': day_end('order_date', '0'), 'item_date': 'order_date', 'channel': 'channel',
        'shop_id': 'shop_id', 'party': 'channel'}) }}
from {{ relation }}
union all
{% endfor -%}
{% for side, relation in [('left', 'stg_settlement_lines'), ('right', 'fct_settlement_lines')] -%}
select
    {{ recon_side('RC20A', side, {
        'item_id': reporting_date('posted_at') ~ " || '|' || provider || ':" ~ side ~ "'",
        'match_key': reporting_date('posted_at') ~ " || '|' || provider",
        'currency_code': 'currency_code', 'amount': 'sum(gross_amount)',
        'item_at': 'max(posted_at)', 'item_date': reporting_date('posted_at'),
        'party': 'provider'}) }}
from {{ ref(relation) }}
group by {{ reporting_date('posted_at') }}, provider, currency_code
{{ 'union all' if not loop.last }}
{% endfor %}
