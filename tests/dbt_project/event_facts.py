"""Orders to whom something happens that used to leave no trace in their story."""

from __future__ import annotations

from tests.dbt_project.facts import (
    DAY,
    START,
    Fact,
    billed,
    case,
    contact,
    line,
    order,
    paid,
    refunded,
    scan,
    step,
)

HOUR = DAY / 24
T = START + DAY * 2
LONG_AGO = START - DAY * 60


def told_at_last() -> list[Fact]:
    return [
        *_in_parts(), *_charged_back(), *_remarked(), *_expected(), *_cash_passed_on(),
        *_put_away(), *_waiting_for_stock(), *_with_a_deposit(), *_split_and_signed(),
        *_authorized(), *_unpaid(), *_back_and_lost(), *_after_sales(),
        *_by_hand(), *_stocktake(), *_given_up(),
    ]  # fmt: skip


def _sold(order_id: str, amount: float = 100) -> list[Fact]:
    return [order(order_id, T), line(order_id, sku="SKU60"), paid(order_id, T + HOUR, amount)]


def _in_parts() -> list[Fact]:
    """The rest of a price comes hours later; the same price comes twice; parts come at once."""
    rest, twice, at_once = "tb-650", "tb-651", "tb-652"
    return [
        *_sold(rest, 60), paid(rest, T + HOUR * 5, 40, payment_id=f"{rest}-b"),
        *_sold(twice), paid(twice, T + HOUR * 5, payment_id=f"{twice}-b"),
        *_sold(at_once, 60), paid(at_once, T + HOUR + DAY / 1440, 40, payment_id=f"{at_once}-b"),
    ]  # fmt: skip


def _charged_back() -> list[Fact]:
    """Won, lost, still open; and one of which only the bill tells."""
    won, lost, still, booked = "tb-653", "tb-654", "tb-655", "tb-656"
    bank = {"provider": "paypal"}
    dispute = {"refund_kind": "chargeback", **bank}
    taken = {"line_kind": "chargeback", "settlement_line_id": "cb-656-a", **bank}
    return [
        *[
            fact
            for one in (won, lost, still, booked)
            for fact in (
                order(one, T), line(one, sku="SKU60"), paid(one, T + HOUR, **bank),
                billed(one, T + HOUR, **bank),
            )
        ],
        *[
            refunded(one, "D", T + DAY * 5, 100, refund_status="requested", **dispute)
            for one in (won, lost, still)
        ],
        refunded(won, "D", T + DAY * 9, 100, refund_status="rejected", **dispute),
        refunded(lost, "D", T + DAY * 9, 100, **dispute),
        billed(booked, T + DAY * 5, -100, **taken),
        billed(booked, T + DAY * 9, 100, **{**taken, "settlement_line_id": "cb-656-b"}),
    ]  # fmt: skip


def _remarked() -> list[Fact]:
    one = "tb-657"
    return [
        order(one, T, buyer_remark="请尽快", observed_at=T),
        order(one, T, buyer_remark="请尽快", seller_remark="附赠品", observed_at=T + HOUR * 3),
        line(one, sku="SKU60"), paid(one, T + HOUR),
    ]  # fmt: skip


def _hoped(number: str, hours: float, days: float) -> Fact:
    """What the carrier told some hours after the handover."""
    return "delivery_estimates", {
        "estimate_id": f"{number}-{hours}", "carrier": "sf", "tracking_number": number,
        "stated_at": T + DAY + HOUR * hours, "expected_at": T + DAY * days,
        "source": "aftership", "shop_id": "tb",
    }  # fmt: skip


def _expected() -> list[Fact]:
    """The carrier thinks again, once too late; a channel promises another day."""
    moved, promised = "tb-658", "tb-659"
    return [
        *_sold(moved),
        step(moved, "handed_over", T + DAY, carrier="sf", tracking_number="SF658"),
        _hoped("SF658", 2, 3), _hoped("SF658", 20, 4.5), _hoped("SF658", 22, 4.5),
        _hoped("SF658", 100, 9),
        scan("SF658", "50", T + DAY * 1.1), scan("SF658", "80", T + DAY * 4),
        order(promised, T, promised_at=T + DAY * 5, observed_at=T),
        order(promised, T, promised_at=T + DAY * 4, observed_at=T + DAY),
        line(promised, sku="SKU60"), paid(promised, T + HOUR),
        step(promised, "handed_over", T + DAY, carrier="sf", tracking_number="SF659"),
        _hoped("SF659", 2, 8),
    ]  # fmt: skip


