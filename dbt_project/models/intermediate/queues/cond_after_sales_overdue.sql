{{ config(materialized='ephemeral') }}
-- A return was not inspected, or a refund, replacement or repair not made, in time. Several clocks of
-- one case that are late at once are one piece of work.
with

late as (

    select
        clocks.*,
        coalesce(starts.case_id, clocks.entity_id) as owner_id,
        case when starts.case_id is null then clocks.entity_type else 'case' end as owner_type,
        starts.amount,
        starts.currency_code
    from {{ ref('fct_sla_clocks') }} as clocks
    inner join {{ order_log() }} as starts on clocks.start_event_id = starts.event_id
    where clocks.sla_code in ('S22', 'S23', 'S24', 'S25', 'S25A', 'S26')
        and {{ touched('clocks.order_id') }}
        and clocks.due_at is not null
        and (clocks._ended_at is null or clocks._ended_at > clocks.due_at)

),

ended as (

    select
        *,
        max(coalesce(_ended_at, timestamp '9999-01-01')) over (
            partition by owner_id order by due_at, clock_id
            rows between unbounded preceding and 1 preceding
        ) as latest_end_at
    from late

),

numbered as (

    select
        *,
        sum(case when latest_end_at is null or due_at > latest_end_at then 1 else 0 end) over (
            partition by owner_id order by due_at, clock_id
            rows between unbounded preceding and current row
        ) as spell_number
    from ended

),

spells as (

    select
        owner_id,
        spell_number,
        min(owner_type) as owner_type,
        min(order_id) as order_id,
        min(channel) as channel,
        min(shop_id) as shop_id,
        min(started_at) as started_at,
        min(due_at) as opened_at,
        case when count(*) = count(_ended_at) then max(_ended_at) end as closed_at,
        {{ first_by('start_event_id', ['due_at', 'clock_id']) }} as event_id,
        {{ first_by('sla_code', ['due_at', 'clock_id']) }} as first_sla_code,
        max(amount) as amount,
        max(currency_code) as currency_code,
        -- Goods that nobody looked at cost less than money that nobody paid.
        max(case when sla_code in ('S22', 'S25A') then 0 else 1 end) as money_count,
        count(*) as clock_count
    from numbered
    group by owner_id, spell_number

)

select
    {{ condition('Q28', {
        'entity_id': 'spells.owner_id', 'entity_type': 'spells.owner_type',
        'episode_number': 'spells.spell_number', 'order_id': 'spells.order_id',
        'channel': 'spells.channel', 'shop_id': 'spells.shop_id',
        'opened_at': 'spells.opened_at', 'closed_at': 'spells.closed_at',
        'due_at': 'spells.opened_at',
        'at_risk_amount': 'coalesce(cases.requested_amount, spells.amount)',
        'currency_code': 'coalesce(cases.currency_code, spells.currency_code)',
        'evidence_event_id': 'spells.event_id', 'started_at': 'spells.started_at',
        'severity': 'case when spells.money_count = 0 then 2 else 1 end',
        'facts': facts([
            ["'late_promise'", 'spells.first_sla_code', 'null', 'null'],
            ["'late_clocks'", 'spells.clock_count', "'='", '0']])}) }}
from spells
left join {{ ref('fct_after_sales_cases') }} as cases on spells.owner_id = cases.case_id
