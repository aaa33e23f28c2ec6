"""One process may build several homes, and one home many times; every build is whole."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from dbt.contracts.graph.manifest import Manifest

from orderhouse.settings import PROJECT_ROOT, Settings
from pipelines.build import build_once
from pipelines.ephemeral import with_in_front
from pipelines.parsing import described, kept_project, parse_hash
from pipelines.transform import parsed
from tests.support.homes import (
    copy_of,
    mart_hashes,
    parsed_template,
    served,
    settings_of,
    small_template,
    templates_folder,
)


@pytest.fixture(scope="module")
def two_homes(tmp_path_factory: pytest.TempPathFactory) -> list[Settings]:
    """The same business in two homes, built by this process one after the other."""
    template = small_template(templates_folder(tmp_path_factory))
    folder = tmp_path_factory.mktemp("two")
    homes = [settings_of(copy_of(template, folder / name)) for name in ("a", "b")]
    for settings in homes:
        build_once(settings, with_checks=False)
    return homes


def test_two_homes_in_one_process_get_their_own_marts(two_homes: list[Settings]) -> None:
    hashes = [mart_hashes(served(settings)) for settings in two_homes]
    assert hashes[0] == hashes[1]
    assert hashes[0]["fct_orders"][0] > 0


def test_a_warm_process_folds_change_after_change_like_one_full_build(
    two_homes: list[Settings],
) -> None:
    settings = two_homes[0]
    for number in range(2):
        folder = settings.inbox_dir / "wms" / "tb"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"products-{number}.csv").write_text(
            "sku,name,category,brand,cost,price,currency,safety_stock,supplier,listed_at\n"
            f"NEW{number},新品,家居,东方,1.00,2.00,CNY,5,SUP1,2026-06-30 10:00:00\n"
        )
        build_once(settings, with_checks=False)
    step_by_step = mart_hashes(served(settings))
    assert step_by_step != mart_hashes(served(two_homes[1]))
    build_once(settings, full=True, with_checks=False)
    assert step_by_step == mart_hashes(served(settings))


@pytest.fixture(scope="module")
def dbt() -> ModuleType:
    """dbt's own way of placing ephemeral models, whatever this process has told it since."""
    spec = importlib.util.find_spec("dbt.compilation")
    assert spec is not None
    assert spec.loader is not None
    fresh = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fresh)
    return fresh


@pytest.mark.parametrize(
    "sql",
    [
        "\nwith\n\na as (select 1 as with_it)\n\nselect * from a",
        "WITH Recursive a as (select 1) select * from a",
        "-- with what comes first\n/* with\n */ with a as (select 1) select * from a",
        "select * from b -- with",
        "\n  -- select\n  select 'with x as' as words from b",
        "with_a as (select 1)",
        "(with a as (select 1) select * from a)",
    ],
)
def test_ephemeral_models_are_placed_where_dbt_places_them(dbt: ModuleType, sql: str) -> None:
    models = ["__dbt__cte__a as (select 1)", "__dbt__cte__b as (select 2)"]
    ours = with_in_front(sql, models)
    if ours is None:  # left to dbt
        assert not sql.lstrip().lower().startswith(("with ", "select", "--"))
        return
    theirs = dbt.inject_ctes_into_sql(sql, [dbt.InjectedCTE(id=name, sql=name) for name in models])
    assert _words(ours) == _words(theirs)


def _words(sql: str) -> str:
    """Without its blanks: dbt puts none between WITH and a name."""
    return "".join(sql.split())


def test_a_process_that_comes_later_reads_what_was_parsed(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = copy_of(parsed_template(templates_folder(tmp_path_factory)), tmp_path / "home")
    settings = settings_of(home)
    digest = parse_hash(settings.project_dir)
    monkeypatch.setattr("pipelines.parsing._parsed", {})
    kept = kept_project(settings, digest)
    assert kept is not None
    assert len(kept.nodes) > 400
    assert parsed(settings) is kept

    monkeypatch.setattr("pipelines.parsing._parsed", {})
    [place] = settings.dbt_dir.glob("parsed-*.msgpack")
    place.write_bytes(place.read_bytes()[:1000])
    assert kept_project(settings, digest) is None


def test_a_changed_model_is_parsed_again_and_a_changed_policy_is_not(tmp_path: Path) -> None:
    project = tmp_path / "dbt_project"
    shutil.copytree(PROJECT_ROOT / "dbt_project", project)
    before = parse_hash(project)
    seed = project / "seeds" / "thresholds.csv"
    seed.write_text(seed.read_text("utf-8") + "a_new_one,1\n", "utf-8")
    assert parse_hash(project) == before
    model = project / "models" / "staging" / "stg_orders.sql"
    model.write_text(model.read_text("utf-8") + "-- changed\n", "utf-8")
    assert parse_hash(project) != before


def test_processes_that_describe_the_project_at_once_leave_it_whole(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    """A reader sees the old file or the new one; what belongs to another project is gone."""
    template = settings_of(parsed_template(templates_folder(tmp_path_factory)))
    project, settings = parsed(template), settings_of(tmp_path)
    settings.dbt_dir.mkdir(parents=True)
    (settings.dbt_dir / "manifest-older.json").write_text("{}")
    nested: list[Path] = []

    def meanwhile() -> Manifest:
        """Another one asks after we found nothing and before we write."""
        nested.append(described(settings, "f" * 64, lambda: project))
        return project

    path = described(settings, "f" * 64, meanwhile)
    assert nested == [path]
    assert list(settings.dbt_dir.iterdir()) == [path]
    assert json.loads(path.read_text("utf-8"))["nodes"].keys() == project.nodes.keys()


def test_a_fresh_process_describes_what_another_parsed(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    """One that died after it had parsed and before it described leaves a home that still builds."""
    home = copy_of(parsed_template(templates_folder(tmp_path_factory)), tmp_path / "home")
    for place in (home / "dbt").glob("manifest-*.json"):
        place.unlink()
    code = (
        "from pipelines.transform import prepare_manifest; from orderhouse.settings import "
        "Settings; import sys; print(prepare_manifest(Settings(home=sys.argv[1])).exists())"
    )
    said = subprocess.run(
        [sys.executable, "-c", code, str(home)], capture_output=True, text=True, check=False
    )
    assert said.stdout.strip() == "True", said.stderr
