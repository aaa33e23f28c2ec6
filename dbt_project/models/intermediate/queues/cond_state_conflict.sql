{{ config(materialized='ephemeral') }}
-- Two sources tell of one order what cannot both be right, for longer than news need to travel.
with

met as (

    select
        conflicts.conflict_code,
        conflicts.left_source,
        conflicts.left_state,
        conflicts.right_source,
        conflicts.right_state,
        lefts.order_id,
        lefts.from_at as left_at,
        rights.from_at as right_at,
        greatest(lefts.from_at, rights.from_at) as since_at,
        coalesce(least(lefts.to_at, rights.to_at), lefts.to_at, rights.to_at) as until_at
    from {{ ref('state_conflicts') }} as conflicts
    inner join {{ ref('int_states__spanned') }} as lefts
        on conflicts.left_source = lefts.source_code and conflicts.left_state = lefts.state_code
    inner join {{ ref('int_states__spanned') }} as rights
        on lefts.order_id = rights.order_id
        and conflicts.right_source = rights.source_code
        and conflicts.right_state = rights.state_code
        and (lefts.to_at is null or lefts.to_at > rights.from_at)
        and (rights.to_at is null or rights.to_at > lefts.from_at)
    where conflicts.queue_code = 'Q31'
        and (not conflicts.is_in_order or rights.from_at > lefts.from_at)

),

-- A source may move on without agreeing: that is the same conflict.
merged as (

    select
        order_id,
        conflict_code,
        min(since_at) as since_at,
        case when count(*) = count(until_at) then max(until_at) end as until_at,
        {%- for column in ['left_source', 'left_state', 'left_at', 'right_source', 'right_state',
            'right_at'] %}
        {{ last_by(column, ['since_at', 'left_state', 'right_state']) }} as {{ column }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from met
    group by order_id, conflict_code

),

due as (

    select *, {{ add_minutes('since_at', threshold('state_conflict_minutes')) }} as opened_at
    from merged

)

select
    {{ condition('Q31', {
        'entity_id': "due.conflict_code || '@' || due.order_id", 'order_id': 'due.order_id',
        'channel': 'orders.channel', 'shop_id': 'orders.shop_id', 'opened_at': 'due.opened_at',
        'closed_at': 'due.until_at', 'started_at': 'due.since_at',
        'at_risk_amount': 'orders.owed_amount', 'currency_code': 'orders.order_currency_code',
        'facts': facts([
            ["'conflict_code'", 'due.conflict_code', 'null', 'null'],
            ["due.left_source || '_state'", 'due.left_state', 'null', 'null'],
            ["due.left_source || '_state_at'", 'due.left_at', 'null', 'null'],
            ["due.right_source || '_state'", 'due.right_state', 'null', 'null'],
            ["due.right_source || '_state_at'", 'due.right_at', 'null', 'null']])}) }}
from due
inner join {{ ref('int_orders__priced') }} as orders on due.order_id = orders.order_id
where due.until_at is null or due.until_at > due.opened_at
