"""Every dbt model, seed and test as asset or check; dbt runs inside this process.

Asset keys are DuckDB addresses: `staging/stg_orders`, `marts/fct_orders`, `records/orders`.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from graphlib import TopologicalSorter
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets
from dagster_dbt.asset_utils import get_asset_check_key_for_test

from orderhouse.settings import Settings, get_settings
from pipelines.build import fold
from pipelines.checks import failing, note
from pipelines.defs.resources import OWNERS, WAREHOUSE_POOL, Home
from pipelines.gates import gates_of_dbt, keep_gates, kept_gates
from pipelines.lease import writer_lease
from pipelines.publish import record_attempt
from pipelines.transform import NodeResult, TransformError, prepare_manifest
from pipelines.window import last_folded, open_window


class Address(DagsterDbtTranslator):
    """Names assets by their address and groups them by layer."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            return dg.AssetKey([dbt_resource_props["source_name"], dbt_resource_props["name"]])
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return str(dbt_resource_props.get("schema") or "records")

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        return OWNERS


class BuildOptions(dg.Config):
    """How to build: everything from nothing, or as of a moment (naive UTC, ISO text)."""

    full: bool = False
    as_of: str = ""

    @property
    def moment(self) -> datetime | None:
        return datetime.fromisoformat(self.as_of) if self.as_of else None


_MANIFEST_PATH = prepare_manifest(get_settings())
_MANIFEST = json.loads(_MANIFEST_PATH.read_text(encoding="utf-8"))
_TRANSLATOR = Address(settings=DagsterDbtTranslatorSettings(enable_asset_checks=True))


@dbt_assets(
    manifest=_MANIFEST,
    dagster_dbt_translator=_TRANSLATOR,
    exclude="resource_type:unit_test",
    name="models",
    pool=WAREHOUSE_POOL,
)
def models(
    context: dg.AssetExecutionContext, home: Home, config: BuildOptions
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """Folds the new records in: only what they touch, by the SQL that would rebuild everything."""
    settings = home.settings()
    with writer_lease(settings):
        window = open_window(settings, full=config.full, as_of=config.moment)
        context.log.info("%s", window)
        if window.is_empty:
            results: list[NodeResult] = []
        else:
            try:
                results = fold(settings, window)
            except TransformError as error:
                record_attempt(settings, window.build_id, ok=False, reason=str(error), gates=[])
                raise
            gates = gates_of_dbt(results)
            keep_gates(settings, window.build_id, gates)
            note(settings, "dbt", gates, whole=True)
            if any(not gate.ok for gate in gates):
                reason = "Data tests failed; the old snapshot is still served."
                record_attempt(
                    settings, window.build_id, ok=False, reason=reason, gates=gates,
                    failing=failing(settings),
                )  # fmt: skip
        counts = _row_counts(settings)
        red = {gate.name for gate in kept_gates(settings, last_folded(settings).build_id)
               if not gate.ok}  # fmt: skip
    yield from _events(context, results, counts)
    if not results:
        yield from _checks_as_before(context, red)


def _row_counts(settings: Settings) -> dict[tuple[str, str], int]:
    """Rows of each table by (schema, name), as DuckDB's catalogue knows them."""
    counts: dict[tuple[str, str], int] = {}
    for path in (settings.warehouse_path, settings.candidate_path):
        with duckdb.connect(str(path)) as con:
            rows = con.execute(
                "select schema_name, table_name, estimated_size from duckdb_tables()"
            ).fetchall()
        counts |= {(schema, name): int(size) for schema, name, size in rows}
    return counts


def _events(
    context: dg.AssetExecutionContext,
    results: list[NodeResult],
    counts: dict[tuple[str, str], int],
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """A materialization for every asset, in the order of their edges; then the check results."""
    by_id = {result.unique_id: result for result in results}
    for unique_id in _ORDER:
        node = _MANIFEST["nodes"].get(unique_id)
        if node is None or node["resource_type"] not in ("model", "seed"):
            continue
        key = _TRANSLATOR.get_asset_key(node)
        if key not in context.selected_asset_keys:
            continue
        metadata: dict[str, Any] = {}
        if unique_id in by_id:
            metadata["seconds"] = by_id[unique_id].seconds
        else:
            metadata["unchanged"] = True  # nothing was new for it: it is as fresh as its facts
        rows = counts.get((node["schema"], node["name"]))
        if rows is not None:
            metadata["dagster/row_count"] = rows
        yield dg.MaterializeResult(asset_key=key, metadata=metadata)
    for result in results:
        if result.resource_type == "test":
            yield from _check(context, result)


# A full build orders models by fewer edges than an incremental one (nothing is "touched"), but
# Dagster wants assets in the order of the edges it was shown.
_ORDER = {
    unique_id: place
    for place, unique_id in enumerate(
        TopologicalSorter(
            {uid: node["depends_on"].get("nodes", []) for uid, node in _MANIFEST["nodes"].items()}
        ).static_order()
    )
}


def _checks_as_before(
    context: dg.AssetExecutionContext, red: set[str]
) -> Iterator[dg.AssetCheckResult]:
    """Nothing was folded, so every check stands as the last build left it."""
    for key in sorted(context.selected_asset_check_keys):
        yield dg.AssetCheckResult(
            asset_key=key.asset_key,
            check_name=key.name,
            passed=key.name not in red,
            metadata={"unchanged": True},
        )


def _check(context: dg.AssetExecutionContext, result: NodeResult) -> Iterator[dg.AssetCheckResult]:
    key = get_asset_check_key_for_test(_MANIFEST, _TRANSLATOR, result.unique_id, None)
    if key is None or key not in context.selected_asset_check_keys:
        return
    yield dg.AssetCheckResult(
        asset_key=key.asset_key,
        check_name=key.name,
        passed=not result.is_bad,
        severity=dg.AssetCheckSeverity.WARN
        if result.status == "warn"
        else dg.AssetCheckSeverity.ERROR,
        metadata={"failures": result.failures, "message": result.message[:500]},
    )
