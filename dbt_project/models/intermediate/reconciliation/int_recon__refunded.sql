{{ config(materialized='ephemeral') }}
-- RC3: refunds that succeeded against the provider's bill. A line that names a refund is compared
-- with it; what names none on either side is compared by order. Bills are cut once: a refund that
-- failed after its line was booked stays on the bill, and its status differs. Marketplaces settle by
-- article: their lines name no refund.
with

lines as (

    select lines.*, stated.valued_known_at
    from {{ ref('fct_settlement_lines') }} as lines
    inner join {{ ref('stg_settlement_lines') }} as stated
        on lines.settlement_line_id = stated.settlement_line_id
    where lines.line_kind = 'refund' and lines.amount_type is null

),

billed_days as (

    select
        provider,
        {{ reporting_date('posted_at') }} as billed_date,
        min(posted_known_at) as known_at
    from {{ ref('stg_settlement_lines') }}
    group by provider, {{ reporting_date('posted_at') }}

),

first_days as (

    select provider, min(billed_date) as first_billed_date
    from billed_days
    where provider in (select provider from lines)
    group by provider

),

refunds as (

    select
        refunds.*,
        coalesce(succeeded_at, failed_at, sent_at, requested_at) as refunded_at,
        refund_status = 'succeeded' as is_paid,
        told.known_at
    from {{ ref('fct_refunds') }} as refunds
    left join {{ ref('int_refunds__told') }} as told on refunds.refund_id = told.refund_id
    where provider in (select provider from lines)
        -- What the bank took back is on the bill under its own name.
        and coalesce(refund_kind, '') <> 'chargeback'

),

named as (

    select settlement_line_id, min(refund_id) as refund_id
    from (
        select lines.settlement_line_id, refunds.refund_id
        from lines
        inner join refunds
            on lines.provider = refunds.provider
            and lines.merchant_refund_id = refunds.provider_refund_id
        union all
        select lines.settlement_line_id, refunds.refund_id
        from lines
        inner join refunds
            on lines.provider = refunds.provider
            and lines.shop_id || '-' || lines.merchant_refund_id = refunds.refund_id
    ) as pairs
    group by settlement_line_id

),

known_orders as (

    select distinct order_id from refunds where order_id is not null

),

booked as (

    select
        lines.*,
        coalesce(refunds.order_id, lines.order_id) as refund_order_id,
        coalesce(named.refund_id, lines.order_id, lines.settlement_line_id) as refund_key,
        named.refund_id is not null or known_orders.order_id is not null as is_known
    from lines
    left join named on lines.settlement_line_id = named.settlement_line_id
    left join refunds on named.refund_id = refunds.refund_id
    left join known_orders on lines.order_id = known_orders.order_id

)

select
    {{ recon_side('RC3', 'left', {
        'item_id': 'refunds.refund_id',
        'match_key': 'coalesce(named.refund_id, refunds.order_id, refunds.refund_id)',
        'currency_code': 'refunds.currency_code', 'amount': 'refunds.amount',
        'item_at': 'refunds.refunded_at', 'order_id': 'refunds.order_id',
        'channel': 'refunds.channel', 'shop_id': 'refunds.shop_id', 'party': 'refunds.provider',
        'is_due': 'billed_days.billed_date is not null', 'due_at': 'billed_days.known_at',
        'known_at': 'refunds.known_at'}) }}
from refunds
inner join first_days
    on refunds.provider = first_days.provider
    and {{ reporting_date('refunds.refunded_at') }} >= first_days.first_billed_date
left join billed_days
    on refunds.provider = billed_days.provider
    and {{ reporting_date('refunds.refunded_at') }} = billed_days.billed_date
left join (select distinct refund_id from named) as named on refunds.refund_id = named.refund_id
where refunds.is_paid
union all
select
    {{ recon_side('RC3', 'right', {
        'item_id': 'settlement_line_id', 'match_key': 'refund_key',
        'currency_code': 'currency_code', 'amount': '-gross_amount', 'item_at': 'posted_at',
        'order_id': 'refund_order_id', 'shop_id': 'shop_id', 'party': 'provider',
        'known_at': 'valued_known_at',
        'lone_type': "case when is_known then 'STATUS_DIFF' else 'ORPHAN_REFUND' end"}) }}
from booked
