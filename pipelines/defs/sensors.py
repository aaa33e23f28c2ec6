"""What wakes a run: a file in the inbox or landed by another way, a decision, a message."""

import hashlib

import dagster as dg

from orderhouse.connections import ConnectionsError
from orderhouse.ledger import decision_seq, open_ledger
from orderhouse.settings import get_settings
from orderhouse.source_drafts import waiting as waiting_drafts
from orderhouse.what_if import waiting
from pipelines.build import due_in_buckets, inbox_files, landed_files
from pipelines.defs.jobs import buckets, build_job, deliver, new_sources, what_if
from pipelines.delivery.loop import something_to_send


@dg.sensor(
    job=build_job,
    minimum_interval_seconds=30,
    description="Runs a build when files lie in the inbox, or landed by webhook or API.",
)
def landing_sensor(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """The cursor names the files seen: one that cannot be landed starts one run, not many."""
    settings = get_settings()
    files = inbox_files(settings) + landed_files(settings)
    if not files:
        return dg.SkipReason("Nothing waits.")
    names = "\n".join(f"{path}:{path.stat().st_size}" for path in files if path.exists())
    cursor = hashlib.sha256(names.encode()).hexdigest()
    if cursor == context.cursor:
        return dg.SkipReason("The same files as before: the last run says why they stayed.")
    context.update_cursor(cursor)
    return dg.RunRequest(run_key=cursor)


@dg.sensor(
    job=buckets,
    minimum_interval_seconds=60,
    description="Lands what is new and whole in the buckets of connections.yml.",
)
def bucket_sensor(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Only lists. The cursor names what is due: an object that is refused starts one run."""
    try:
        due = due_in_buckets(get_settings())
    except ConnectionsError as error:
        return dg.SkipReason(f"No bucket is looked into: {error}")
    if not due:
        return dg.SkipReason("Nothing new, or nothing that is whole.")
    cursor = hashlib.sha256("\n".join(due).encode()).hexdigest()
    if cursor == context.cursor:
        return dg.SkipReason("The same objects as before: the last run says why they stayed.")
    context.update_cursor(cursor)
    return dg.RunRequest(run_key=cursor)


@dg.sensor(
    job=build_job,
    minimum_interval_seconds=60,
    description="Runs a build when people have decided something.",
)
def ledger_sensor(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """The cursor is the number of the last entry of the ledger."""
    ledger = open_ledger(get_settings().ledger_address)
    try:
        newest = decision_seq(ledger)
    finally:
        ledger.close()
    if newest <= int(context.cursor or 0):
        return dg.SkipReason("No new decisions.")
    context.update_cursor(str(newest))
    return dg.RunRequest(run_key=f"ledger-{newest}")


@dg.sensor(
    job=what_if,
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Runs a replay when somebody asks what other policies would do.",
)
def what_if_sensor(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """One run for each newest question; it answers the ones before it too."""
    asked = waiting(get_settings().what_if_dir)
    if not asked or asked[-1].question_id == context.cursor:
        return dg.SkipReason("Nobody asks.")
    context.update_cursor(asked[-1].question_id)
    return dg.RunRequest(run_key=asked[-1].question_id)


@dg.sensor(
    job=new_sources,
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Runs when somebody asks about the sample of a new source; the worker is faster.",
)
def new_source_sensor(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """One run for each newest question; it answers the ones before it too."""
    asked = waiting_drafts(get_settings())
    if not asked:
        return dg.SkipReason("Nobody asks.")
    newest = f"{asked[-1].draft_id}/{asked[-1].number}"
    if newest == context.cursor:
        return dg.SkipReason("Asked already.")
    context.update_cursor(newest)
    return dg.RunRequest(run_key=newest)


@dg.sensor(
    job=deliver,
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Runs deliveries when a decision can no longer be taken back or a try is due.",
)
def outbox_sensor(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """No run key: what cannot be sent is due again later, and claims keep runs apart."""
    if not something_to_send(get_settings()):
        return dg.SkipReason("Nothing to send.")
    return dg.RunRequest()
