-- The orders, the stock, the money and the queues of a business, straight from its records: one
-- script, one engine, no framework. It answers what the marts answer by the same rules, put in
-- another way: no log of events, each figure from the records that state it. The rules themselves
-- are those of the models; where both are wrong together, no comparison shows it.
--
-- Runs with the loaded warehouse as the default database (`records`, `ops`), the policies in
-- `answers.policies`, and leaves its answers in `answers`. It folds everything: it knows no load
-- that came before, keeps no history, no lineage and no reasons, and checks nothing.
--
-- Not covered, because no figure here depends on it: masked values, the order log, states over time.

create or replace temp macro newest(stream) as table
    with several as materialized (
        select record_key from query_table(stream) group by all having count(*) > 1
    )
    from query_table(stream) anti join several using (record_key)
    union all
    (from query_table(stream) semi join several using (record_key)
    qualify row_number() over (partition by record_key order by
        source_sequence desc nulls last, observed_at desc nulls last, record_hash desc) = 1);
create or replace temp macro business_day(moment) as
    timezone('Asia/Shanghai', timezone('UTC', moment))::date;
create or replace temp macro end_of_day(day, later) as
    timezone('UTC', timezone('Asia/Shanghai', (day + 1 + later::int)::timestamp));
create or replace temp macro later(moment, minutes) as moment + to_minutes(minutes::bigint);
create or replace temp macro threshold(code) as
    (select threshold_value from answers.policies.thresholds where threshold_code = code);
-- The last of a series of codes: by moment, at one moment the highest. Codes stay below 64.
create or replace temp macro stamp(moment, code) as epoch_us(moment) * 64 + code;

-- 1. What an order is: its newest record, its lines, how its shop is treated.
create temp table line as
select line_id, order_id, line_number, sku, quantity, unit_price_amount, line_amount,
    shipping_amount, tax_amount, discount_amount, currency_code,
    coalesce(line_kind, 'goods') in ('goods', 'gift') as is_goods,
    (quantity * unit_price_amount)::decimal(18, 4) as list_amount
from newest('records.order_lines');

create temp table pay as
select p.* replace (coalesce(p.paid_at, o.paid_at, o.placed_at) as paid_at)
from (select payment_id, order_id, payment_kind, payment_status, paid_at, amount, currency_code,
        provider, merchant_payment_id, provider_payment_id
    from newest('records.payments')) as p
left join newest('records.orders') as o on p.paid_at is null and o.order_id = p.order_id
where coalesce(p.paid_at, o.paid_at, o.placed_at) is not null;

create temp table refund as
select r.refund_id, r.record_key, r.refund_status, r.refund_kind, r.refunded_at, r.amount,
    r.quantity, r.case_id, r.line_id, r.sku, coalesce(r.order_id, c.order_id) as order_id
from newest('records.refunds') as r
left join (select case_id, min(order_id) as order_id from records.after_sales group by all) as c
    using (case_id);

create temp table ord as
with rule as (
    select o.channel, o.shop_id, arg_max(c, (c.channel <> '*')::int + (c.shop_id <> '*')::int) as r
    from (select distinct channel, shop_id from records.orders) as o
    join answers.policies.channels as c
        on c.channel in (o.channel, '*') and c.shop_id in (o.shop_id, '*')
    group by all
),
lines as (
    select order_id, count(*) as line_count,
        sum(coalesce(line_amount, list_amount - coalesce(discount_amount, 0))) as amount,
        sum(list_amount) filter (is_goods) as goods_amount,
        sum(discount_amount) as discount_amount, sum(shipping_amount) as shipping_amount,
        sum(tax_amount) as tax_amount, max(currency_code) as currency_code,
        sum(quantity) filter (is_goods) as quantity,
        max(quantity) filter (is_goods) as largest_quantity,
        count(*) filter (is_goods and (sku is null or quantity <= 0 or (line_amount is null
            and (unit_price_amount is null or unit_price_amount < 0)))) as wrong_count
    from line group by all
),
money as (
    select order_id, min(paid_at) filter (payment_kind in ('capture', 'authorization')) as first_paid_at,
        min(paid_at) filter (payment_kind in ('capture', 'cod_collected')) as captured_at,
        max(paid_at) filter (payment_kind in ('capture', 'cod_collected')) as last_captured_at,
        coalesce(sum(amount) filter (payment_kind in ('capture', 'cod_collected')), 0) as captured,
        bool_or(payment_kind = 'authorization') and not bool_or(payment_kind = 'void') as is_authorized
    from pay where payment_status = 'succeeded' and order_id is not null group by all
),
failures as (
    select distinct order_id from pay where payment_status = 'failed' and payment_kind <> 'void'
),
back as (
    select order_id, sum(amount) as refunded,
        coalesce(sum(quantity) filter (refund_kind = 'cancel'), 0) as cancelled_quantity
    from refund where refund_status = 'succeeded' and order_id is not null group by all
)
select o.order_id, o.channel, o.shop_id, o.placed_at, o.paid_at as said_paid_at, o.cancelled_at, o.closed_at as shut_at,
    o.ship_by_at, o.deposit_amount, o.rest_due_at, o.leaves_on_deposit, o.order_kind, o.status_raw, o.buyer_phone_index, o.ship_address_index,
    o.buyer_phone_masked, o.ship_address_masked, o.buyer_name_index, o.payment_method as stated_method,
    coalesce(o.payment_method, 'online') as payment_method,
    coalesce(o.payment_method = 'cod', false) as is_cod,
    coalesce(o.currency_code, l.currency_code) as currency_code,
    coalesce(o.goods_amount, l.goods_amount, o.payable_amount
        - coalesce(o.shipping_amount, l.shipping_amount, 0) - coalesce(o.tax_amount, l.tax_amount, 0)
        + coalesce(o.discount_amount, l.discount_amount, 0), 0) as goods_amount,
    coalesce(o.discount_amount, l.discount_amount, 0) as discount_amount,
    coalesce(o.shipping_amount, l.shipping_amount, 0) as shipping_amount,
    coalesce(o.tax_amount, l.tax_amount, 0) as tax_amount,
    coalesce(o.payable_amount, l.amount + coalesce(o.shipping_amount, l.shipping_amount, 0)
        + coalesce(o.tax_amount, 0))::decimal(18, 4) as payable,
    coalesce(l.quantity, o.item_quantity, 0)::decimal(18, 4) as ordered,
    coalesce(l.largest_quantity, 0) as largest_quantity, coalesce(l.line_count, 0) as line_count,
    coalesce(l.wrong_count, 0) as wrong_count, m.first_paid_at, m.captured_at, m.last_captured_at,
    coalesce(m.captured, 0) as captured, coalesce(m.is_authorized, false) as is_authorized,
    f.order_id is not null as has_failed, coalesce(b.refunded, 0) as refunded,
    coalesce(b.cancelled_quantity, 0) as taken_out,
    coalesce(o.channel || '|' || o.buyer_id, o.buyer_phone_index) as buyer,
    r.r.is_reviewed, r.r.requires_address, r.r.is_stock_tracked, r.r.reports_payments,
    r.r.default_warehouse_id, r.r.is_final_on_arrival,
    case when r.r.is_final_on_arrival then coalesce(o.completed_at, o.placed_at)
        else o.completed_at end as completed_at,
    coalesce((cr.cause_code is not distinct from 'expired'
            or o.cancelled_at >= later(o.placed_at, threshold('expiry_minutes')))
        and o.cancelled_at is not null and m.captured_at is null and o.payment_method is distinct from 'cod'
        and r.r.reports_payments, false) as is_expired
