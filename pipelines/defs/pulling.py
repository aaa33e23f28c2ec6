"""`connections/<client>`: each API that can be asked, for all connections of its kind."""

import dagster as dg

from ingestion.connections import pulls_of
from ingestion.pulling.calls import PullError
from ingestion.pulling.clients import CLIENTS
from orderhouse.settings import MissingCredential
from pipelines.defs.resources import OWNERS, Home
from pipelines.pulls import pull_connection


def _asset_of(client: str) -> dg.AssetsDefinition:
    @dg.asset(
        key=["connections", client],
        group_name="connections",
        kinds={"python"},
        owners=OWNERS,
        # No pool: landing needs no lock, and a slow system must not hold up a build.
        description=f"What is new at every connection of {client}, landed page by page.",
    )
    def pulled(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult:
        settings = home.settings()
        files, failures = 0, []
        for one in pulls_of(settings):
            if (one.client or one.source) != client:
                continue
            try:
                report = pull_connection(settings, one.name)
            except (PullError, MissingCredential) as error:
                failures.append(str(error))
                continue
            files += report.files
            context.log.info("%s: %s", one.name, report)
        if failures:
            # The next tick tries again; access that was refused comes back only by a person.
            raise dg.Failure("; ".join(failures), allow_retries=False)
        return dg.MaterializeResult(metadata={"files": files})

    return pulled


pulled_assets = [_asset_of(client) for client in CLIENTS]

pull_job = dg.define_asset_job(
    "pull",
    selection=dg.AssetSelection.assets(*pulled_assets),
    executor_def=dg.in_process_executor,
    description="Asks every connected system for what is new; the landing sensor builds.",
)
