"""`connections.yml` says what it means, or is refused without showing what somebody wrote in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from orderhouse.connections import ConnectionsError, FolderConnection, load_connections
from orderhouse.settings import MissingCredential, Settings, named

FILE = """
connections:
  wms:
    kind: webhook
    url: https://wms.example/decisions
    secret: env:WMS_SECRET
    sends: [review_pass, review_reject]
    shops: [tb]
  archive:
    kind: folder
    sends: all
"""


def _home(folder: Path, text: str) -> Settings:
    (folder / "connections.yml").write_text(text, encoding="utf-8")
    return Settings(home=folder)  # type: ignore[call-arg]


def test_a_home_without_the_file_has_no_connections(tmp_path: Path) -> None:
    assert load_connections(Settings(home=tmp_path)).connections == ()  # type: ignore[call-arg]


def test_who_is_told_depends_on_the_decision_and_on_the_shop(tmp_path: Path) -> None:
    found = load_connections(_home(tmp_path, FILE))
    assert found.takers("review_pass", "tb") == ["wms", "archive"]
    assert found.takers("review_pass", "jd") == ["archive"]
    assert found.takers("statement_pay", "tb") == ["archive"]
    assert [one.name for one in found.of(FolderConnection)] == ["archive"]


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ("env:WMS_SECRET", "hunter2-hunter2", "connections.wms.*secret"),
        ("review_reject", "review_rejected", "review_rejected not among"),
        ("kind: folder", "kind: pigeon", "connections.archive"),
        ("shops: [tb]", "shopps: [tb]", "connections.wms.*shopps"),
        ("https://wms.example", "ftp://wms.example", "connections.wms.*url"),
        ("connections:", "connections: [", "no YAML"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(
    tmp_path: Path, wrong: str, right: str, said: str
) -> None:
    with pytest.raises(ConnectionsError, match=said) as refused:
        load_connections(_home(tmp_path, FILE.replace(wrong, right)))
    assert "hunter2" not in str(refused.value)


def test_a_credential_is_looked_up_when_used_and_never_printed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WMS_SECRET", "hunter2")
    assert named("env:WMS_SECRET").get_secret_value() == "hunter2"
    assert "hunter2" not in repr(named("env:WMS_SECRET"))
    monkeypatch.delenv("WMS_SECRET")
    with pytest.raises(MissingCredential, match="WMS_SECRET"):
        named("env:WMS_SECRET")
