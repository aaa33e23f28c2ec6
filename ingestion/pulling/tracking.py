"""Kuaidi100 and 17TRACK: systems that are asked about parcels, not about a stretch of time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from ingestion.pulling.feeds import Client, Feed, Page, Question

# The house's names of carriers -> Kuaidi100's.
_CARRIERS = {
    "sf": "shunfeng", "zto": "zhongtong", "yto": "yuantong", "sto": "shentong", "yunda": "yunda",
    "ems": "ems", "jd": "jd", "jt": "jtexpress", "deppon": "debangkuaidi",
}  # fmt: skip
_PARCELS_A_CALL = 40  # what 17TRACK takes
_NO_ACCESS_17 = ("-18010001", "-18010002", "-18010003", "-18010004", "-18010005")


def _kuaidi100(question: Question) -> Iterator[Page]:
    secrets = question.secrets
    for parcel in question.parcels():
        asked = {
            "com": _CARRIERS.get(parcel.carrier, parcel.carrier),
            "num": parcel.tracking_number,
        }
        param = json.dumps(asked | {"resultv2": "4"}, ensure_ascii=False)
        text = (param + secrets["key"] + secrets["customer"]).encode()
        sign = hashlib.md5(text, usedforsecurity=False).hexdigest().upper()
        form = {"customer": secrets["customer"], "sign": sign, "param": param}
        answer = question.caller.post("/poll/query.do", data=form)
        # A carrier that knows nothing of the parcel yet: no scans, and nothing wrong.
        yield Page(data=answer.data, count=len(answer.value.get("data") or ()))


def _kuaidi100_refused(value: Any) -> str | None:
    code = str(value.get("returnCode", "")) if isinstance(value, dict) else ""
    return f"return code {code}" if code in ("503", "601") else None


def _track17(question: Question) -> Iterator[Page]:
    parcels = list(question.parcels())
    for first in range(0, len(parcels), _PARCELS_A_CALL):
        numbers = [{"number": p.tracking_number} for p in parcels[first : first + _PARCELS_A_CALL]]
        answer = question.caller.post("/track/v2.2/gettrackinfo", json=numbers)
        accepted = (answer.value.get("data") or {}).get("accepted") or ()
        yield Page(data=answer.data, count=len(accepted))


def _track17_refused(value: Any) -> str | None:
    code = str(value.get("code", "")) if isinstance(value, dict) else ""
    return f"code {code}" if code in _NO_ACCESS_17 else None


KUAIDI100 = Client(
    name="kuaidi100",
    address="https://poll.kuaidi100.com",
    credentials=("customer", "key"),
    sign=lambda _secrets, _connection: {},
    feeds=(Feed(name="parcels", read=_kuaidi100, has_past=False),),
    refused=_kuaidi100_refused,
)
TRACK17 = Client(
    name="track17",
    address="https://api.17track.net",
    credentials=("token",),
    sign=lambda secrets, _connection: {"headers": {"17token": secrets["token"]}},
    feeds=(Feed(name="parcels", read=_track17, has_past=False),),
    refused=_track17_refused,
)
