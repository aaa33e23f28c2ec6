{{ config(materialized='ephemeral') }}
-- A supplier shipped more than was ordered, before anybody approved it, or at another price than was
-- agreed. It stays until somebody approves the exception; a late approval mends what was unapproved.
with

shipped as (

    select * from {{ ref('int_supplies__shipped') }} where told_quantity is not null

),

problems as (

    select *, 2 as kind_number, 'over_shipped' as problem
    from shipped
    where running_quantity > ordered_quantity
    union all
    select *, 3 as kind_number, 'unapproved' as problem
    from shipped
    where approved_at is null or approved_at > event_at
    union all
    select *, 4 as kind_number, 'price_differs' as problem
    from shipped
    where unit_price_amount <> told_price_amount and currency_code = told_currency_code

),

ranked as (

    select *, row_number() over (
        partition by order_id, kind_number order by event_at, record_key
    ) as problem_rank
    from problems

),

excused as (

    select ranked.order_id, ranked.kind_number, min(events.occurred_at) as excused_at
    from ranked
    inner join {{ order_log() }} as events
        on ranked.order_id = events.order_id
        and events.event_type = 'SHIP_EXCEPTION_APPROVED'
        and events.occurred_at >= ranked.event_at
    where ranked.problem_rank = 1
    group by ranked.order_id, ranked.kind_number

),

final as (

    select
        ranked.*,
        least(
            excused.excused_at,
            case when ranked.problem = 'unapproved' then ranked.approved_at end
        ) as mended_at
    from ranked
    left join excused
        on ranked.order_id = excused.order_id and ranked.kind_number = excused.kind_number
    where ranked.problem_rank = 1

)

select
    {{ condition('Q20', {
        'entity_id': 'final.order_id', 'episode_number': 'final.kind_number',
        'order_id': 'final.order_id', 'channel': 'orders.channel', 'shop_id': 'orders.shop_id',
        'opened_at': 'final.event_at', 'closed_at': 'final.mended_at',
        'at_risk_amount': 'final.amount', 'currency_code': 'final.currency_code',
        'facts': facts([
            ["'supply_problem'", 'final.problem', 'null', 'null'],
            ["'supplier_id'", 'final.supplier_id', 'null', 'null'],
            ["'sku'", 'final.sku', 'null', 'null'],
            ["'shipped_quantity'", 'final.running_quantity', "'<='", 'final.ordered_quantity'],
            ["'unit_price_amount'", 'final.unit_price_amount', "'='", 'final.told_price_amount']])}) }}
from final
inner join {{ ref('int_orders__priced') }} as orders on final.order_id = orders.order_id
