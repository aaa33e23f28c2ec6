"""When parcels are expected, and disputes that are over, in the words of those who tell of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.ingestion.conftest import Home

ESTIMATES = (
    "select carrier, tracking_number, shipment_id, order_id, stated_at::varchar, "
    "expected_at::varchar from records.delivery_estimates order by stated_at, tracking_number"
)


def _aftership(**values: Any) -> dict[str, Any]:
    return {"event": "tracking_update", "msg": {
        "id": "a1", "tracking_number": "1Z1", "slug": "ups", "updated_at": "2026-11-19T09:00:00Z",
        "checkpoints": [{"created_at": "2026-11-19T08:00:00Z", "tag": "InTransit",
                         "subtag": "InTransit_001", "message": "Left",
                         "checkpoint_time": "2026-11-19T08:00:00Z"}], **values}}  # fmt: skip


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"latest_estimated_delivery": {"datetime": "2026-11-21T18:00:00+08:00"}},
         "2026-11-21 10:00:00"),
        ({"latest_estimated_delivery": {"datetime_min": "2026-11-21T08:00:00Z",
                                        "datetime_max": "2026-11-21T20:00:00Z"}},
         "2026-11-21 20:00:00"),
        ({"expected_delivery": "2026-11-22"}, "2026-11-22 23:59:59"),
    ],
)  # fmt: skip
def test_aftership_tells_when_a_parcel_is_expected(home: Home, said: dict, expected: str) -> None:
    home.land(json.dumps(_aftership(**said)).encode(), source="aftership")
    assert home.ingest().quarantined == 0
    assert home.rows(ESTIMATES) == [("ups", "1Z1", None, None, "2026-11-19 09:00:00", expected)]


def test_what_nobody_expects_is_no_estimate(home: Home) -> None:
    silent = _aftership(latest_estimated_delivery=None, expected_delivery=None)
    home.land(json.dumps(silent).encode(), source="aftership")
    assert home.ingest().quarantined == 0
    assert home.rows(ESTIMATES) == []
    assert home.rows("select count(*) from records.tracking_events") == [(1,)]


def _track17(to: str | None) -> dict[str, Any]:
    return {
        "latest_event": {"time_utc": "2026-11-19T08:00:00Z"},
        "time_metrics": {"estimated_delivery_date": {"from": None, "to": to}},
        "tracking": {"providers": [
            {"provider": {"key": 3011, "alias": "china-post"},
             "events": [{"time_utc": "2026-11-19T08:00:00Z", "stage": "InTransit",
                         "sub_status": "InTransit_Other", "description": "Left"}]}]},
    }  # fmt: skip


@pytest.mark.parametrize("form", ["webhook", "answer"])
def test_17track_tells_when_a_parcel_is_expected(home: Home, form: str) -> None:
    info = _track17("2026-11-25T20:00:00-04:00")
    body = (
        {"event": "TRACKING_UPDATED", "data": {"number": "RR1CN", "track_info": info}}
        if form == "webhook"
        else {"code": 0, "data": {"accepted": [{"number": "RR1CN", "track_info": info}]}}
    )
    home.land(json.dumps(body).encode(), source="track17")
    assert home.ingest().quarantined == 0
    assert home.rows(ESTIMATES) == [
        ("china-post", "RR1CN", None, None, "2026-11-19 08:00:00", "2026-11-26 00:00:00")
    ]


def test_shopify_tells_when_a_parcel_of_an_order_is_expected(home: Home) -> None:
    at = "2026-11-19T08:00:00Z"
    event = {"id": 5, "fulfillment_id": 7, "order_id": 77, "status": "in_transit",
             "created_at": at, "happened_at": at}  # fmt: skip
    told = {**event, "id": 6, "estimated_delivery_at": "2026-11-21T08:00:00Z"}
    home.land(json.dumps({"fulfillment_events": [event, told]}).encode(), source="shopify")
    assert home.ingest().quarantined == 0
    assert home.rows(ESTIMATES) == [
        (None, None, "s1-7", "s1-77", "2026-11-19 08:00:00", "2026-11-21 08:00:00")
    ]


def test_a_dispute_that_is_over_was_opened_before(home: Home) -> None:
    shopify = {"id": 9, "order_id": 77, "type": "chargeback", "amount": "10.00", "currency": "USD",
               "reason": "fraudulent", "status": "won", "initiated_at": "2026-11-01T08:00:00Z",
               "finalized_on": "2026-11-19T08:00:00Z"}  # fmt: skip
    home.land(json.dumps({"disputes": [shopify]}).encode(), source="shopify")
    stripe = {"id": "du_2", "object": "dispute", "amount": 1000, "charge": "ch_2",
              "currency": "usd", "created": 1760000000, "reason": "fraudulent", "status": "lost",
              "evidence_details": {}, "metadata": {"order_id": "78"}}  # fmt: skip
    home.land(json.dumps({"object": "list", "data": [stripe]}).encode(), source="stripe", name="s")
    assert home.ingest().quarantined == 0
    rows = home.rows(
        "select source, refund_status, refunded_at::varchar from records.refunds order by all"
    )
    assert [row[:2] for row in rows] == [
        ("shopify", "rejected"), ("shopify", "requested"),
        ("stripe", "requested"), ("stripe", "succeeded"),
    ]  # fmt: skip
    assert [row[2] for row in rows[:2]] == ["2026-11-19 08:00:00", "2026-11-01 08:00:00"]