def _cash_passed_on() -> list[Fact]:
    one = "tb-660"
    return [
        order(one, T, payment_method="cod"), line(one, sku="SKU60"),
        step(one, "handed_over", T + DAY, carrier="sf", tracking_number="SF660"),
        scan("SF660", "80", T + DAY * 3),
        paid(one, T + DAY * 3, payment_kind="cod_collected", payment_method="cod"),
        ("cod_remittances", {
            "remittance_line_id": "R660", "carrier": "sf", "tracking_number": "SF660",
            "remitted_at": T + DAY * 10, "amount": 100, "currency_code": "CNY",
            "source": "carrier_account", "shop_id": "tb"}),
    ]  # fmt: skip


def _put_away() -> list[Fact]:
    """Quiet since it was finished; with a case that outlived the window; with one still open."""
    quiet, argued, still = "tb-661", "tb-662", "tb-663"
    return [
        *[
            fact
            for one in (quiet, argued, still)
            for fact in (
                order(one, LONG_AGO, completed_at=LONG_AGO + DAY * 10, status_raw="交易成功"),
                line(one, sku="SKU60"), paid(one, LONG_AGO + HOUR),
                step(one, "handed_over", LONG_AGO + DAY, carrier="sf",
                     tracking_number=f"SF{one[3:]}"),
                scan(f"SF{one[3:]}", "80", LONG_AGO + DAY * 3),
            )
        ],
        case(argued, "requested", LONG_AGO + DAY * 20, case_kind="exchange"),
        case(argued, "exchange_shipped", LONG_AGO + DAY * 30, case_kind="exchange"),
        case(still, "requested", LONG_AGO + DAY * 20, case_kind="exchange"),
    ]  # fmt: skip


def _waiting_for_stock() -> list[Fact]:
    """Held until there is stock, then given some; held still; let go before it was paid."""
    given, waits, lapsed = "tb-664", "tb-665", "tb-666"
    return [
        *_sold(given), step(given, "hold_applied", T + HOUR * 2, reason="stock"),
        step(given, "hold_released", T + HOUR * 20, reason="stock"),
        step(given, "stock_reserved", T + HOUR * 20, sku="SKU60", quantity=2, reason="hard"),
        *_sold(waits), step(waits, "hold_applied", T + HOUR * 2, reason="stock"),
        order(lapsed, T), line(lapsed, sku="SKU60"),
        step(lapsed, "stock_reserved", T, sku="SKU60", quantity=2, reason="soft"),
        step(lapsed, "reservation_expired", T + HOUR / 2, sku="SKU60", quantity=2, reason="soft"),
    ]  # fmt: skip


def _with_a_deposit() -> list[Fact]:
    one = "tb-667"
    return [
        order(one, T, payment_method="cod"), line(one, sku="SKU60"), paid(one, T + HOUR, 30),
    ]  # fmt: skip


def _split_and_signed() -> list[Fact]:
    """Split in the warehouse; a carrier that says who signed; one nobody expected to arrive."""
    one, yto = "tb-668", {"carrier": "yto", "source": "kuaidi100"}
    return [
        *_sold(one),
        step(one, "released", T + HOUR * 2), step(one, "order_split", T + HOUR * 3),
        *[
            step(one, "handed_over", T + DAY, carrier="yto", tracking_number=f"YT{n}", quantity=1,
                 event_key=f"{one}-{n}")
            for n in (1, 2)
        ],
        scan("YT1", "1", T + DAY * 1.2, **yto), scan("YT1", "304", T + DAY * 3, **yto),
        scan("YT2", "10", T + DAY * 1.2, **yto), scan("YT2", "2", T + DAY * 2, **yto),
        scan("YT2", "302", T + DAY * 4, **yto),
    ]  # fmt: skip


def _authorized() -> list[Fact]:
    one = "tb-669"
    return [
        order(one, T), line(one, sku="SKU60"),
        paid(one, T + HOUR, payment_kind="authorization"),
    ]  # fmt: skip


def _unpaid() -> list[Fact]:
    """Tried in vain and closed after its day."""
    one = "tb-670"
    return [
        order(one, T, cancelled_at=T + DAY * 1.1, status_raw="交易关闭"), line(one, sku="SKU60"),
        paid(one, T + HOUR, payment_status="failed"),
    ]  # fmt: skip