from newest('records.orders') as o
left join answers.policies.cancel_reasons as cr
    on cr.channel = o.channel and cr.reason_raw = lower(o.cancel_reason)
left join rule as r on r.channel = o.channel and r.shop_id is not distinct from o.shop_id
left join lines as l using (order_id) left join money as m using (order_id)
left join failures as f using (order_id) left join back as b using (order_id)
where not coalesce(o.is_test, false);

-- Of a pre-sale nothing is promised before nothing is left to pay.
create temp table presold as
select order_id, rest_due_at, deposit_amount, cancelled_at,
    min(paid_at) filter (so_far >= payable - 0.01) as whole_paid_at,
    min(paid_at) filter (so_far >= least(deposit_amount, payable) - 0.01) as deposit_paid_at
from (
    select o.order_id, o.payable, o.rest_due_at, o.deposit_amount, o.cancelled_at, p.paid_at, sum(p.amount) over (
        partition by o.order_id, p.payment_kind order by p.paid_at, p.payment_id
        rows between unbounded preceding and current row) as so_far
    from ord as o left join pay as p on p.order_id = o.order_id and p.payment_status = 'succeeded'
        and p.payment_kind in ('capture', 'authorization')
    where o.deposit_amount is not null and not coalesce(o.leaves_on_deposit, false)
        and not o.is_cod and o.reports_payments
) group by all;

-- 2. What was sent: one waybill within an order is one parcel, whoever speaks of it.
create temp table step as
select order_id, event_code, event_at, line_id, sku, quantity, warehouse_id, carrier,
    tracking_number from newest('records.fulfilment_events');
create temp table scan as
with meaning as (
    select s.carrier, s.source, s.code_raw, arg_max(m.norm_state,
        2 * (m.carrier <> '*')::int + (m.source <> '*')::int) as norm_state
    from (select distinct carrier, source, code_raw from records.tracking_events) as s
    left join answers.policies.carrier_state_map as m on m.code_raw = s.code_raw
        and m.carrier in (s.carrier, '*') and m.source in (s.source, '*')
    group by all
)
select t.carrier, t.tracking_number, t.event_at, t.record_key, t.source, m.norm_state
from newest('records.tracking_events') as t join meaning as m using (carrier, source, code_raw);

create temp table content as from newest('records.shipment_lines');
create temp table parcel as
with shipment as (select *, coalesce(tracking_number, shipment_id) as waybill
    from newest('records.shipments')),
stated as (
    select order_id, waybill, min(shipment_id) as shipment_id,
        max(tracking_number) as tracking_number, max(carrier) as carrier,
        max(warehouse_id) as warehouse_id, min(shipped_at) as shipped_at,
        min(delivered_at) as delivered_at,
        min(observed_at) filter (shipment_status in ('shipped', 'delivered')) as seen_shipped_at
    from shipment where coalesce(shipment_status, '') <> 'cancelled' group by all
),
goods as (
    select s.shipment_id, sum(c.quantity) as quantity
    from content as c join shipment as h using (shipment_id)
    join stated as s on s.order_id = h.order_id and s.waybill = h.waybill group by all
),
house as (
    select order_id, tracking_number, max(carrier) as carrier, max(warehouse_id) as warehouse_id,
        min(event_at) filter (event_code in ('handed_over', 'supplier_shipped')) as left_at,
        greatest(sum(quantity) filter (event_code = 'handed_over'),
            sum(quantity) filter (event_code = 'supplier_shipped')) as quantity
    from step where event_code in ('handed_over', 'supplier_shipped')
        or (event_code in ('labelled', 'packed') and tracking_number is not null)
    group by all
),
place as (
    select order_id, min(shipment_id) filter (tracking_number is null) as unnumbered,
        arg_min(shipment_id, (shipped_at is null, shipped_at, shipment_id)) as earliest
    from stated group by all
),
housed as (
    select h.order_id, case when h.tracking_number is null
            then coalesce(p.earliest, h.order_id || '-parcel')
            else coalesce(s.shipment_id, p.unnumbered, h.order_id || '-' || h.tracking_number)
        end as shipment_id,
        max(h.tracking_number) as tracking_number, max(h.carrier) as carrier,
        max(h.warehouse_id) as warehouse_id, min(h.left_at) as left_at, sum(h.quantity) as quantity
    from house as h left join place as p using (order_id)
    left join stated as s
        on s.order_id = h.order_id and s.tracking_number = h.tracking_number
    group by all
),
known as (
    select coalesce(s.order_id, h.order_id) as order_id, shipment_id,
        coalesce(s.tracking_number, h.tracking_number) as tracking_number,
        coalesce(s.carrier, h.carrier) as carrier,
        coalesce(h.warehouse_id, s.warehouse_id) as warehouse_id,
        least(s.shipped_at, h.left_at) as stated_at, s.seen_shipped_at, s.delivered_at,
        coalesce(g.quantity, h.quantity) as stated_quantity
    from stated as s full join housed as h using (shipment_id) left join goods as g using (shipment_id)
),
-- Nobody said it left, but the carrier has it.
collected as (
    select k.shipment_id, min(s.event_at) as moment
    from known as k join scan as s
        on s.tracking_number = k.tracking_number and s.carrier = coalesce(k.carrier, s.carrier)
    where k.stated_at is null and s.norm_state <> 'LABELLED' group by all
),
gone as (
    select k.*, coalesce(k.stated_at, c.moment, k.seen_shipped_at) as handed_at,
        coalesce(o.ordered - o.taken_out, 0) as open_quantity,
    from known as k left join collected as c using (shipment_id) left join ord as o using (order_id)
)
-- A parcel nobody counted holds what the counted ones left over; a second such parcel, nothing.
select *, case when handed_at is null then null when stated_quantity is not null then stated_quantity
        when row_number() over (partition by order_id, handed_at is null, stated_quantity is null
            order by handed_at, shipment_id) = 1
        then greatest(open_quantity - coalesce(sum(stated_quantity)
            filter (handed_at is not null) over (partition by order_id), 0), 0)
        else 0 end::decimal(18, 4) as quantity
from gone;

-- Two scans of one moment stand in the order of their event ids, which only they need.
create temp table move as
with tied as (
    select tracking_number, event_at from scan group by all having count(*) > 1
)
select p.order_id, p.shipment_id, p.carrier, s.event_at, s.norm_state,
    if(t.event_at is null, '', md5(concat_ws('|', s.source, s.record_key, 'TRACK_SCAN',
        p.shipment_id, epoch_us(s.event_at)))) as tie,
    case s.norm_state when 'LABELLED' then 1 when 'COLLECTED' then 2 when 'IN_TRANSIT' then 3
        when 'FORWARDED' then 3 when 'CUSTOMS' then 3 when 'ARRIVED' then 4 when 'OUT_FOR_DELIVERY' then 5
        when 'AT_PICKUP_POINT' then 6 when 'RETURNING' then 8 when 'RETURNED' then 9
        when 'LOST' then 10 when 'DELIVERED' then 11 when 'PROOF_OF_DELIVERY' then null
        else if(s.norm_state is null, null, 7) end as code
