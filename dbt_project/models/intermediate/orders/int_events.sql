-- The part of the log this build folds: the touched orders' events, read once. When everything is
-- folded anew the log itself is read (macro order_log) and this stays empty.
select *
from {{ ref('fct_order_events') }}
where {{ 'false' if is_full() else few_rows(
    ref('fct_order_events'), 'order_id',
    '(select order_id from ' ~ ref('int_touched_orders') ~ ')') }}
