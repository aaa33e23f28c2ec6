"""`records/<stream>`: files and decisions become records, all in one op."""

from collections.abc import Iterator

import dagster as dg
import duckdb

from ingestion.records import STREAMS
from orderhouse.settings import Settings
from pipelines.build import take_in
from pipelines.checks import failing, note
from pipelines.defs.resources import OWNERS, WAREHOUSE_POOL, Home
from pipelines.gates import door_gate
from pipelines.lease import writer_lease
from pipelines.publish import record_attempt

_SPECS = [
    dg.AssetSpec(
        key=dg.AssetKey(["records", stream.name]),
        description=stream.note,
        group_name="records",
        kinds={"python", "duckdb"},
        owners=OWNERS,
    )
    for stream in STREAMS.values()
]
_CHECKS = [
    dg.AssetCheckSpec(
        name="door",
        asset=spec.key,
        blocking=True,
        description="New records of the stream keep their contract (Great Expectations).",
    )
    for spec in _SPECS
]


def folded_seq(settings: Settings) -> int:
    """The last load a finished build has folded in."""
    with duckdb.connect(str(settings.warehouse_path)) as con:
        exists = con.execute(
            "select count(*) from information_schema.tables "
            "where table_schema = 'ops' and table_name = 'builds'"
        ).fetchone()
        if not exists or not exists[0]:
            return 0
        row = con.execute(
            "select coalesce(max(to_seq), 0) from ops.builds where state = 'folded'"
        ).fetchone()
    return int(row[0]) if row else 0


def _row_counts(settings: Settings) -> dict[str, int]:
    with duckdb.connect(str(settings.warehouse_path)) as con:
        rows = con.execute(
            "select stream, sum(rows) from ops.load_streams group by stream"
        ).fetchall()
    return {str(stream): int(count) for stream, count in rows}


@dg.multi_asset(
    specs=_SPECS,
    check_specs=_CHECKS,
    name="intake",
    pool=WAREHOUSE_POOL,
    retry_policy=dg.RetryPolicy(max_retries=2, delay=2, backoff=dg.Backoff.EXPONENTIAL),
)
def intake(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:
    """Lands the inbox, pulls decisions from the ledger, loads every landed file."""
    settings = home.settings()
    with writer_lease(settings):
        taken = take_in(settings)
        context.log.info("%s decisions, %s", taken.decisions, taken.report)
        counts = _row_counts(settings)
        after = folded_seq(settings)
        red = []
        for spec in _SPECS:
            stream = spec.key.path[-1]
            gate = door_gate(settings, stream, after)
            if gate is not None:
                note(settings, "door", [gate])
                red += [] if gate.ok else [gate]
            yield dg.MaterializeResult(
                asset_key=spec.key,
                metadata={"dagster/row_count": counts.get(stream, 0)},
                check_results=[
                    dg.AssetCheckResult(
                        check_name="door",
                        asset_key=spec.key,
                        passed=gate is None or gate.ok,
                        metadata={"finding": "nothing new" if gate is None else gate.detail},
                    )
                ],
            )
        if red:
            # The models are not run: this is how the attempt ended.
            record_attempt(
                settings, f"door-{after}", ok=False, reason="The new records broke their contract.",
                gates=red, failing=failing(settings),
            )  # fmt: skip
