{{ config(materialized='ephemeral') }}
-- What the words of channels for a delivery stand for: the word of the highest rank in them counts.
with

methods as (

    select distinct ship_method
    from {{ ref('int_orders__priced') }}
    where ship_method is not null and ship_method <> 'unset'

),

ranked as (

    select
        methods.ship_method,
        words.delivery_mode,
        row_number() over (
            partition by methods.ship_method order by words.word_rank, words.word
        ) as match_rank
    from methods
    inner join {{ ref('delivery_words') }} as words
        on position(words.word in lower(methods.ship_method)) > 0

)

select ship_method, delivery_mode from ranked where match_rank = 1
