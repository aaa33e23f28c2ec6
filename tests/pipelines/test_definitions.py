"""What the data team sees in Dagster: every asset owned, described, grouped, and guarded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from orderhouse.settings import PROJECT_ROOT
from tests.support.homes import copy_of, parsed_template, templates_folder

# What is no table: jobs of the house, files in the outbox, what the house decides in the ledger,
# systems that are asked.
ELSEWHERE = ("ops", "outbox", "automation", "connections")


def specs(defs: dg.Definitions) -> list[dg.AssetSpec]:
    """Those of tables."""
    return [spec for spec in defs.resolve_all_asset_specs() if spec.key.path[0] not in ELSEWHERE]


def test_every_asset_has_an_owner_a_kind_a_group_and_a_description(defs: dg.Definitions) -> None:
    made = [spec for spec in defs.resolve_all_asset_specs() if spec.key.path[0] != "ops"]
    for spec in made:
        assert spec.owners, spec.key
        assert spec.kinds, spec.key
        assert spec.group_name, spec.key
        assert spec.description, spec.key


def test_an_asset_key_is_an_address_in_duckdb(defs: dg.Definitions) -> None:
    layers = {"records", "staging", "intermediate", "marts", "policies", "private", "serving"}
    for spec in specs(defs):
        assert len(spec.key.path) == 2, spec.key
        assert spec.key.path[0] in layers, spec.key


def test_marts_read_records_through_the_layers_between(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    ancestors = graph.get_ancestor_asset_keys(dg.AssetKey(["serving", "snapshot"]))
    layers = {key.path[0] for key in ancestors}
    assert {"records", "staging", "intermediate", "marts"} <= layers


def test_checks_block_what_comes_after_them(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    checks = [graph.get(key) for key in graph.asset_check_keys]
    assert len(checks) > 30
    assert all(check.blocking for check in checks)


def test_promises_of_freshness_stand_on_records_marts_and_the_snapshot(
    defs: dg.Definitions,
) -> None:
    for spec in specs(defs):
        promised = spec.freshness_policy is not None
        assert promised == (spec.key.path[0] in ("records", "marts", "serving")), spec.key


def test_the_command_of_the_orchestrator_finds_nothing_wrong(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    home = copy_of(parsed_template(templates_folder(tmp_path_factory)), tmp_path / "home")
    checked = subprocess.run(
        [str(Path(sys.executable).parent / "dg"), "check", "defs"],
        cwd=PROJECT_ROOT, capture_output=True, text=True, check=False,
        env=os.environ | {"ORDERHOUSE_HOME": str(home), "DAGSTER_HOME": str(home)},
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout + checked.stderr
