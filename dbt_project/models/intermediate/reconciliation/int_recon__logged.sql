{{ config(materialized='ephemeral') }}
-- What happens to differences finance decides about, in the shape of the log of things: the clock S34
-- runs from the day one can be seen, not while it is in suspense, and until it is settled.
{%- set unread = "cast(null as " ~ type_text() ~ ")" %}
with

found as (

    select
        *,
        case_id || '|' || cast(episode_number as {{ type_text() }}) as record_key,
        'orderhouse' as source,
        cast(null as timestamp) as observed_at,
        {{ unread }} as file_id,
        cast(null as bigint) as row_number,
        cast(null as bigint) as byte_from,
        cast(null as bigint) as byte_to
    from {{ ref('int_recon__cased') }}

)

{%- set moments = {
    'OPENED': ('seen_at', 'true', 'break_type'),
    'SUSPENDED': ('seen_at', 'opened_at > seen_at', 'break_type'),
    'RESUMED': ('opened_at', 'opened_at > seen_at', 'break_type'),
    'CLOSED': ('until_at', 'until_at is not null', 'until_state_code')} %}

{% for name, (moment, condition, detail) in moments.items() -%}
select
    {{ logged("'RECON_BREAK_" ~ name ~ "'", moment, moment, "'recon_break'", 'case_id', {
        'order_id': 'null', 'amount': 'difference_amount', 'currency_code': 'currency_code',
        'detail_code': detail}) }}
from found
where {{ condition }}
{{ 'union all' if not loop.last }}
{% endfor %}