from parcel as p join scan as s
    on s.tracking_number = p.tracking_number and s.carrier = coalesce(p.carrier, s.carrier)
left join tied as t on t.tracking_number = s.tracking_number and t.event_at = s.event_at;
create temp table arrival as
select shipment_id, any_value(p.order_id) as order_id, any_value(p.quantity) as quantity,
    least(any_value(p.delivered_at), min(m.event_at)) as delivered_at
from parcel as p left join (from move where norm_state = 'DELIVERED') as m using (shipment_id)
group by all having delivered_at is not null;

-- 3. Review is taken from the order log: each of its rules is tested for itself, and spelling twenty-two
-- of them out again would compare two copies of one text. When the order was confirmed follows.
create temp table verdict as
select order_id, moment, event_type, detail from answers.policies.review_events
where event_type in ('REVIEW_REJECTED', 'HOLD_APPLIED', 'HOLD_RELEASED')
    or (event_type = 'REVIEW_PASSED' and detail is distinct from 'auto');
create temp table pending as
select order_id, moment, event_type, detail from answers.policies.review_events
where event_type in ('REVIEW_ENTERED', 'ORDER_BLOCKED');
create temp table review as
select order_id, o.is_cod, min(moment) filter (event_type = 'ORDER_CONFIRMED') as confirmed_at,
    bool_or(event_type = 'REVIEW_PASSED' and detail = 'auto') as is_auto
from answers.policies.review_events join ord as o using (order_id) group by all;

-- 4. After-sales, bills, and the axes of each order.
create temp table case_step as from newest('records.after_sales');
create temp table bill as
with ours as (
    select merchant_payment_id, arg_min(order_id, payment_id) as order_id
    from pay where order_id is not null and merchant_payment_id is not null group by all
),
theirs as (
    select provider_payment_id, arg_min(order_id, payment_id) as order_id,
        arg_min(merchant_payment_id, payment_id) as merchant_payment_id
    from pay where order_id is not null and provider_payment_id is not null group by all
)
select b.settlement_line_id, b.provider, b.line_kind, b.amount_type, b.posted_at, b.gross_amount,
    coalesce(b.currency_code, '') as currency_code, b.ingested_at,
    coalesce(b.order_id, o.order_id, t.order_id) as order_id,
    coalesce(b.merchant_payment_id, t.merchant_payment_id, b.provider_payment_id,
        b.settlement_line_id) as match_key
from newest('records.settlement_lines') as b
left join ours as o using (merchant_payment_id) left join theirs as t using (provider_payment_id);

-- An order ends by its word, when what a channel closed has arrived or was paid back, or by itself.
create temp table now_told as
select max(told_at) as told_at from (select max(ingested_at) as told_at from records.orders
    union all select max(ingested_at) from records.payments
    union all select max(ingested_at) from records.fulfilment_events
    union all select max(ingested_at) from records.tracking_events
    union all select max(ingested_at) from records.channel_status);
create temp table ended as
with out as (
    select order_id, count(*) as parcels, count(a.delivered_at) as arrived, max(p.handed_at) as left_at,
        max(a.delivered_at) as arrived_at, max(greatest(p.handed_at, a.delivered_at)) as known_at,
        sum(p.quantity) >= max(p.open_quantity) as is_whole,
        bool_or(p.shipment_id in (select shipment_id from move)) as is_followed
    from parcel as p left join (select shipment_id, delivered_at from arrival) as a using (shipment_id)
    where p.handed_at is not null group by all
),
back as (
    select order_id, sum(amount) as amount, max(refunded_at) as back_at from refund
    where refund_status = 'succeeded' group by all
),
booked as (
    select order_id, min(posted_at) as booked_at from bill where line_kind = 'refund' group by all
),
event as (
    select order_id, case_id, case_step = 'requested' as opens,
        case_step in ('rejected', 'withdrawn', 'closed', 'exchange_shipped', 'repaired', 'arbitrated')
            as closes, event_at as moment from case_step
    union all select order_id, case_id, false, refund_status = 'succeeded', refunded_at
        from refund where case_id is not null
),
one_case as (
    select case_id, max(order_id) as order_id, min(moment) filter (closes) as closed_at
    from event group by case_id having bool_or(opens)
),
cases as (
    select order_id, bool_or(closed_at is null) as is_open, max(closed_at) as case_closed_at
    from one_case group by all
),
known as (
    select o.order_id, o.completed_at, o.shut_at, p.left_at, p.arrived_at, c.case_closed_at,
        greatest(b.back_at, coalesce(k.booked_at, p.known_at)) as back_at,
        coalesce(b.amount >= o.payable - 0.01, false) as is_back,
        coalesce(p.arrived = p.parcels, false) as is_there,
        coalesce(p.is_whole, false) and not coalesce(c.is_open, false) as is_quiet,
        coalesce(p.is_followed, false) as is_followed
    from ord as o left join out as p using (order_id) left join back as b using (order_id)
    left join booked as k using (order_id) left join cases as c using (order_id)
    where (o.cancelled_at is null or o.completed_at is not null) and not o.is_final_on_arrival
)
select order_id, case when completed_at is not null then completed_at
        when shut_at is not null and is_back and (not is_there or back_at < arrived_at)
            then greatest(shut_at, back_at)
        when shut_at is not null and (is_there or left_at is null)
            then greatest(shut_at, arrived_at)
        when (shut_at is not null and not is_followed) or (is_there and is_quiet) then greatest(
            shut_at, case_closed_at,
            later(coalesce(arrived_at, left_at), threshold('completion_minutes')))
    end as ended_at
from known;
update ord set completed_at = if(ord.completed_at is null and ended_at > (select told_at from now_told),
    null, ended_at) from ended where ended.order_id = ord.order_id;

