{{ config(meta={'touched': 'all'}) }}
-- Pass 4: what may belong together and waits for somebody to say so. Nothing follows from a suggestion
-- alone. One that was rejected stays so while its differences have these amounts.
with

found as (

    select * from {{ ref('int_recon__assembled') }}

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
        found.*,
        md5(
            found.member_ids || '|'
            || cast(breaks.left_amount + breaks.right_amount as {{ type_text() }}) || '|'
            || cast(found.rest_amount as {{ type_text() }})
        ) as suggestion_id,
        cast(round(
            {{ threshold('recon_suggest_amount_points') }}
            * (1 - abs(found.rest_amount) / (2 * {{ threshold('recon_suggest_rest') }}))
            + {{ threshold('recon_suggest_date_points') }} * greatest(
                0, 1 - found.days_apart / (1 + {{ threshold('recon_suggest_days') }}))
            + {{ threshold('recon_suggest_key_points') }} * greatest(
                0, 1 - case when found.found_by = 'order' then 0
                    else coalesce(found.key_distance, 1000) end
                    / (1 + {{ threshold('recon_suggest_key_distance') }}))
        ) as integer) as score
    from found
    inner join {{ ref('fct_recon_breaks') }} as breaks on found.one_id = breaks.break_id

),

sets as (

    select
        scored.set_id,
        scored.suggestion_id,
        scored.one_id,
        scored.second_id,
        scored.member_count,
        scored.score,
        rejected.suggestion_id is not null as is_rejected
    from scored
    left join rejected on scored.suggestion_id = rejected.suggestion_id
    where scored.member_number = 1
        and scored.score >= {{ threshold('recon_suggest_least_points') }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by one_id, is_rejected order by score desc, suggestion_id
        ) as suggestion_rank,
        row_number() over (
            partition by second_id, member_count = 2, is_rejected
            order by score desc, suggestion_id
        ) as second_rank
    from sets

),

members as (

    select scored.*, ranked.is_rejected
    from scored
    inner join ranked on scored.set_id = ranked.set_id
    where ranked.is_rejected
        or greatest(ranked.suggestion_rank, ranked.second_rank)
            <= {{ threshold('recon_suggest_most') }}

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
        members.is_rejected,
        members.found_by
    from members
    inner join {{ ref('fct_recon_breaks') }} as breaks on members.break_id = breaks.break_id

)

select * from final
