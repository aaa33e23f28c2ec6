"""The catalogue is whole: both languages, the same fields, and nothing the code says is missing."""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from orderhouse.access import get_policy
from orderhouse.terms import LANGUAGES, entries, terms_for

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [*ROOT.glob("dashboards/**/*.py"), *ROOT.glob("orderhouse/**/*.py")]
KEY = re.compile(r"^[a-z_]+\.[a-zA-Z0-9_.]+$")
SPACES = {key.partition(".")[0] for key in entries() if ":" not in key}
POLICY = get_policy()


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("key", sorted(entries()))
def test_an_entry_has_both_languages_and_the_same_fields(key: str) -> None:
    texts = entries()[key]
    assert set(texts) == set(LANGUAGES)
    assert all(text.strip() for text in texts.values())
    assert _fields(texts["zh"]) == _fields(texts["en"])


def _said() -> Iterator[tuple[str, str]]:
    """Every constant of the code that looks like a key of the catalogue."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
            if is_text and KEY.match(node.value) and node.value.partition(".")[0] in SPACES:
                yield node.value, path.name


def test_every_key_the_code_says_is_in_the_catalogue() -> None:
    files = (".py", ".yml", ".csv", ".db", ".raw", ".typ")
    missing = {
        f"{key} ({name})"
        for key, name in _said()
        if key not in entries() and not key.endswith((*files, "."))
    }
    # Failpoints and ciphertext columns have the same form.
    assert {m for m in missing if not m.startswith(("act.before", "act.after"))} == set()


def test_every_code_of_the_policy_has_a_label() -> None:
    wanted = [f"role:{code}" for code in POLICY.roles] + [f"verb:{code}" for code in POLICY.verbs]
    for verb, reasons in POLICY.reasons.items():
        if verb != "comment_note_required":
            wanted += [f"reason:{code}" for code in reasons]
    wanted += [f"nav.{page}" for role in POLICY.roles.values() for page in role.pages]
    assert [key for key in wanted if key not in entries()] == []


def test_an_unknown_code_is_shown_as_itself() -> None:
    t = terms_for("zh")
    assert t.code("headline", "SOMETHING_NEW") == "SOMETHING_NEW"
    assert t.code("headline", None) == "–"
    assert t("no.such.key", n=1) == "no.such.key"
    assert t("list.total") == "共 {n} 条"


def _seed(name: str, column: str) -> set[str]:
    path = ROOT / "dbt_project" / "seeds" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        return {row[column] for row in csv.DictReader(lines) if row[column]}


@pytest.mark.parametrize(
    ("domain", "seed", "column"),
    [
        ("carrier_state", "carrier_state_map", "norm_state"),
        ("deviation", "allowed_transitions", "deviation_code"),
        ("leaves", "queues", "leaves_when"),
        ("role", "queues", "owner_role"),
        ("metric_area", "metric_catalogue", "area"),
        ("grain", "metric_catalogue", "grain"),
        ("date_basis", "metric_catalogue", "date_basis"),
        ("effect", "review_rules", "effect"),
        ("milestone", "milestones", "milestone_code"),
        ("waits_for", "milestones", "waits_for"),
    ],
)
def test_every_code_of_a_policy_seed_has_a_label(domain: str, seed: str, column: str) -> None:
    missing = [code for code in _seed(seed, column) if f"{domain}:{code}" not in entries()]
    assert missing == []


def test_every_queue_and_every_fact_of_a_condition_has_words() -> None:
    assert [code for code in _seed("queues", "queue_code") if f"why.{code}" not in entries()] == []
    said = set(_seed("review_rules", "fact_name"))
    for model in (ROOT / "dbt_project" / "models").glob("intermediate/queues/cond_*.sql"):
        said |= set(re.findall(r"\"'([a-z_0-9]+)'\"", model.read_text(encoding="utf-8")))
    facts = {name for name in said if not name.isdigit()}
    assert [name for name in sorted(facts) if f"fact:{name}" not in entries()] == []


def test_every_reason_for_quarantine_has_a_label() -> None:
    from ingestion.reasons import REASONS
    from ingestion.records import STREAMS

    assert [code for code in REASONS if f"refused:{code}" not in entries()] == []
    assert [name for name in STREAMS if f"stream:{name}" not in entries()] == []