create temp table status as
with sent as (
    select order_id, count(handed_at) as parcels, coalesce(sum(quantity), 0) as quantity,
        min(handed_at) as shipped_at, max(stamp(handed_at, 1)) as mark
    from parcel group by all
),
arrived as (
    select order_id, count(*) as parcels, coalesce(sum(quantity), 0) as quantity,
        max(delivered_at) as delivered_at, max(stamp(delivered_at, 11)) as mark
    from arrival group by all
),
moved as (select order_id, max(stamp(event_at, code)) as mark from move group by all),
-- Of several parcels that left, the least advanced that is open, else the greatest of the ended.
each_parcel as (
    select p.order_id, p.shipment_id, max(greatest(stamp(p.handed_at, 1), stamp(a.delivered_at, 11),
            stamp(m.event_at, m.code))) % 64 as code, bool_or(a.delivered_at is not null) as is_there
    from parcel as p left join arrival as a using (shipment_id) left join move as m using (shipment_id)
    where p.handed_at is not null or a.delivered_at is not null group by all
),
together as (
    select order_id, arg_min(state, case when age < 100 then age else 1000 - age end) as state from (
        select order_id, [10, 30, 50, 60, 80, 85, 55, 101, 102, 103, 100][spot] as age,
            ['LABELLED', 'COLLECTED', 'IN_TRANSIT', 'ARRIVED', 'OUT_FOR_DELIVERY', 'AT_PICKUP_POINT',
                'EXCEPTION', 'RETURNING', 'RETURNED', 'LOST', 'DELIVERED'][spot] as state
        from (select order_id, if(is_there and code not between 8 and 10, 11, code) as spot
            from each_parcel)) group by all having count(*) > 1
),
stepped as (
    select order_id, max(stamp(event_at, case event_code when 'reservation_released' then 1
            when 'reservation_expired' then 1
            when 'stock_reserved' then 2 when 'pick_short_resolved' then 2
            when 'supplier_notified' then 3 when 'released' then 4
            when 'wms_accepted' then 5 when 'pick_started' then 6 when 'picked' then 7
            when 'checked' then 8 when 'pick_short' then 9 when 'packed' then 10
            when 'labelled' then 11 end)) as mark, mark % 64 as code,
        max(stamp(event_at, 1)) filter (event_code = 'labelled') as label_mark
    from step group by all
),
reviewed as (
    select order_id, max(mark) % 64 as code, bool_or(mark % 64 = 3) as is_passed,
        bool_or(mark % 64 = 2) as is_auto from (
        select order_id, stamp(moment, case event_type when 'HOLD_RELEASED' then 1
            when 'REVIEW_PASSED' then if(detail = 'auto', 2, 3) when 'HOLD_APPLIED' then 8
            when 'REVIEW_ENTERED' then case detail when 'finance' then 5 when 'hold' then 6
                else 4 end else 9 end) as mark
        from answers.policies.review_events where event_type not in ('ORDER_CONFIRMED', 'HOLD_LAPSED'))
    group by all
),
waiting as (
    select order_id, max(stamp(moment, if(event_type = 'HOLD_APPLIED', 1, 2))) as mark
    from answers.policies.review_events where detail = 'stock' and event_type like 'HOLD%' group by all
),
case_event as (
    select order_id, case_id, record_key, event_at as moment, case case_step when 'requested' then 1
        when 'approved' then case case_kind when 'refund' then 7 when 'reship' then 8 else 2 end
        when 'return_shipped' then 3 when 'return_received' then 4
        when 'qc_passed' then case case_kind when 'exchange' then 8 when 'repair' then 9 else 5 end
        when 'qc_failed' then 5 when 'rejected' then 12
        when 'withdrawn' then 13 else 11 end as code from case_step
    union all
    select order_id, case_id, record_key, refunded_at, case when refund_status = 'succeeded' then 11
        when refund_status = 'rejected' then null else 7 end
    from refund where case_id is not null
),
cases as (
    select case_id, bool_or(code = 1) and not bool_or(code >= 11) as is_open
    from case_event group by all
),
cared as (
    select order_id, max(stamp(moment, code)) % 64 as code, bool_or(is_open) as is_open
    from case_event join cases using (case_id) group by all
),
disputed as (
    select order_id, arg_max(refund_status, (refunded_at, refund_status)) <> 'rejected' as is_lost
    from refund where refund_kind = 'chargeback' group by all
),
charged as (
    from disputed
    union all
    select order_id, arg_max(gross_amount, (posted_at, gross_amount)) < 0 from bill
    where line_kind = 'chargeback' and order_id not in (select order_id from disputed) group by all
)
select o.order_id, case when o.cancelled_at is not null and not o.is_expired then 'CANCELLED'
        when o.is_expired then 'EXPIRED'
        when o.completed_at + interval 15 day <= (select told_at from now_told)
            and not coalesce(c.is_open, false) then 'ARCHIVED'
        when o.completed_at is not null then 'COMPLETED'
        when r.confirmed_at is not null then 'CONFIRMED' else 'PLACED' end as order_status,
    case when h.is_lost then 'CHARGEBACK'
        when o.captured > 0 and o.refunded >= o.captured then 'REFUNDED'
        when o.captured > 0 and o.refunded > 0 then 'PARTIALLY_REFUNDED'
        when o.captured > coalesce(o.payable, 0) + 0.01 then 'OVERPAID'
        when o.captured > 0 and o.captured < coalesce(o.payable, 0) - 0.01 then 'PARTIAL'
        when o.captured > 0 then 'PAID' when o.is_cod then 'COD_DUE'
        when o.is_authorized then 'AUTHORIZED' when o.captured_at is not null then 'PAID'
        when o.has_failed then 'FAILED'
        when not o.reports_payments and o.order_kind is distinct from 'manual' then 'NOT_REPORTED'
        else 'UNPAID' end as payment_status,
    case v.code when 2 then 'AUTO_PASSED' when 3 then 'PASSED' when 4 then 'PENDING_MANUAL'
        when 5 then 'PENDING_FINANCE' when 6 then 'HELD' when 8 then 'HELD' when 9 then 'BLOCKED'
        else case when v.is_auto then 'AUTO_PASSED'
            when v.is_passed then 'PASSED' else 'NOT_STARTED' end end as review_status,
    case when s.parcels > 0 then if(s.quantity >= o.ordered - o.taken_out, 'SHIPPED', 'PART_SHIPPED')
        when t.code >= 10 then 'PACKED' when t.code = 9 then 'SHORT' when t.code >= 6 then 'PICKING'
        when t.code >= 3 then 'RELEASED'
        when w.mark % 64 = 1 and w.mark > coalesce(t.mark, 0) then 'BACKORDER'
        when t.code = 2 then 'RESERVED' else 'NONE'
    end as fulfilment_status,
    coalesce(greatest(s.mark, a.mark, m.mark, t.label_mark) % 64, 0) as last_move,
    case when g.state is not null then g.state when last_move = 0 then 'NONE'
        when last_move between 8 and 10 then ['RETURNING', 'RETURNED', 'LOST'][last_move - 7]
        when a.parcels > 0 then 'DELIVERED'
        else coalesce(['LABELLED', 'COLLECTED', 'IN_TRANSIT', 'ARRIVED', 'OUT_FOR_DELIVERY',
            'AT_PICKUP_POINT', 'EXCEPTION'][last_move], 'IN_TRANSIT') end as logistics_status,
    case when c.code is null then 'NONE' when not c.is_open then case c.code when 12 then 'REJECTED'
            when 13 then 'WITHDRAWN' else 'CLOSED_OK' end
        when c.code = 2 then 'APPROVED' when c.code = 3 then 'RETURNING' when c.code = 4 then 'RECEIVED'
        when c.code = 5 then 'QC_DONE' when c.code = 7 then 'REFUNDING' else 'REQUESTED'
    end as after_sales_status,
    coalesce(s.quantity, 0) as shipped_quantity, coalesce(a.quantity, 0) as delivered_quantity,
    r.confirmed_at, s.shipped_at, if(logistics_status = 'DELIVERED', a.delivered_at, null) as delivered_at
from ord as o left join review as r using (order_id) left join sent as s using (order_id)
left join arrived as a using (order_id) left join moved as m using (order_id)
left join stepped as t using (order_id) left join reviewed as v using (order_id)
left join cared as c using (order_id) left join charged as h using (order_id)
left join waiting as w using (order_id) left join together as g using (order_id);

