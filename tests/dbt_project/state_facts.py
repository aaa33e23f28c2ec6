"""Orders of which two sources tell what cannot both be true."""

from __future__ import annotations

from tests.dbt_project.facts import (
    DAY,
    START,
    Fact,
    billed,
    case,
    line,
    order,
    paid,
    refunded,
    scan,
    shown,
    step,
)

HOUR = DAY / 24


def disagreeing() -> list[Fact]:
    closed, moving, agreed, t = "tb-210", "tb-211", "tb-212", START + DAY * 3
    waits = "买家已付款，等待卖家发货"
    return [
        *[
            fact
            for order_id in (closed, moving, agreed)
            for fact in (order(order_id, t), line(order_id), paid(order_id, t),
                         billed(order_id, t), shown(order_id, waits, t + HOUR / 10))
        ],
        # Closed on the channel while the warehouse packs it.
        step(closed, "released", t + HOUR), step(closed, "wms_accepted", t + HOUR * 2),
        shown(closed, "交易关闭", t + HOUR * 3),
        # The carrier has it before the warehouse says so; ten minutes later they agree.
        step(agreed, "released", t + HOUR), step(agreed, "packed", t + HOUR * 4),
        scan("SF212", "50", t + HOUR * 5),
        step(agreed, "handed_over", t + HOUR * 5 + HOUR / 6, carrier="sf", tracking_number="SF212"),
        # Finished on the channel while the parcel moves, until it is delivered.
        step(moving, "handed_over", t + HOUR * 5, carrier="sf", tracking_number="SF211"),
        scan("SF211", "50", t + HOUR * 6), shown(moving, "交易成功", t + HOUR * 8),
        scan("SF211", "80", t + DAY), scan("SF212", "80", t + DAY),
    ]  # fmt: skip


def closed_after_sending() -> list[Fact]:
    """Trades the channel closed although their goods had left, because the money went back."""
    back, moving, t = "tb-213", "tb-214", START + DAY * 3
    facts = []
    for order_id in (back, moving):
        number = order_id[-3:]
        facts += [
            # The export tells neither when it was closed nor when it was refunded.
            order(order_id, t, closed_at=t, status_raw="交易关闭", source_sequence=50),
            line(order_id), paid(order_id, t), billed(order_id, t),
            refunded(order_id, "R", t, 100, refund_kind="return", is_time_stated=False),
            step(order_id, "released", t + HOUR),
            step(order_id, "handed_over", t + HOUR * 5, carrier="sf",
                 tracking_number=f"SF{number}"),
            scan(f"SF{number}", "50", t + HOUR * 6),
        ]  # fmt: skip
    facts += [
        scan("SF213", "80", t + DAY), shown(back, "交易关闭", t + DAY * 4),
        shown(moving, "交易关闭", t + DAY),
    ]  # fmt: skip
    return facts


def ended_by_themselves() -> list[Fact]:
    """Orders whose end nobody states: archived by their shop when shipped, or only delivered."""
    archived, astray, quiet, disputed = "shopify-215", "shopify-216", "tb-217", "tb-218"
    t, facts = START + DAY * 3, []
    for order_id in (archived, astray, quiet, disputed):
        number = order_id[-3:]
        closed_at = t + HOUR * 6 if order_id in (archived, astray) else None
        facts += [
            order(order_id, t, closed_at=closed_at), line(order_id), paid(order_id, t),
            billed(order_id, t),
            step(order_id, "handed_over", t + HOUR * 5, carrier="sf",
                 tracking_number=f"SF{number}"),
            scan(f"SF{number}", "50", t + HOUR * 7),
        ]  # fmt: skip
    facts += [scan(f"SF{number}", "80", t + DAY * 2) for number in (215, 217, 218)]
    return [*facts, case(disputed, "requested", t + DAY * 3, case_kind="return")]
