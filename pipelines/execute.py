"""Runs the Dagster jobs inside this process, recorded in the home's Dagster instance."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orderhouse.settings import Settings
from pipelines.build import waiting_files
from pipelines.decisions import has_new_decisions
from pipelines.home import prepare_home
from pipelines.lease import writer_lease
from pipelines.publish import current_build
from pipelines.window import is_settled

if TYPE_CHECKING:
    import dagster as dg

_PROCESS_TAG = "orderhouse/process"


class BuildFailed(RuntimeError):
    """A step of the build failed; the text names the step and the reason."""


def _options(full: bool, as_of: datetime | None) -> dict[str, Any]:
    return {"full": full, "as_of": as_of.isoformat(sep=" ") if as_of else ""}


def run_build(settings: Settings, *, full: bool = False, as_of: datetime | None = None) -> str:
    """Runs the job `build`; returns one line about what is served now.

    Raises:
        BuildFailed: with the first failing step's reason. The old snapshot is still served.
    """
    prepare_home(settings)
    if not full and as_of is None and nothing_to_do(settings):
        return f"Nothing new. Serving build {current_build(settings)}."
    return _run(settings, "build", {"ops": {"models": {"config": _options(full, as_of)}}})


def nothing_to_do(settings: Settings) -> bool:
    """No file waits, nobody has decided anything, and the last build is served.

    Asked before the libraries are loaded that cost seconds.
    """
    if waiting_files(settings) or has_new_decisions(settings):
        return False
    with writer_lease(settings):
        return is_settled(settings)


def run_refresh(settings: Settings) -> str:
    """Runs the job `refresh`: the same build as one step, for the warm worker."""
    return _run(settings, "refresh", {"ops": {"refresh_marts": {"config": _options(False, None)}}})


def _run(settings: Settings, job: str, config: dict[str, Any]) -> str:
    import dagster as dg

    from pipelines.definitions import defs

    with dg.DagsterInstance.get() as instance:
        bury_dead_runs(instance)
        quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
        result = defs.resolve_job_def(job).execute_in_process(
            instance=instance,
            run_config=config | quiet,
            raise_on_error=False,
            tags={_PROCESS_TAG: _process(os.getpid())},
        )
        if not result.success:
            raise BuildFailed(_why(result, settings))
    return f"Serving build {current_build(settings)} (run {result.run_id})."


def bury_dead_runs(instance: dg.DagsterInstance) -> None:
    """Ends the runs of processes that were killed, and gives back their places in the pool.

    Without this the next run would wait for a place that nobody will ever give back.
    """
    import dagster as dg

    going = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING]
    unfinished = instance.get_runs(dg.RunsFilter(statuses=going))
    for run in unfinished:
        process = run.tags.get(_PROCESS_TAG)
        if process is None or process == _process(int(process.partition("@")[0])):
            continue
        instance.report_run_failed(run, "Its process was killed.")
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)


def _process(pid: int) -> str:
    """`<pid>@<start>` of a living process: a pid alone may be somebody else's by now."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except OSError:
        return f"{pid}@"
    return f"{pid}@{stat.rpartition(')')[2].split()[19]}"


def _why(result: Any, settings: Settings) -> str:
    for event in result.all_events:
        if event.is_step_failure:
            error = event.step_failure_data.error
            while error is not None and error.cause is not None:
                error = error.cause
            text = error.message.strip() if error is not None else "unknown"
            return f"Step {event.step_key} failed. {text} Details: run {result.run_id} in Dagster."
    return f"Run {result.run_id} failed. Details: the Dagster UI."
