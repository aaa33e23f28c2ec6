"""`serving/snapshot`: the gated candidate becomes what the app shows."""

import dagster as dg

from pipelines.build import release
from pipelines.defs.models import models
from pipelines.defs.resources import OWNERS, WAREHOUSE_POOL, Home
from pipelines.gates import candidate_gate, kept_gates
from pipelines.lease import writer_lease
from pipelines.publish import current_build, read_manifest
from pipelines.window import last_folded

_MARTS = [key for key in models.keys if key.path[0] == "marts"]


@dg.asset(
    key=["serving", "snapshot"],
    deps=_MARTS,
    group_name="serving",
    kinds={"duckdb"},
    owners=OWNERS,
    pool=WAREHOUSE_POOL,
    check_specs=[
        dg.AssetCheckSpec(
            name="candidate",
            asset=["serving", "snapshot"],
            blocking=True,
            description="What must hold of the marts before anybody sees them.",
        )
    ],
)
def snapshot(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult:
    """Checks the candidate, copies it to an immutable file and moves the pointer to it."""
    settings = home.settings()
    with writer_lease(settings):
        window = last_folded(settings)
        if window.build_id == current_build(settings):
            context.log.info("%s is already served", window.build_id)
            gate_ok, detail = True, "unchanged"
        else:
            gate = candidate_gate(settings)
            gates = [*kept_gates(settings, window.build_id), gate]
            gate_ok, detail = gate.ok, gate.detail
            release(settings, window, gates)
        manifest = read_manifest(settings, window.build_id)
    return dg.MaterializeResult(
        metadata={
            "build_id": window.build_id,
            "sha256": manifest["sha256"],
            "dagster/row_count": sum(manifest["row_counts"].values()),
        },
        check_results=[
            dg.AssetCheckResult(
                check_name="candidate", passed=gate_ok, metadata={"finding": detail}
            )
        ],
    )
