{{ config(materialized='ephemeral') }}
-- One row per word that lets held orders go: of one type of hold, or (no type) of all of them. A pass
-- lets go of everything. Who may not release a type of hold does not, whatever they say.
select
    order_id,
    case when reason in (select hold_type from {{ ref('hold_types') }}) then reason end as hold_type,
    event_at as released_at,
    event_known_at as known_at,
    event_code = 'review_passed' as is_pass,
    'staff' as actor_type,
    actor_id,
    cast(null as {{ type_text() }}) as actor_role,
    {{ lineage_columns() | join(', ') }}
from {{ ref('stg_fulfilment_events') }}
where event_code in ('review_passed', 'hold_released')
    and not (event_code = 'review_passed' and coalesce(reason, '') = 'finance')
    and {{ touched('order_id') }}
union all
select
    order_id,
    hold_type,
    decided_at as released_at,
    decided_known_at as known_at,
    verb = 'review_pass' as is_pass,
    'staff' as actor_type,
    actor_id,
    actor_role,
    {{ lineage_columns() | join(', ') }}
from {{ ref('int_decisions__kept') }}
where verb in ('review_pass', 'release_hold', 'allow_once') and not is_undone
