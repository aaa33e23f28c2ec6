{{ config(meta={'touched': 'all'}) }}
-- Pass 4: what may belong together and waits for somebody to say so. Nothing follows from a suggestion
-- alone. One that was rejected stays so while its differences have these amounts.
with

coupled as (

    select * from {{ ref('int_recon__coupled') }}

),

rejected as (

    select distinct decisions.suggestion_id
    from {{ ref('stg_recon_decisions') }} as decisions
    left join {{ ref('stg_recon_decisions') }} as undoings
        on decisions.decision_id = undoings.undoes_decision_id
    where decisions.verb = 'reject_match' and undoings.decision_id is null

),

scored as (

    select
        coupled.*,
        md5(
            coupled.one_id || coupled.second_id || coalesce(coupled.third_id, '')
            || coalesce(coupled.fourth_id, '') || '|'
            || cast(breaks.left_amount + breaks.right_amount as {{ type_text() }}) || '|'
            || cast(coupled.rest_amount as {{ type_text() }})
        ) as suggestion_id,
        cast(round(
            {{ threshold('recon_suggest_amount_points') }}
            * (1 - abs(coupled.rest_amount) / (2 * {{ threshold('recon_suggest_rest') }}))
            + {{ threshold('recon_suggest_date_points') }} * greatest(
                0, 1 - coupled.days_apart / (1 + {{ threshold('recon_suggest_days') }}))
            + {{ threshold('recon_suggest_key_points') }} * greatest(
                0, 1 - coalesce(coupled.key_distance, 1000)
                    / (1 + {{ threshold('recon_suggest_key_distance') }}))
        ) as integer) as score
    from coupled
    inner join {{ ref('fct_recon_breaks') }} as breaks on coupled.one_id = breaks.break_id

),

ranked as (

    select
        scored.*,
        rejected.suggestion_id is not null as is_rejected,
        row_number() over (
            partition by scored.one_id, rejected.suggestion_id is not null
            order by scored.score desc, scored.suggestion_id
        ) as suggestion_rank,
        row_number() over (
            partition by scored.second_id, scored.third_id is null,
                rejected.suggestion_id is not null
            order by scored.score desc, scored.suggestion_id
        ) as second_rank
    from scored
    left join rejected on scored.suggestion_id = rejected.suggestion_id
    where scored.score >= {{ threshold('recon_suggest_least_points') }}

),

members as (

    {% for place, column in [(1, 'one_id'), (2, 'second_id'), (3, 'third_id'), (4, 'fourth_id')] -%}
    select *, {{ column }} as break_id, {{ place }} as member_number
    from ranked
    where {{ column }} is not null
        and (
            is_rejected
            or greatest(suggestion_rank, second_rank) <= {{ threshold('recon_suggest_most') }}
        )
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        members.suggestion_id,
        members.break_id,
        cast(members.member_number as bigint) as member_number,
        breaks.recon_code,
        breaks.match_key,
        breaks.order_id,
        breaks.channel,
        breaks.shop_id,
        breaks.party,
        breaks.recon_date,
        breaks.currency_code,
        breaks.left_amount,
        breaks.right_amount,
        cast(members.rest_amount as decimal(18, 4)) as rest_amount,
        members.score,
        cast(members.days_apart as bigint) as days_apart,
        cast(members.key_distance as bigint) as key_distance,
        members.is_rejected
    from members
    inner join {{ ref('fct_recon_breaks') }} as breaks on members.break_id = breaks.break_id

)

select * from final