create table answers.fct_orders as
select o.order_id, case when order_status in ('CANCELLED', 'EXPIRED') then 'CANCELLED'
        when review_status = 'BLOCKED' then 'BLOCKED'
        when fulfilment_status in ('SHIPPED', 'PART_SHIPPED') and after_sales_status
            not in ('NONE', 'CLOSED_OK', 'REJECTED', 'WITHDRAWN') then 'AFTER_SALES'
        when order_status in ('COMPLETED', 'ARCHIVED') then 'COMPLETED'
        when fulfilment_status = 'SHIPPED' and logistics_status = 'DELIVERED' then 'DELIVERED'
        when fulfilment_status = 'SHIPPED' then 'IN_TRANSIT'
        when fulfilment_status = 'PART_SHIPPED' then 'PART_SHIPPED'
        when payment_status in ('UNPAID', 'PARTIAL', 'FAILED') then 'UNPAID'
        when review_status in ('PENDING_MANUAL', 'PENDING_FINANCE') then 'IN_REVIEW'
        when review_status = 'HELD' then 'ON_HOLD' else 'TO_SHIP' end as headline_status,
    order_status, payment_status, fulfilment_status, logistics_status, after_sales_status,
    payable as payable_amount, captured::decimal(18, 4) as captured_amount,
    refunded::decimal(18, 4) as refunded_amount, shipped_quantity::decimal(18, 4) as shipped_quantity,
    delivered_quantity::decimal(18, 4) as delivered_quantity, placed_at,
    captured_at as paid_at, shipped_at, delivered_at
from ord as o join status using (order_id) order by o.order_id;

create table answers.agg_daily_channel_orders as
with day as (
    select o.*, s.*, business_day(placed_at) as order_date, order_status not in ('CANCELLED', 'EXPIRED')
        and (captured_at is not null or payment_status in ('NOT_REPORTED', 'AUTHORIZED')
            or (is_cod and confirmed_at is not null)) as is_valid,
        -- Goods only: what went back beyond them was shipping and tax.
        least(refunded, greatest(goods_amount - discount_amount, 0)) as goods_back
    from ord as o join status as s using (order_id)
)
select order_date, channel, shop_id, coalesce(currency_code, '') as currency_code,
    count(*) as placed_count, count(captured_at) as paid_count, count_if(is_valid)::bigint as valid_count,
    count_if(order_status in ('CANCELLED', 'EXPIRED'))::bigint as cancelled_count,
    count_if(fulfilment_status = 'SHIPPED')::bigint as shipped_count,
    count_if(logistics_status = 'DELIVERED')::bigint as delivered_count,
    count_if(refunded > 0)::bigint as refunded_count,
    sum(goods_amount + shipping_amount)::decimal(18, 4) as placed_amount,
    coalesce(sum(goods_amount) filter (is_valid), 0)::decimal(18, 4) as gross_amount,
    coalesce(sum(discount_amount) filter (is_valid), 0)::decimal(18, 4) as discount_amount,
    coalesce(sum(goods_back) filter (is_valid), 0)::decimal(18, 4) as returns_amount,
    coalesce(sum(goods_amount - discount_amount - goods_back) filter (is_valid), 0)::decimal(18, 4)
        as net_amount,
    coalesce(sum(shipping_amount) filter (is_valid), 0)::decimal(18, 4) as shipping_amount,
    coalesce(sum(tax_amount) filter (is_valid), 0)::decimal(18, 4) as tax_amount,
    coalesce(sum(ordered) filter (is_valid), 0)::decimal(18, 4) as item_quantity
from day group by all;

-- 5. Stock: what is there, what is promised, who would go without.
create temp table open_line as
with told as (
    select order_id, line_id, sku, quantity, true as is_shipment from content
    union all
    select order_id, line_id, sku, quantity, true from step anti join content using (order_id)
    where event_code in ('handed_over', 'supplier_shipped') and quantity is not null
    union all
    select order_id, line_id, sku, quantity, false from refund where refund_status = 'succeeded'
        and refund_kind = 'cancel' and quantity is not null
),
named as (
    select t.order_id, l.line_id, if(l.line_id is null, t.sku, null) as sku,
        coalesce(sum(t.quantity) filter (is_shipment), 0) as shipped,
        coalesce(sum(t.quantity) filter (not is_shipment), 0) as cancelled
    from told as t left join line as l on l.line_id = t.line_id and l.order_id = t.order_id
    group by all
),
emptied as (
    select distinct order_id from parcel where handed_at is not null and stated_quantity is null
),
house as (
    select order_id, max(warehouse_id) as warehouse_id from (
        select order_id, warehouse_id from step
            where event_code not in ('handed_over', 'supplier_shipped')
        union all select order_id, warehouse_id from parcel where handed_at is not null)
    group by all
),
tracked as (
    select o.order_id, order_status = 'CONFIRMED' as is_hard,
        coalesce(captured_at, confirmed_at, placed_at) as paid_at,
        coalesce(default_warehouse_id, h.warehouse_id) as warehouse_id,
        e.order_id is not null as is_emptied
    from ord as o join status using (order_id) left join house as h using (order_id)
    left join emptied as e using (order_id)
    where is_stock_tracked and order_status in ('PLACED', 'CONFIRMED')
        and order_id not in (select order_id from answers.policies.review_events as e
            join answers.policies.hold_types as h on h.hold_type = e.detail and not h.affects_atp
            where event_type in ('HOLD_APPLIED', 'HOLD_RELEASED') group by order_id, h.hold_type
            having sum(if(event_type = 'HOLD_APPLIED', 1, -1)) > 0)
        and coalesce(default_warehouse_id, h.warehouse_id) is not null
),
lying as (
    select l.*, t.is_hard, t.paid_at, t.warehouse_id, t.is_emptied,
        coalesce(sum(l.quantity) over (partition by l.order_id, l.sku order by
            l.line_number nulls last, l.line_id
            rows between unbounded preceding and 1 preceding), 0) as before
    from line as l join tracked as t using (order_id)
),
gone as (
    select l.*, coalesce(n.shipped, 0)
            + greatest(0, least(l.quantity, coalesce(s.shipped, 0) - before)) as shipped,
        coalesce(n.cancelled, 0)
            + greatest(0, least(l.quantity, coalesce(s.cancelled, 0) - before)) as cancelled
    from lying as l left join named as n on n.line_id = l.line_id
    left join named as s on s.line_id is null and s.order_id = l.order_id and s.sku = l.sku
    where l.is_goods and l.sku is not null
)
select line_id, order_id, line_number, sku, warehouse_id, is_hard, paid_at, quantity - cancelled
    - if(is_emptied, greatest(quantity - cancelled, shipped), shipped) as open_quantity
from gone where open_quantity > 0;

-- What was agreed to in the house counts once: the warehouse's booking of it, under our number, does not.
create temp macro booked_as(kind) as
    if(kind in ('adjust', 'count_gain', 'count_loss', 'scrap'), 'adjust', kind);
create temp table movement as
with told as (from newest('records.stock_movements')),
agreed as (
    select distinct reference, sku, booked_as(movement_type) as kind from told
    where source = 'ledger' and coalesce(reason, '') <> 'lost_in_transit'
)
from told where source = 'ledger'
    or (coalesce(reference, ''), sku, booked_as(movement_type)) not in (from agreed);
