"""The published policies: which queues, metrics, channels and promises there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from dashboards.warehouse import Snapshot
from orderhouse.what_if import POLICIES


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """One queue as its policy row describes it."""

    code: str
    names: dict[str, str]
    severity: int
    owner_role: str
    area: str

    def name(self, language: str) -> str:
        return self.names.get(language) or self.code


def _all(snapshot: Snapshot, relation: str, order: str) -> tuple[dict[str, Any], ...]:
    """Every row of a policy; they are part of the build, so it is asked once."""
    key = f"policy {relation}"
    if key not in snapshot.memo:
        snapshot.memo[key] = tuple(_read(snapshot, relation, order))
    return snapshot.memo[key]


def _read(snapshot: Snapshot, relation: str, order: str) -> list[dict[str, Any]]:
    present = snapshot.rows(
        "select 1 as found from information_schema.tables "
        "where table_schema = 'policies' and table_name = ?",
        [relation],
    )
    if not present:
        return []
    return snapshot.rows(f"select * from policies.{relation} order by {order}")  # noqa: S608


def queues(snapshot: Snapshot) -> list[Queue]:
    """Queues in their order; those whose conditions are built into this snapshot."""
    return [
        Queue(
            code=row["queue_code"],
            names={"zh": row.get("name_zh") or "", "en": row.get("name_en") or ""},
            severity=int(row.get("severity") or 4),
            owner_role=row.get("owner_role") or "",
            area=row.get("area") or "",
        )
        for row in _all(snapshot, "queues", "queue_code")
    ]


def queue_codes(snapshot: Snapshot) -> list[str]:
    return [queue.code for queue in queues(snapshot)]


def metrics(snapshot: Snapshot) -> list[dict[str, Any]]:
    return list(_all(snapshot, "metric_catalogue", "position"))


def state_conflicts(snapshot: Snapshot) -> list[dict[str, Any]]:
    return list(_all(snapshot, "state_conflicts", "conflict_code, left_state, right_state"))


def source_states(snapshot: Snapshot) -> list[dict[str, Any]]:
    """What each source can say of an order, in the order an order goes through it."""
    return list(_all(snapshot, "source_states", "source_code, state_rank, state_code"))


def sla_policies(snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    return {row["sla_code"]: row for row in _all(snapshot, "sla_policies", "sla_code")}


def dormant_after(snapshot: Snapshot) -> timedelta | None:
    """How long an account may go unused; None before the first build."""
    for row in _all(snapshot, "thresholds", "threshold_code"):
        if row["threshold_code"] == "dormant_account_minutes":
            return timedelta(minutes=int(row["threshold_value"]))
    return None


def analysis_limits(snapshot: Snapshot) -> dict[str, Decimal]:
    """What analyses need at least, and where they stop."""
    rows = _all(snapshot, "analysis_limits", "limit_code")
    return {row["limit_code"]: Decimal(str(row["limit_value"])) for row in rows}


def campaigns(snapshot: Snapshot) -> list[dict[str, Any]]:
    return list(_all(snapshot, "campaigns", "starts_at, campaign_code"))


def channels(snapshot: Snapshot) -> list[str]:
    return [row["channel"] for row in _all(snapshot, "channels", "channel")]


def changeable(snapshot: Snapshot, policy: str) -> list[dict[str, Any]]:
    """Rows of a policy somebody may ask "what if" about, in the order of their codes."""
    key, _ = POLICIES[policy]
    return list(_all(snapshot, policy, key))


def feed_periods(snapshot: Snapshot) -> dict[tuple[str, str], timedelta]:
    """How often each feed is to come, by (source, stream); one without a promise is not in it."""
    periods: dict[tuple[str, str], timedelta] = {}
    for row in _all(snapshot, "feed_schedules", "source, layout"):
        for stream in str(row["streams"]).split("|"):
            period = timedelta(minutes=int(row["expected_minutes"]))
            key = (row["source"], stream)
            periods[key] = min(period, periods.get(key, period))
    return periods


# Stream of a code -> the policy that lists what such codes may stand for, and its column.
_MEANINGS = {
    "tracking_events": ("carrier_state_map", "norm_state"),
    "orders": ("channel_statuses", "order_status"),
    "channel_status": ("channel_states", "state_code"),
}


def meanings(snapshot: Snapshot, stream: str) -> list[str]:
    """Every state a code of the stream may stand for."""
    relation, column = _MEANINGS[stream]
    return sorted({str(row[column]) for row in _all(snapshot, relation, column)})
