"""`outbox/digest`: the day in figures for every post, written from the published snapshot."""

from datetime import date

import dagster as dg

from orderhouse.settings import get_settings
from pipelines.defs.resources import OWNERS, Home
from pipelines.digest import write_digests

# A day is one of the business: from midnight to midnight where the reports are read.
DAYS = dg.DailyPartitionsDefinition(start_date="2024-01-01", timezone=get_settings().reporting_zone)


@dg.asset(
    key=["outbox", "digest"],
    deps=[dg.AssetKey(["serving", "snapshot"])],
    partitions_def=DAYS,
    group_name="outbox",
    kinds={"python"},
    owners=OWNERS,
)
def digest(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult:
    """Order volume, exceptions, promises, after-sales and money of a day, by post and language."""
    files = write_digests(home.settings(), date.fromisoformat(context.partition_key))
    where = str(files[0].parent) if files else ""
    return dg.MaterializeResult(metadata={"files": len(files), "folder": where})


digest_job = dg.define_asset_job(
    "digest",
    selection=dg.AssetSelection.assets(digest),
    partitions_def=DAYS,
    executor_def=dg.in_process_executor,
    description="Writes the digest of one day into the outbox.",
)
