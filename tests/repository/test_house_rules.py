"""The rules of the house that a machine can see: sizes, charters, links, promises in documents."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest
from typer.main import get_command

from orderhouse.settings import PROJECT_ROOT, Settings
from tests.conftest import LONGEST, TESTS

PACKAGES = ("orderhouse", "ingestion", "expectations", "pipelines", "dashboards", "benchmarks")


def tracked(pattern: str = "") -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    return [PROJECT_ROOT / name for name in listed if name and name.endswith(pattern)]


def modules() -> list[Path]:
    return [
        path
        for path in tracked(".py")
        if path.relative_to(PROJECT_ROOT).parts[0] in PACKAGES and path.exists()
    ]


def test_no_module_is_longer_than_four_hundred_lines() -> None:
    long = {
        str(path.relative_to(PROJECT_ROOT)): lines
        for path in tracked(".py")
        if path.exists() and (lines := len(path.read_text().splitlines())) > 400
    }
    assert not long, f"split by meaning: {long}"


def test_every_module_opens_with_its_charter() -> None:
    without = [
        str(path.relative_to(PROJECT_ROOT))
        for path in modules()
        if path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert not without


def test_only_the_settings_read_the_environment() -> None:
    # Pointing a child process or a library at the home is writing; reading is `get` and `getenv`.
    reading = re.compile(r"os\.environ\.get|os\.getenv|environ\[[^\]]+\](?!\s*=)")
    offenders = [
        str(path.relative_to(PROJECT_ROOT))
        for path in modules()
        if path.name != "settings.py" and reading.search(path.read_text())
    ]
    assert not offenders


def test_links_between_documents_lead_somewhere() -> None:
    broken = []
    for path in tracked(".md"):
        for target in re.findall(r"\]\(([^)#:\s]+)[^)]*\)", path.read_text()):
            if not (path.parent / target).exists():
                broken.append(f"{path.relative_to(PROJECT_ROOT)}: {target}")
    assert not broken


def test_commands_in_documents_exist() -> None:
    from pipelines.cli import app

    command = get_command(app)
    known = set(command.commands)  # type: ignore[attr-defined]
    for path in tracked(".md"):
        if path.parts[-3:-1] == ("docs", "adr"):
            continue
        for name in re.findall(
            r"(?:^|[`/ ])orderhouse ([a-z]+)\b(?= |`|$)", path.read_text(), re.M
        ):
            assert name in known, f"{path}: orderhouse {name}"


def test_make_targets_in_documents_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT_ROOT / "Makefile").read_text(), re.M))
    for path in tracked(".md"):
        for name in re.findall(r"`make ([a-z-]+)", path.read_text()):
            assert name in targets, f"{path}: make {name}"


def test_the_readme_is_short() -> None:
    assert len((PROJECT_ROOT / "README.md").read_text().splitlines()) <= 150


def test_the_lock_names_hashes_and_no_address() -> None:
    lock = (PROJECT_ROOT / "requirements.lock").read_text()
    assert "--hash=sha256:" in lock
    assert "://" not in lock


def test_settings_that_documents_name_exist() -> None:
    fields = {f"ORDERHOUSE_{name.upper()}" for name in Settings.model_fields}
    # Read by dbt's profile, which can read nothing but the environment.
    fields |= {"ORDERHOUSE_REAL_DATA", "ORDERHOUSE_TARGET"}
    fields |= {"ORDERHOUSE_WAREHOUSE", "ORDERHOUSE_CANDIDATE"}
    for path in [*tracked(".md"), PROJECT_ROOT / ".env.example"]:
        for name in re.findall(r"ORDERHOUSE_[A-Z_]+", path.read_text()):
            assert name in fields, f"{path}: {name}"


@pytest.mark.parametrize("kind", [".duckdb", ".db", ".parquet", ".xlsx"])
def test_no_data_is_tracked(kind: str) -> None:
    assert tracked(kind) == []


def test_the_files_that_run_first_exist() -> None:
    assert [name for name in LONGEST if not (TESTS / name).exists()] == []


def test_collecting_the_tests_loads_no_definitions() -> None:
    """Loading them writes into the home of whoever runs the tests, from every worker at once."""
    loading = re.compile(r"^(from|import) pipelines\.(defs\.|definitions)", re.MULTILINE)
    tests = [path for path in tracked(".py") if path.is_relative_to(TESTS) and path.exists()]
    assert [path for path in tests if loading.search(path.read_text("utf-8"))] == []


def _boxes() -> list[tuple[str, dict[str, ast.expr]]]:
    """Every box to choose from in the app: where it stands, and its named arguments."""
    found = []
    for path in sorted((PROJECT_ROOT / "dashboards").rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
                continue
            if call.func.attr in ("selectbox", "multiselect"):
                named = {word.arg: word.value for word in call.keywords if word.arg}
                named["kind"] = ast.Constant(call.func.attr)
                found.append((f"{path.name}:{call.lineno}", named))
    return found


def test_what_is_chosen_from_is_written_as_it_is() -> None:
    """Streamlit reads no Markdown in the options of a box: escaped, they would show backslashes."""
    escaped = [
        where
        for where, named in _boxes()
        if "format_func" in named
        and any(isinstance(n, ast.Name) and n.id == "plain" for n in ast.walk(named["format_func"]))
    ]
    assert escaped == []


def test_a_box_in_which_nothing_is_chosen_yet_says_so_in_the_words_of_the_house() -> None:
    """Streamlit's own words would be English in both languages."""
    silent = [
        where
        for where, named in _boxes()
        if ast.unparse(named["kind"]) == "'multiselect'"
        or ast.unparse(named.get("index", named["kind"])) == "None"
        if "placeholder" not in named
    ]
    assert silent == []
