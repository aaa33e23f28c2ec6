"""The jobs: `build` goes from files to snapshot, asset by asset; `refresh` does it in one step."""

import dagster as dg

from pipelines.automation import hold_short_orders
from pipelines.build import build_once, land_buckets
from pipelines.defs.automation import stock_holds
from pipelines.defs.models import BuildOptions, models
from pipelines.defs.records import intake
from pipelines.defs.resources import WAREHOUSE_POOL, Home
from pipelines.defs.serving import snapshot
from pipelines.delivery import deliver_once
from pipelines.delivery.notices import notify_once
from pipelines.forecasts import say_likely_breaches
from pipelines.lease import writer_lease
from pipelines.proposals import answer_drafts
from pipelines.what_if import answer_all

# One process for the whole run: starting one for each step costs more than the steps.
build_job = dg.define_asset_job(
    "build",
    selection=dg.AssetSelection.assets(intake, models, snapshot, stock_holds),
    executor_def=dg.in_process_executor,
    description="Files to snapshot: take in, fold, gate, publish.",
)


@dg.op(pool=WAREHOUSE_POOL)
def refresh_marts(context: dg.OpExecutionContext, home: Home, config: BuildOptions) -> None:
    """The whole build as one step, for the warm worker: an event for each model costs as much
    as the model itself when little has changed."""
    settings = home.settings()
    with writer_lease(settings):
        window, gates, path = build_once(settings, full=config.full, as_of=config.moment)
    if path is None:
        context.log.info("nothing new")
        return
    context.log_event(
        dg.AssetMaterialization(
            asset_key=["serving", "snapshot"],
            metadata={"build_id": window.build_id, "gates": len(gates)},
        )
    )
    held = hold_short_orders(settings)
    context.log_event(
        dg.AssetMaterialization(asset_key=["automation", "stock_holds"], metadata={"orders": held})
    )


@dg.job(
    executor_def=dg.in_process_executor,
    description="What the warm worker runs when something lands.",
)
def refresh() -> None:
    refresh_marts()


@dg.op
def answer_questions(context: dg.OpExecutionContext, home: Home) -> None:
    """Outside the pool: a replay works on a copy and locks the warehouse only to make it."""
    context.log.info(f"{answer_all(home.settings())} answered")


@dg.job(
    executor_def=dg.in_process_executor,
    description="Replays the facts under the policies somebody asks about.",
)
def what_if() -> None:
    answer_questions()


@dg.op
def answer_about_sources(context: dg.OpExecutionContext, home: Home) -> None:
    """Outside the pool: a sample is tried in a home that is thrown away."""
    context.log.info(f"{answer_drafts(home.settings())} answered")


@dg.job(
    executor_def=dg.in_process_executor,
    description="Proposes and tries mappings for samples that were brought in the app.",
)
def new_sources() -> None:
    answer_about_sources()


@dg.op
def look_into_buckets(context: dg.OpExecutionContext, home: Home) -> None:
    """Outside the pool: landing needs no lock. The landing sensor builds."""
    context.log.info(f"{land_buckets(home.settings())} files landed")


@dg.job(
    executor_def=dg.in_process_executor,
    description="Lands what is new in the buckets of connections.yml.",
)
def buckets() -> None:
    look_into_buckets()


@dg.op
def send_messages(context: dg.OpExecutionContext, home: Home) -> None:
    """Outside the pool: what is sent comes from the ledger, not from the warehouse."""
    context.log.info(f"{notify_once(home.settings())} notices")
    context.log.info(str(deliver_once(home.settings())))


@dg.job(
    executor_def=dg.in_process_executor,
    description="Sends what was decided to the systems it concerns.",
)
def deliver() -> None:
    send_messages()


@dg.op
def make_forecasts(context: dg.OpExecutionContext, home: Home) -> None:
    """Outside the pool: it reads the snapshot and writes the ledger, whose sensor builds."""
    context.log.info(f"{say_likely_breaches(home.settings())} promises will likely be broken")


@dg.job(
    executor_def=dg.in_process_executor,
    description="Says which ship-by promises will more likely than not be broken.",
)
def forecast() -> None:
    make_forecasts()
