"""When builds run by the clock."""

from __future__ import annotations

import dagster as dg

from pipelines.defs.digest import digest_job
from pipelines.defs.jobs import build_job, forecast
from pipelines.defs.pulling import pull_job

refresh_marts_hourly = dg.ScheduleDefinition(
    name="refresh_marts_hourly",
    job=build_job,
    cron_schedule="5 * * * *",
    description="Folds in whatever has landed, once an hour.",
)

forecast_breaches_hourly = dg.ScheduleDefinition(
    name="forecast_breaches_hourly",
    job=forecast,
    cron_schedule="20 * * * *",
    description="Says once an hour which ship-by promises will likely be broken.",
)

rebuild_everything_nightly = dg.ScheduleDefinition(
    name="rebuild_everything_nightly",
    job=build_job,
    cron_schedule="30 3 * * *",
    run_config={"ops": {"models": {"config": {"full": True}}}},
    description="Builds every mart from nothing, so that no drift could outlive a night.",
)

write_digest_daily = dg.build_schedule_from_partitioned_job(
    digest_job,
    name="write_digest_daily",
    hour_of_day=7,
    minute_of_hour=30,
    description="Writes the digest of the day that has ended, before people come to work.",
)

pull_connections_often = dg.ScheduleDefinition(
    name="pull_connections_often",
    job=pull_job,
    cron_schedule="*/10 * * * *",
    description="Asks the connected systems for what is new, every ten minutes.",
)
