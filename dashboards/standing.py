"""Checks that stop builds now, as cases of data health.

The served snapshot is of before they failed and cannot have them; the build that comes after has
the same cases, under the same ids, with the end they came to by then. What people say of them in
the meantime is kept under that id.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from dashboards.warehouse import Attempt

QUEUE, ENTITY, SEVERITY = "Q36", "check", 1
SCHEMA = pa.schema(
    [
        ("item_id", pa.string()),
        ("queue_code", pa.string()),
        ("entity_type", pa.string()),
        ("entity_id", pa.string()),
        ("episode_number", pa.int64()),
        ("opened_at", pa.timestamp("us")),
        ("severity", pa.int32()),
        ("why", pa.string()),
    ]
)


def standing_table(attempt: Attempt | None) -> pa.Table | None:
    """The cases in the shape of `queue_items`, what is not said left out; None: nothing fails."""
    if attempt is None or attempt.ok or not attempt.failing:
        return None
    return pa.Table.from_pylist([_item(check) for check in attempt.failing], SCHEMA)


def _item(check: Mapping[str, Any]) -> dict[str, Any]:
    name, episode = str(check["check_id"]), int(check["episode"])
    key = f"{QUEUE}|{ENTITY}|{name}|{episode}".encode()
    facts = [
        {"name": "check_verdict", "value": "failed", "op": None, "threshold": None},
        {"name": "check_detail", "value": check["detail"], "op": None, "threshold": None},
    ]
    why = {
        "rule": QUEUE, "version": 1, "facts": facts, "evidence": [], "clock": None,
        "leaves_when": "FRESH_AND_VALID",
    }  # fmt: skip
    return {
        "item_id": hashlib.md5(key, usedforsecurity=False).hexdigest(),
        "queue_code": QUEUE,
        "entity_type": ENTITY,
        "entity_id": name,
        "episode_number": episode,
        "opened_at": check["since"],
        "severity": SEVERITY,
        "why": json.dumps(why, ensure_ascii=False),
    }
