"""How old things may be before somebody should look."""

from __future__ import annotations

from datetime import timedelta

import dagster as dg

# Feeds: orders within a quarter of an hour is the channel's promise; an hour is when it hurts.
RECORDS = dg.FreshnessPolicy.time_window(
    fail_window=timedelta(hours=24), warn_window=timedelta(hours=2)
)
SNAPSHOT = dg.FreshnessPolicy.time_window(
    fail_window=timedelta(hours=6), warn_window=timedelta(minutes=90)
)


def promised(spec: dg.AssetSpec) -> dg.AssetSpec:
    """The asset with the promise of its layer."""
    layer = spec.key.path[0]
    if layer == "serving":
        return dg.apply_freshness_policy(spec, SNAPSHOT)
    if layer in ("records", "marts"):
        return dg.apply_freshness_policy(spec, RECORDS)
    return spec
