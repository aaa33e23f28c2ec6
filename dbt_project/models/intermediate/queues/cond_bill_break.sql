{{ config(materialized='ephemeral') }}
-- Two accounts of the same thing do not agree: a bill, a fee, a payout, a receipt. Ends when they do,
-- or when somebody or a known reason accounts for it; what an order and its marketplace differ in is
-- one case, its components are its reasons. What another queue has a case for opens none
-- here: kinds of breaks by recon_routes, and refunds beyond what was captured, which are anomalies
-- of their order. Where a balance stops following, the first line that does not is told; of freight,
-- what the carrier charged by kind.
with

told_lines as (

    select
        md5('RC2B|' || match_key || '|' || currency_code) as break_id,
        {{ first_by(fact("'first_file'", 'file_name', 'null', 'null') ~ " || ',' || "
            ~ fact("'first_row'", 'row_number', 'null', 'null') ~ " || ',' || "
            ~ fact("'balance_amount'", 'balance_amount', "'='", 'balance_amount - gap_amount'),
            ['line_place']) }} as line_facts
    from {{ ref('int_recon__chained') }}
    where gap_amount <> 0
    group by match_key, currency_code
    union all
    select
        md5('RC16|' || match_key || '|' || currency_code) as break_id,
        {{ joined_text(fact("charge_kind || '_charge'", 'amount', 'null', 'null'), ',',
            'charge_kind') }} as line_facts
    from (
        select coalesce(tracking_number, charge_id) as match_key, charge_kind, currency_code,
            sum(amount) as amount
        from {{ ref('stg_carrier_charges') }}
        where coalesce(tracking_number, charge_id) in (
            select match_key from {{ ref('int_recon__cased') }} where recon_code = 'RC16'
        )
        group by coalesce(tracking_number, charge_id), charge_kind, currency_code
    ) as charges
    group by match_key, currency_code

)

select
    {{ condition('Q33', {
        'entity_id': 'breaks.case_id', 'episode_number': 'breaks.episode_number',
        'order_id': 'breaks.order_id', 'channel': 'breaks.channel', 'shop_id': 'breaks.shop_id',
        'started_at': 'breaks.seen_at', 'opened_at': 'breaks.opened_at',
        'closed_at': 'breaks.until_at', 'due_at': 'clocks.due_at',
        'at_risk_amount': 'breaks.at_risk_amount', 'rule_code': 'breaks.recon_code',
        'currency_code': 'breaks.currency_code', 'evidence_event_id': 'clocks.start_event_id',
        'severity': 'case when abs(breaks.at_risk_amount) >= levels.severe_amount then 1 '
            ~ 'when abs(breaks.at_risk_amount) < levels.small_amount then 3 else 2 end',
        'facts': facts([
            ["'recon_code'", 'breaks.recon_code', 'null', 'null'],
            ["'break_type'", 'breaks.break_type', "'='", "'MATCHED'"],
            ["'left_amount'", 'breaks.left_amount', "'='", 'breaks.right_amount'],
            ["'right_amount'", 'breaks.right_amount', "'='", 'breaks.left_amount'],
            ["'match_key'", 'breaks.match_key', 'null', 'null'],
            ["'closed_by'", 'breaks.until_state_code', 'null', 'null'],
            ["'closing_decision'", 'breaks.until_decision_id', 'null', 'null']],
            'coalesce(breaks.part_facts, told_lines.line_facts)')}) }}
from {{ ref('int_recon__cased') }} as breaks
left join {{ ref('fct_sla_clocks') }} as clocks
    on clocks.sla_code = 'S34'
    and breaks.case_id = clocks.entity_id
    and breaks.episode_number = clocks.episode_number
left join told_lines on breaks.case_id = told_lines.break_id
left join {{ ref('recon_routes') }} as routes
    on breaks.recon_code = routes.recon_code and breaks.break_type = routes.break_type
left join {{ ref('money_levels') }} as own_levels
    on breaks.currency_code = own_levels.currency_code
inner join {{ ref('money_levels') }} as levels
    on levels.currency_code = coalesce(own_levels.currency_code, '*')
left join {{ ref('fct_orders') }} as orders
    on breaks.recon_code = 'RC8' and breaks.order_id = orders.order_id
where routes.queue_code is null
    and not coalesce(orders.refunded_amount > orders.captured_amount, false)
