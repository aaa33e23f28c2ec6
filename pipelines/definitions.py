"""What Dagster loads: gathers `pipelines/defs/`, adds nothing of its own."""

from __future__ import annotations

import dagster as dg

from pipelines.defs.automation import stock_holds
from pipelines.defs.digest import digest, digest_job
from pipelines.defs.freshness import promised
from pipelines.defs.jobs import (
    buckets,
    build_job,
    deliver,
    forecast,
    new_sources,
    refresh,
    what_if,
)
from pipelines.defs.models import models
from pipelines.defs.pulling import pull_job, pulled_assets
from pipelines.defs.records import intake
from pipelines.defs.resources import Home
from pipelines.defs.schedules import (
    forecast_breaches_hourly,
    pull_connections_often,
    rebuild_everything_nightly,
    refresh_marts_hourly,
    write_digest_daily,
)
from pipelines.defs.sensors import (
    bucket_sensor,
    landing_sensor,
    ledger_sensor,
    new_source_sensor,
    outbox_sensor,
    what_if_sensor,
)
from pipelines.defs.serving import snapshot

defs = dg.Definitions(
    assets=[
        asset.map_asset_specs(promised)
        for asset in (intake, models, snapshot, digest, stock_holds, *pulled_assets)
    ],
    jobs=[
        build_job,
        refresh,
        what_if,
        new_sources,
        digest_job,
        deliver,
        pull_job,
        buckets,
        forecast,
    ],
    schedules=[
        refresh_marts_hourly,
        rebuild_everything_nightly,
        write_digest_daily,
        pull_connections_often,
        forecast_breaches_hourly,
    ],
    sensors=[
        landing_sensor,
        bucket_sensor,
        ledger_sensor,
        what_if_sensor,
        new_source_sensor,
        outbox_sensor,
    ],
    resources={"home": Home()},
    executor=dg.in_process_executor,
)
