{%- set refilled = "queue_code in ('" ~ refilled_queues() | join("', '") ~ "')" %}
{{ config(meta={'touched': [
    {'grain': 'orders', 'where': 'not ' ~ refilled},
    {'grain': 'all', 'where': '(' ~ refilled ~ ' or order_id is null)'}]}) }}
{%- set conditions = [
    'cond_missing_order',
    'cond_incomplete_order',
    'cond_duplicate_order',
    'cond_unpaid_past_deadline',
    'cond_payment_mismatch',
    'cond_review_pending',
    'cond_finance_review_pending',
    'cond_held_too_long',
    'cond_risky_order',
    'cond_oversold',
    'cond_stock_drift',
    'cond_over_published',
    'cond_paid_after_release',
    'cond_stock_low',
    'cond_stock_alert_unhandled',
    'cond_stock_impossible',
    'cond_count_variance',
    'cond_ship_by_at_risk',
    'cond_stuck_in_warehouse',
    'cond_pick_short',
    'cond_supply_late',
    'cond_supply_not_as_agreed',
    'cond_statement_to_build',
    'cond_statement_open',
    'cond_statement_disputed',
    'cond_no_first_scan',
    'cond_not_synced',
    'cond_carrier_exception',
    'cond_tracking_silent',
    'cond_not_received',
    'cond_process_deviation',
    'cond_state_conflict',
    'cond_bill_break',
    'cond_data_unhealthy',
    'cond_feed_reshaped',
    'cond_check_failed',
    'cond_after_sales_undecided',
    'cond_return_overdue',
    'cond_return_unexpected',
    'cond_after_sales_overdue',
    'cond_refund_anomaly',
    'cond_complaint_open',
    'cond_incident_open',
    'cond_claim_due',
    'cond_access_unreviewed',
] %}
with

found as (

    {% for condition in conditions -%}
    select * from {{ ref(condition) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- Orders whose buyer asked where it is, or complained.
urged as (

    select distinct order_id
    from {{ ref('fct_order_events') }}
    where event_type in ('BUYER_URGED', 'COMPLAINT_OPENED')

),

items as (

    select
        md5(
            found.queue_code || '|' || coalesce(found.entity_type, queues.entity_type) || '|'
            || found.entity_id || '|' || cast(found.episode_number as {{ type_text() }})
        ) as item_id,
        found.queue_code,
        coalesce(found.entity_type, queues.entity_type) as entity_type,
        found.entity_id,
        found.episode_number,
        found.order_id,
        found.channel,
        found.shop_id,
        found.started_at,
        found.opened_at,
        found.closed_at,
        found.due_at,
        coalesce(found.severity, queues.severity) as severity,
        found.at_risk_amount,
        found.currency_code,
        urged.order_id is not null as is_urged,
        {{ why('queues', 'found.facts', 'found.evidence_event_id', 'found.started_at',
            'found.due_at', 'coalesce(found.rule_code, queues.rule_code)') }} as why
    from found
    inner join {{ ref('queues') }} as queues on found.queue_code = queues.queue_code
    left join urged on found.order_id = urged.order_id

),

-- A case leaves its queue when its cause is gone or when somebody settles it, whichever is first.
final as (

    select
        items.item_id, items.queue_code, items.entity_type, items.entity_id, items.episode_number,
        items.order_id, items.channel, items.shop_id, items.started_at, items.opened_at,
        items.closed_at,
        settled.settled_at,
        least(coalesce(items.closed_at, settled.settled_at),
            coalesce(settled.settled_at, items.closed_at)) as left_at,
        items.due_at, items.severity, items.at_risk_amount, items.currency_code, items.is_urged,
        items.why
    from items
    left join {{ ref('int_cases__settled') }} as settled on items.item_id = settled.item_id

)

select * from final
