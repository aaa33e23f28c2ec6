"""What carriers' services publish as states is known, each with the meaning they give it."""

from __future__ import annotations

import csv

import pytest

from orderhouse.settings import PROJECT_ROOT

SEED = PROJECT_ROOT / "dbt_project" / "seeds" / "carrier_state_map.csv"
PUBLISHED = {
    "kuaidi100": (
        "0 1001 1002 1003 1 101 102 103 2 201 202 203 204 205 206 207 208 209 210 "
        "3 301 302 303 304 4 401 14 5 501 6 7 8 10 11 12 13"
    ),
    "aftership": (
        "InfoReceived InfoReceived_001 InTransit "
        "InTransit_001 InTransit_002 InTransit_003 InTransit_004 InTransit_005 InTransit_006 "
        "InTransit_007 InTransit_008 InTransit_009 "
        "OutForDelivery OutForDelivery_001 OutForDelivery_003 OutForDelivery_004 "
        "AttemptFail AttemptFail_001 AttemptFail_002 AttemptFail_003 "
        "AvailableForPickup AvailableForPickup_001 "
        "Delivered Delivered_001 Delivered_002 Delivered_003 Delivered_004 Delivered_005 "
        "Exception Exception_001 Exception_002 Exception_003 Exception_004 Exception_005 "
        "Exception_006 Exception_007 Exception_008 Exception_009 Exception_010 Exception_011 "
        "Exception_012 Exception_013 Exception_016 Exception_017 Exception_018 Exception_019 "
        "Exception_020 Exception_021 Expired Expired_001"
    ),
    "track17": (
        "InfoReceived InTransit_PickedUp InTransit_Other InTransit_Departure InTransit_Arrival "
        "InTransit_CustomsProcessing InTransit_CustomsReleased "
        "InTransit_CustomsRequiringInformation Expired_Other AvailableForPickup_Other "
        "OutForDelivery_Other DeliveryFailure_Other DeliveryFailure_NoBody "
        "DeliveryFailure_Security DeliveryFailure_Rejected DeliveryFailure_InvalidAddress "
        "Delivered_Other Exception_Other Exception_Returning Exception_Returned Exception_NoBody "
        "Exception_Security Exception_Damage Exception_Rejected Exception_Delayed Exception_Lost "
        "Exception_Destroyed Exception_Cancel"
    ),
}
# Where it matters whether goods are on their way, at the border, back, or were never taken.
MEANS = {
    ("kuaidi100", "401"): "CUSTOMER_CANCEL",  # 已销单: the waybill is void, nothing came back
    ("kuaidi100", "8"): "CUSTOMS",
    ("kuaidi100", "12"): "IN_TRANSIT",
    ("kuaidi100", "13"): "CUSTOMS_EXCEPTION",
    ("aftership", "InTransit_005"): "IN_TRANSIT",  # through customs
    ("aftership", "InTransit_006"): "CUSTOMS",
    ("aftership", "Exception_011"): "RETURNED",
    ("aftership", "Exception_020"): "CUSTOMER_CANCEL",
    ("aftership", "Exception_021"): "LOST",
    ("track17", "InTransit_CustomsProcessing"): "CUSTOMS",
    ("track17", "InTransit_CustomsReleased"): "IN_TRANSIT",
    ("track17", "Exception_Returned"): "RETURNED",
}


def _seed() -> list[dict[str, str]]:
    with SEED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("source", PUBLISHED)
def test_every_published_state_is_known(source: str) -> None:
    known = {row["code_raw"] for row in _seed() if row["source"] == source}
    assert set(PUBLISHED[source].split()) <= known


def test_states_that_are_easily_confused_mean_what_they_say() -> None:
    known = {(row["source"], row["code_raw"]): row["norm_state"] for row in _seed()}
    assert {key: known[key] for key in MEANS} == MEANS


def test_a_state_of_a_service_is_there_once_and_named_as_everywhere() -> None:
    rows = _seed()
    keys = [(row["carrier"], row["source"], row["code_raw"]) for row in rows]
    assert len(keys) == len(set(keys))
    names = {(row["norm_state"], row["is_exception"], row["name_zh"]) for row in rows}
    assert len(names) == len({state for state, _, _ in names})