create temp macro moves_nothing(kind) as
    kind in ('freeze', 'unfreeze', 'qc_hold', 'qc_release');
create temp table counted as
with flow as (
    select sku, warehouse_id, moved_at, sum(sum(quantity)) over (
        partition by sku, warehouse_id order by moved_at) as ledger
    from movement where not moves_nothing(movement_type) group by 1, 2, 3
),
-- A total beside the bins or the batches it sums is no pieces of its own.
in_bins as (
    select *, bin_id is null and coalesce(on_hand_quantity = sum(on_hand_quantity) filter (
        bin_id is not null) over (partition by sku, warehouse_id, taken_at, lot), false) as is_sum
    from newest('records.stock_snapshots')
),
in_lots as (
    select *, is_sum or (lot is null and bin_id is null and coalesce(on_hand_quantity = sum(
        on_hand_quantity) filter (lot is not null and not is_sum) over (
        partition by sku, warehouse_id, taken_at), false)) as is_total
    from in_bins
),
tally as (
    select sku, warehouse_id, taken_at, sum(on_hand_quantity) as counted
    from in_lots where not is_total group by all
),
allowed as (
    select p.sku, p.warehouse_id, t.drift_ratio from answers.policies.stock_policies as p
    join answers.policies.stock_tolerances as t using (abc_class)
),
-- What moved within the half hour before a count, and after it.
near as (
    select c.sku, c.warehouse_id, c.taken_at,
        coalesce(sum(quantity) filter (moved_at <= c.taken_at), 0) as before_it,
        coalesce(sum(quantity) filter (moved_at > c.taken_at), 0) as after_it
    from tally as c join movement as m on m.sku = c.sku and m.warehouse_id = c.warehouse_id
        and not moves_nothing(movement_type)
        and moved_at > c.taken_at - to_minutes(threshold('stock_cutoff_minutes')::bigint)
        and moved_at <= c.taken_at + to_minutes(threshold('stock_cutoff_minutes')::bigint)
    group by all
),
compared as (
    select c.*, c.counted - coalesce(f.ledger, 0) as drift,
        not coalesce(-drift in (before_it, -after_it, before_it - after_it), false)
        and abs(drift) > greatest(threshold('stock_drift_quantity'),
            coalesce(here.drift_ratio, own.drift_ratio, whole.drift_ratio)
            * abs(coalesce(f.ledger, 0))) as is_off
    from tally as c asof left join flow as f on f.sku = c.sku
        and f.warehouse_id = c.warehouse_id and f.moved_at <= c.taken_at
    left join near as n on n.sku = c.sku and n.warehouse_id = c.warehouse_id
        and n.taken_at = c.taken_at
    left join allowed as here on here.sku = c.sku and here.warehouse_id = c.warehouse_id
    left join allowed as own on own.sku = c.sku and own.warehouse_id = '*'
    join allowed as whole on whole.sku = '*' and whole.warehouse_id = '*'
)
select sku, warehouse_id, arg_max(drift, taken_at) as drift, arg_max(is_off, taken_at) as is_off,
    max(taken_at) filter (not is_off) as right_at, list(taken_at) filter (is_off) as off_at
from compared group by all;

create table answers.fct_stock_positions as
with book as (
    select sku, warehouse_id,
        coalesce(sum(quantity) filter (not moves_nothing(movement_type)), 0) as on_hand,
        greatest(coalesce(sum(quantity) filter (movement_type in ('return_damaged', 'scrap')), 0), 0)
        + greatest(sum(case movement_type when 'freeze' then abs(quantity)
            when 'unfreeze' then -abs(quantity) else 0 end), 0)
        + greatest(sum(case movement_type when 'qc_hold' then abs(quantity)
            when 'qc_release' then -abs(quantity) else 0 end), 0) as kept_back
    from movement group by all
),
promised as (
    select sku, warehouse_id, coalesce(sum(open_quantity) filter (is_hard), 0) as hard,
        sum(open_quantity) as total from open_line group by all
)
select sku, warehouse_id, coalesce(on_hand, 0)::decimal(18, 4) as on_hand_quantity,
    coalesce(hard, 0)::decimal(18, 4) as reserved_hard_quantity,
    (coalesce(on_hand, 0) - coalesce(kept_back, 0) - coalesce(total, 0))::decimal(18, 4)
        as atp_quantity,
    drift::decimal(18, 4) as drift_quantity,
    (coalesce(on_hand, 0) - coalesce(kept_back, 0))::decimal(18, 4) as _sellable_quantity
from book full join promised using (sku, warehouse_id) full join counted using (sku, warehouse_id);

-- 6. Money: what is owed against what was captured, what was captured against what was billed.
create temp table recon as
with day as (select distinct provider, business_day(posted_at) as day from bill),
first as (select provider, min(day) as since from day group by all),
item as (
    select 'RC1' as recon_code, true as is_left, order_id as key,
        coalesce(currency_code, '') as currency_code, coalesce(payable, 0) as amount,
        placed_at as moment, true as is_due, order_id
    from ord where reports_payments and (captured_at is not null or said_paid_at is not null)
    union all
    select 'RC1', false, p.order_id, coalesce(p.currency_code, o.currency_code, ''), p.amount,
        p.paid_at, true, p.order_id
    from pay as p join ord as o using (order_id) where o.reports_payments
        and p.payment_status = 'succeeded' and p.payment_kind in ('capture', 'cod_collected')
    union all
    select 'RC2', true, coalesce(p.merchant_payment_id, p.provider_payment_id),
        coalesce(p.currency_code, ''), p.amount, p.paid_at, d.day is not null, p.order_id
    from pay as p join first as f
        on f.provider = p.provider and business_day(p.paid_at) >= f.since
    left join day as d on d.provider = p.provider and d.day = business_day(p.paid_at)
    where p.payment_status = 'succeeded' and p.payment_kind = 'capture'
        and coalesce(p.merchant_payment_id, p.provider_payment_id) is not null
    union all
    select 'RC2', false, match_key, currency_code, gross_amount, posted_at, true, order_id
    from bill where line_kind = 'payment' and amount_type is null
),
keyed as (
    select recon_code, key, currency_code, count(*) filter (is_left) as left_count,
        count(*) filter (not is_left) as right_count,
        coalesce(sum(amount) filter (is_left), 0) as left_amount,
        coalesce(sum(amount) filter (not is_left), 0) as right_amount,
        coalesce(min(business_day(moment)) filter (is_left), min(business_day(moment))) as recon_date,
        min(moment) filter (is_left) as left_at, max(moment) filter (not is_left) as right_at,
        bool_and(is_due) as is_due, max(order_id) as order_id
    from item group by all
)
select k.*, left_amount - right_amount as difference, d.suspense_days,
    left_count > 0 and right_count > 0 and abs(difference) <= d.tolerance_amount as is_matched
from keyed as k join answers.policies.recon_definitions as d using (recon_code) where d.is_active;