def _back_and_lost() -> list[Fact]:
    """One parcel goes back, one is lost, one waits at a station."""
    back, lost, waits = "tb-671", "tb-672", "tb-673"
    return [
        *[
            fact
            for one in (back, lost, waits)
            for fact in (
                *_sold(one),
                step(one, "labelled", T + HOUR * 20, carrier="sf", tracking_number=f"SF{one[3:]}"),
                step(one, "handed_over", T + DAY, carrier="sf", tracking_number=f"SF{one[3:]}"),
            )
        ],
        scan("SF671", "70", T + DAY * 2), scan("SF671", "648", T + DAY * 3),
        ("tracking_events", {
            "carrier": "sf", "tracking_number": "SF671", "event_at": T + DAY * 5,
            "code_raw": "RETURNED", "place": "深圳", "source": "sf_express", "shop_id": "tb"}),
        scan("SF672", "31", T + DAY * 2), scan("SF672", "99", T + DAY * 6),
        ("tracking_events", {
            "carrier": "sf", "tracking_number": "SF673", "event_at": T + DAY * 2,
            "code_raw": "AT_PICKUP_POINT", "place": "深圳", "source": "sf_express",
            "shop_id": "tb"}),
    ]  # fmt: skip


def _after_sales() -> list[Fact]:
    """Turned down, taken back, given back without the goods, mended."""
    no, never, money, mended = "tb-674", "tb-675", "tb-676", "tb-677"
    day = T + DAY * 8
    return [
        *[fact for one in (no, never, money, mended) for fact in _sold(one)],
        case(no, "requested", day, case_kind="return"), case(no, "rejected", day + DAY),
        case(never, "requested", day, case_kind="return"), case(never, "withdrawn", day + DAY),
        case(money, "requested", day, case_kind="refund"),
        case(money, "approved", day + HOUR, case_kind="refund"),
        *[
            case(mended, step_code, day + DAY * n, case_kind="repair")
            for n, step_code in enumerate(
                ("requested", "approved", "return_received", "qc_passed", "repair_done"))
        ],
    ]  # fmt: skip


def _by_hand() -> list[Fact]:
    """Typed in, set aside and let go again, picked and checked; given up with its money; proven."""
    typed, given_up, refused, proven = "tb-678", "tb-679", "tb-680", "tb-681"
    return [
        order(typed, T, order_kind="manual"), line(typed, sku="SKU60"), paid(typed, T + HOUR),
        *[
            step(typed, code, T + HOUR * (3 + n))
            for n, code in enumerate(
                ("released", "picked", "checked"))
        ],
        order(given_up, T, cancelled_at=T + HOUR * 9), line(given_up, sku="SKU60"),
        paid(given_up, T + HOUR, payment_kind="authorization"),
        step(given_up, "cancel_requested", T + HOUR * 6),
        *[
            step(given_up, code, T + HOUR * n, sku="SKU60", quantity=2, reason="soft")
            for code, n in (("stock_reserved", 1), ("reservation_released", 8))
        ],
        paid(given_up, T + HOUR * 8, payment_kind="void", payment_id=f"{given_up}-void"),
        *_sold(refused), step(refused, "review_rejected", T + HOUR * 2),
        *_sold(proven),
        step(proven, "handed_over", T + DAY, carrier="sf", tracking_number="SF681"),
        scan("SF681", "80", T + DAY * 3),
        contact(proven, "pod_received", T + DAY * 4, tracking_number="SF681"),
        case(proven, "requested", T + DAY * 5, case_kind="return"),
        case(proven, "closed", T + DAY * 6),
    ]  # fmt: skip


def _given_up() -> list[Fact]:
    """Closed, and the channel says why; of the first it does not say when."""
    return [
        fact
        for order_id, reason, hours in (
            ("tb-990", "买家未付款", 0), ("tb-991", "我不想买了", 2), ("tb-992", "有变", 3),
            ("shopify-993", "INVENTORY", 4),
        )
        for fact in (
            order(order_id, T, cancelled_at=T + HOUR * hours, cancel_reason=reason),
            line(order_id, sku="SKU60"),
        )
    ]  # fmt: skip


def _stocktake() -> list[Fact]:
    """Opened, counted and turned down."""
    return [
        ("stock_counts", {
            "count_line_id": "PD60-1", "count_id": "PD60", "count_step": code, "sku": "SKU60",
            "event_at": T + HOUR * n, "warehouse_id": "WH1", "book_quantity": 0,
            "counted_quantity": None if code == "opened" else 0, "source": "wms", "shop_id": "tb"})
        for n, code in enumerate(("opened", "counted", "rejected"))
    ]  # fmt: skip
