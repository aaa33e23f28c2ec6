{{ config(materialized='ephemeral') }}
-- A stocktake found more or less than the books say, beyond the tolerance of the article's class.
select
    {{ condition('Q16', {
        'entity_id': 'counts.count_line_id', 'opened_at': 'counts.counted_at',
        'closed_at': 'counts.decided_at', 'due_at': 'clocks.due_at',
        'at_risk_amount': 'abs(counts.variance_amount)', 'currency_code': 'counts.currency_code',
        'facts': facts([
            ["'variance_quantity'", 'counts.variance_quantity', "'='", '0'],
            ["'counted_quantity'", 'counts.counted_quantity', "'='", 'counts.book_quantity']])}) }}
from {{ ref('fct_stock_counts') }} as counts
left join {{ ref('fct_sla_clocks') }} as clocks
    on clocks.sla_code = 'S33' and clocks.entity_id = counts.count_line_id
    and clocks.episode_number = 1
where not counts.is_within_tolerance