create table answers.agg_recon_totals as
select recon_code, recon_date, currency_code, sum(left_count)::bigint as left_count,
    sum(left_amount)::decimal(18, 4) as left_amount, sum(right_count)::bigint as right_count,
    sum(right_amount)::decimal(18, 4) as right_amount,
    coalesce(sum(left_count) filter (is_matched), 0)::bigint as matched_count,
    coalesce(sum(left_amount) filter (is_matched), 0)::decimal(18, 4) as matched_amount,
    count(*) filter (difference <> 0) as break_count, sum(difference)::decimal(18, 4) as break_amount
from recon group by all;

-- 7. Clocks: the few events that start, end or pause one.
create temp table contact as
with waybill as (
    select tracking_number, min(order_id) as order_id from parcel
    where tracking_number is not null group by all
)
select coalesce(c.order_id, w.order_id) as order_id, c.contact_kind, c.event_at
from newest('records.contacts') as c left join waybill as w using (tracking_number);

create temp table clock as
with troubled as (
    select distinct shipment_id from move join answers.policies.sla_events as e
        on e.sla_code = 'S16' and e.role = 'start' and e.detail_code = norm_state
),
happening as (
    select order_id, null as shipment_id, 'ORDER_PLACED' as event_type, placed_at as moment,
        if(reports_payments, payment_method, 'unreported') as detail, '' as tie
    from ord where order_kind is distinct from 'manual'
    union all select order_id, null, if(is_expired, 'ORDER_EXPIRED_UNPAID', 'ORDER_CANCELLED'),
        cancelled_at, null, '' from ord where cancelled_at is not null
    union all select order_id, null, 'ORDER_COMPLETED', completed_at, null, ''
        from ord where completed_at is not null
    union all select order_id, null, if(payment_kind = 'capture', 'PAYMENT_CAPTURED',
        'PAYMENT_AUTHORIZED'), paid_at, null, '' from pay
        where payment_status = 'succeeded' and payment_kind in ('capture', 'authorization')
    union all select order_id, null, 'ORDER_CONFIRMED', confirmed_at, if(is_cod, 'cod', 'paid'), ''
        from review where confirmed_at is not null
    union all select order_id, null, event_type, moment, detail, '' from pending
    union all select order_id, null, event_type, moment, detail, '' from verdict
    union all select order_id, shipment_id, 'HANDED_OVER', handed_at, if(coalesce(sum(quantity)
            over (partition by order_id order by handed_at, shipment_id
                rows between unbounded preceding and current row), 0) >= open_quantity, 'FULL', 'PART'), ''
        from parcel where handed_at is not null
    union all select order_id, shipment_id, 'DELIVERED', delivered_at, null, ''
        from arrival semi join troubled using (shipment_id)
    union all select m.order_id, m.shipment_id, 'TRACK_SCAN', m.event_at, m.norm_state, m.tie
        from move as m semi join troubled using (shipment_id)
        left join arrival as a using (shipment_id)
        where m.norm_state <> 'DELIVERED' or m.event_at > a.delivered_at
    union all select order_id, null, case contact_kind when 'not_received'
            then 'CUSTOMER_REPORTED_NOT_RECEIVED' when 'not_received_resolved'
            then 'NOT_RECEIVED_RESOLVED' else 'NOT_RECEIVED_WITHDRAWN' end, event_at, null, ''
        from contact where contact_kind like 'not_received%'
),
noted as (
    select r.sla_code, r.role, h.order_id, if(p.entity_type = 'order', h.order_id, h.shipment_id) as entity_id,
        h.moment, t.event_rank, h.tie, r.role = 'start' as is_start
    from happening as h join answers.policies.sla_events as r on r.event_type = h.event_type
        and coalesce(r.detail_code, h.detail, '') = coalesce(h.detail, '')
        and r.role in ('start', 'stop', 'cancel', 'bar')
    join answers.policies.sla_policies as p using (sla_code)
    join answers.policies.event_types as t on t.event_type = h.event_type
    left join presold as s on s.order_id = h.order_id
    where p.entity_type <> 'case' and entity_id is not null
        and (r.sla_code <> 'S07' or r.role <> 'start' or h.event_type not like 'PAYMENT%'
            or s.order_id is null or coalesce(h.moment >= s.whole_paid_at, false))
),
-- Nothing starts that has come true before.
mark as (
    select n.* from noted as n left join (
        select sla_code, entity_id, min(moment) as barred_at from noted where role = 'bar' group by all
    ) as b on b.sla_code = n.sla_code and b.entity_id = n.entity_id and n.is_start
    where n.role <> 'bar' and coalesce(b.barred_at >= n.moment, true)
),
turn as (
    from mark qualify is_start is distinct from coalesce(lag(is_start) over (
        partition by sla_code, entity_id order by moment, event_rank, tie), false)
),
episode as (
    select *, lead(moment) over (partition by sla_code, entity_id order by moment, event_rank, tie) as ended_at
    from turn qualify is_start
)
select * from episode;

-- A hold pauses the promise to ship, for as long as one at least is active, if it began before the
-- deadline. While it lasts nobody can say when the order is due.
create temp table pause as
with mark as (
    select order_id, moment, sum(if(event_type = 'HOLD_APPLIED', 1, -1)) as change,
    from verdict semi join answers.policies.sla_events as e on e.sla_code = 'S07'
        and e.role in ('pause', 'resume') and e.event_type = verdict.event_type
        and e.detail_code = verdict.detail group by 1, 2
),
level as (
    select *, sum(change) over (partition by order_id order by moment) as applied from mark
),
-- A release nobody applied for counts for nothing: levels are measured from the lowest so far.
active as (
    select *, applied > least(0, min(applied) over (
        partition by order_id order by moment)) as is_paused from level
),
turn as (
    from active qualify is_paused is distinct from coalesce(lag(is_paused) over (
        partition by order_id order by moment), false)
)
select order_id, moment as paused_at, lead(moment) over (
    partition by order_id order by moment) as resumed_at from turn qualify is_paused;
create temp table promise as
with due as (
    select c.*, if(o.ship_by_at > c.moment, date_sub('minute', c.moment, o.ship_by_at),
        p.budget_minutes) as budget
    from clock as c join ord as o using (order_id)
    join answers.policies.sla_policies as p using (sla_code) where c.sla_code = 'S07'
),
held as (
    select d.order_id, d.moment, d.budget, p.paused_at, greatest(p.paused_at, d.moment) as from_at,
        least(p.resumed_at, d.ended_at) as to_at, date_sub('minute', d.moment, from_at)
            - coalesce(sum(date_sub('minute', from_at, to_at)) over (
                partition by d.order_id, d.moment order by p.paused_at
                rows between unbounded preceding and 1 preceding), 0) < budget as is_in_time
    from due as d join pause as p on p.order_id = d.order_id
        and coalesce(p.resumed_at > d.moment, true) and coalesce(p.paused_at < d.ended_at, true)
),
counted as (
    select order_id, moment, bool_or(to_at is null) as is_open,
        sum(date_sub('minute', from_at, to_at)) as minutes
    from (from held qualify bool_and(is_in_time) over (
        partition by order_id, moment order by paused_at)) group by 1, 2
)
select d.order_id, d.moment, d.ended_at, if(h.is_open, null,
    later(d.moment, round(budget * 0.8) + coalesce(h.minutes, 0))) as warn_at
