"""A payment provider and two tracking services that answer as the real ones document."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

from tests.support.hooks import seconds
from tests.support.systems import Reply, Shop


@dataclass
class Stripe(Shop):
    """A payout a day, two sales in each, one dispute; lists newest first."""

    statuses: dict[str, str] = field(default_factory=dict)

    def knows(self, headers: Any) -> bool:
        return headers.get("Authorization") == f"Bearer {self.token}"

    def _payouts(self) -> list[dict[str, Any]]:
        first = seconds(self.now.replace(hour=6)) - 9 * 86_400
        return [
            {"id": f"po_{day}", "object": "payout", "amount": 2300, "currency": "eur",
             "arrival_date": first + day * 86_400, "created": first + day * 86_400,
             "status": self.statuses.get(f"po_{day}", "paid"), "method": "standard",
             "type": "bank_account", "automatic": day != 3}
            for day in range(10)
        ]  # fmt: skip

    def _lines(self, payout: dict[str, Any]) -> list[dict[str, Any]]:
        sales = [
            {"id": f"txn_{payout['id']}_{n}", "object": "balance_transaction", "amount": 1200,
             "fee": 50, "net": 1150, "currency": "eur", "type": "charge", "status": "available",
             "reporting_category": "charge", "source": f"ch_{payout['id']}_{n}",
             "created": payout["created"] - 100, "available_on": payout["created"]}
            for n in (1, 2)
        ]  # fmt: skip
        moved = {
            "id": f"txn_{payout['id']}",
            "amount": -2300,
            "fee": 0,
            "net": -2300,
            "type": "payout",
            "reporting_category": "payout",
            "source": payout["id"],
        }
        return [sales[0] | moved, *sales]

    def answer(self, path: str, asked: dict[str, str]) -> Reply:
        found: list[dict[str, Any]] = []
        if path == "/v1/payouts":
            found = self._payouts()
        elif path == "/v1/balance_transactions":
            [payout] = [p for p in self._payouts() if p["id"] == asked["payout"]]
            assert payout["automatic"], "only automatic payouts can be filtered by"
            found = self._lines(payout)
        else:
            assert path == "/v1/disputes", path
            found = [{"id": "dp_1", "object": "dispute", "amount": 1200, "charge": "ch_1",
                      "currency": "eur", "created": seconds(self.now - timedelta(days=2)),
                      "reason": "fraudulent", "status": "needs_response",
                      "evidence_details": {}}]  # fmt: skip
        low, high = asked.get("created[gte]", "0"), asked.get("created[lte]", "9999999999")
        found = [row for row in found if int(low) <= row["created"] <= int(high)]
        found.sort(key=lambda row: (-row["created"], row["id"]))
        ids = [row["id"] for row in found]
        start = ids.index(asked["starting_after"]) + 1 if "starting_after" in asked else 0
        page = found[start : start + int(asked["limit"])]
        more = start + len(page) < len(found)
        return Reply({"object": "list", "url": path, "has_more": more, "data": page})


class Kuaidi100(Shop):
    """The query of one parcel, signed by the customer."""

    def knows(self, _headers: Any) -> bool:
        return True

    def answer(self, path: str, asked: dict[str, str]) -> Reply:
        assert path == "/poll/query.do"
        form = dict(parse_qsl(asked["body"]))
        text = form["param"] + self.token + form["customer"]
        if form["sign"] != hashlib.md5(text.encode()).hexdigest().upper():
            return Reply({"result": False, "returnCode": "503", "message": "验证签名失败"})
        parcel = json.loads(form["param"])
        if parcel["num"] == "SF-UNKNOWN":
            return Reply({"result": False, "returnCode": "500", "message": "查询无结果"})
        scan = {"context": "已揽收", "ftime": "2026-11-18 08:00:00", "statusCode": "1"}
        return Reply({"message": "ok", "state": "0", "status": "200", "com": parcel["com"],
                      "nu": parcel["num"], "data": [scan]})  # fmt: skip


class Track17(Shop):
    """Forty parcels a call."""

    def knows(self, _headers: Any) -> bool:
        return True

    def answer(self, path: str, asked: dict[str, str]) -> Reply:
        assert path == "/track/v2.2/gettrackinfo"
        numbers = [row["number"] for row in json.loads(asked["body"])]
        assert len(numbers) <= 40
        events = [{"time_utc": "2026-11-18T08:00:00Z", "stage": "InTransit", "description": "x"}]
        who = {"provider": {"key": 1, "alias": "china-post"}, "events": events}
        known = [{"number": n, "track_info": {"tracking": {"providers": [who]}}} for n in numbers]
        return Reply({"code": 0, "data": {"accepted": known, "rejected": []}})