from due as d left join counted as h on h.order_id = d.order_id and h.moment = d.moment;

-- A parcel is silent from one word of its carrier to the next, until it is over.
create temp table silence as
with word as (
    select m.*, lead(event_at) over parcel as next_at,
        min(event_at) filter (norm_state in ('DELIVERED', 'RETURNED', 'LOST')) over (
            partition by shipment_id) as over_at
    from (from move union all by name
        select a.order_id, a.shipment_id, p.carrier, a.delivered_at as event_at,
            'DELIVERED' as norm_state
        from arrival as a join parcel as p using (shipment_id)
        where a.delivered_at is not distinct from p.delivered_at) as m
    window parcel as (partition by shipment_id order by event_at, norm_state = 'DELIVERED', tie)
),
budget as (
    select w.*, later(w.event_at, greatest(coalesce(c.budget_minutes, s.budget_minutes,
        a.budget_minutes), threshold('silence_floor_minutes'))) as due_at
    from word as w
    left join answers.policies.sla_stage_budgets as c
        on c.carrier = w.carrier and c.norm_state = w.norm_state
    left join answers.policies.sla_stage_budgets as s
        on s.carrier = '*' and s.norm_state = w.norm_state
    join answers.policies.sla_stage_budgets as a on a.carrier = '*' and a.norm_state = '*'
    where over_at is null or w.event_at < over_at
)
select b.shipment_id, b.due_at, least(b.next_at,
    if(o.cancelled_at >= b.event_at and not o.is_expired, o.cancelled_at, null),
    if(o.completed_at >= b.event_at, o.completed_at, null)) as closed_at
from budget as b join ord as o using (order_id)
where closed_at is null or closed_at > b.due_at;

-- 8. The queues: what is or will be wrong, from when until when.
create temp table stray as
with told as (
    select order_id, ingested_at from records.fulfilment_events
    union all select order_id, ingested_at from records.shipments
    union all select order_id, ingested_at from records.channel_status
    union all select order_id, ingested_at from records.payments
    union all select order_id, ingested_at from records.after_sales
    union all select order_id, ingested_at from records.contacts
    union all select order_id, ingested_at from records.refunds
    union all select order_id, ingested_at from bill
)
select order_id, min(ingested_at) as seen_at
from told anti join records.orders using (order_id) where order_id is not null group by all;

create temp table finding as
with unknown as (
    select record_key, 'records.tracking_events' as stream from scan where norm_state is null
    union all
    select record_key, 'records.orders' from newest('records.orders') as o
    where status_raw is not null
        and channel in (select channel from answers.policies.channel_statuses)
        and (channel, status_raw) not in (
            select (channel, status_raw) from answers.policies.channel_statuses)
),
version as (
    select record_key, record_hash, source_sequence, observed_at, ingested_at, file_id, row_number
    from records.tracking_events semi join unknown using (record_key)
    union all
    select record_key, record_hash, source_sequence, observed_at, ingested_at, file_id, row_number
    from records.orders semi join unknown using (record_key)
),
delivered as (
    from version qualify dense_rank() over (partition by record_key order by
        source_sequence desc nulls last, observed_at desc nulls last, record_hash desc) = 1
)
select file_id, received_at as seen_at from ops.quarantine where state = 'open'
union all
select arg_min(file_id, (ingested_at, file_id, row_number)), min(ingested_at)
from delivered group by record_key, record_hash
union all
select l.file_id, l.received_at from ops.control_totals as t join ops.loads as l using (load_seq)
where not t.is_equal;

create temp table item as
select 'Q01' as queue_code, order_id as entity_id,
    later(seen_at, threshold('missing_order_minutes')) as opened_at, null::timestamp as closed_at
from stray
union all
select 'Q02', order_id, placed_at, least(shipped_at, o.cancelled_at, o.completed_at)
from ord as o join status using (order_id)
where not is_final_on_arrival and (wrong_count > 0 or line_count = 0 or (requires_address
    and (buyer_name_index is null or ship_address_index is null
        or (stated_method is null and captured_at is not null))))
union all
select 'Q04', c.order_id, later(moment, budget_minutes) as due_at, ended_at
from clock as c semi join ord using (order_id) join answers.policies.sla_policies using (sla_code)
where sla_code = 'S01' and coalesce(ended_at > later(moment, budget_minutes), true)
union all
select 'Q04', order_id, rest_due_at, least(whole_paid_at, cancelled_at) from presold
where deposit_paid_at < least(rest_due_at, coalesce(whole_paid_at, rest_due_at))
    and coalesce(least(whole_paid_at, cancelled_at) > rest_due_at, true)
union all
select 'Q06', r.order_id, o.last_captured_at, null
from recon as r join ord as o using (order_id) join status using (order_id)
where recon_code = 'RC1' and difference <> 0 and not is_matched and right_count > 0
    and left_count > 0 and not (order_status in ('CANCELLED', 'EXPIRED') and refunded >= captured)
    and order_id not in (select order_id from presold join ord using (order_id)
        where difference > 0 and deposit_paid_at < presold.rest_due_at
            and captured <= presold.deposit_amount + 0.01)
union all
select 'Q07', order_id, moment, ended_at from clock semi join ord using (order_id) where sla_code = 'S04'
union all
select 'Q11', order_id, min(paid_at), null from (
    select l.*, sum(open_quantity) over (partition by sku, warehouse_id order by
        paid_at, order_id, line_number nulls last, line_id rows unbounded preceding) as wanted
    from open_line as l where is_hard) as l
left join answers.fct_stock_positions using (sku, warehouse_id)
where wanted > coalesce(_sellable_quantity, 0) group by order_id
union all
select 'Q14', sku || '@' || warehouse_id,
    list_min(list_filter(off_at, lambda t: right_at is null or t > right_at)), null
from counted where is_off
union all
select 'Q17', c.order_id, least(any_value(warn_at), min(u.event_at)) as opened_at, c.ended_at
from promise as c
left join (
    select order_id, event_at from contact where contact_kind = 'buyer_urged'
    union all select order_id, event_at from step where event_code = 'buyer_urged') as u
    on u.order_id = c.order_id and u.event_at >= c.moment and coalesce(u.event_at < c.ended_at, true)
group by c.order_id, c.moment, c.ended_at having opened_at is not null and coalesce(c.ended_at > opened_at, true)
union all
select 'Q23', entity_id, moment, ended_at from clock semi join ord using (order_id)
where sla_code = 'S16'
union all
select 'Q24', shipment_id, due_at, closed_at from silence
union all
select 'Q25', order_id, moment, ended_at from clock semi join ord using (order_id) where sla_code = 'S17'
union all
select 'Q33', md5('RC2|' || key || '|' || currency_code), case
    when right_count = 0 and is_due then end_of_day(recon_date, 0)
    when right_count = 0 then end_of_day(recon_date, suspense_days) else right_at end, null
from recon where recon_code = 'RC2' and difference <> 0 and not is_matched
union all
select 'Q36', file_id, min(seen_at), null from finding group by file_id;

create table answers.queue_items as
select queue_code, q.entity_type, entity_id, opened_at, closed_at
from item join answers.policies.queues as q using (queue_code) order by queue_code, opened_at;
