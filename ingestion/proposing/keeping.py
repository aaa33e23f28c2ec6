"""Writing an accepted source into the home: the mapping and its README, the same for everybody."""

from __future__ import annotations

import os
from pathlib import Path

from ingestion.landing import sync_folder, write_durably
from ingestion.mapping import SOURCES
from ingestion.proposing.propose import Proposal
from orderhouse.source_choices import BadDraft

_README = """# {name}

Proposed from the sample `{sample}`. Say here how to get the file, what is mapped and what is not.

| layout | becomes |
|---|---|
| `rows` | {streams} |
"""


def write_source(
    folder: Path, name: str, proposal: Proposal, sample_name: str, *, replaces: bool = False
) -> list[Path]:
    """Write `<folder>/<name>/`. Writing the same again changes nothing.

    Raises:
        BadDraft: another mapping is there, of this house or shipped, and is not to be replaced.
    """
    wanted = {
        "mapping.yml": proposal.text,
        "README.md": _README.format(
            name=name, sample=sample_name, streams=", ".join(f"`{s}`" for s in proposal.streams)
        ),
    }
    paths = {folder / name / file: text.encode("utf-8") for file, text in wanted.items()}
    if not replaces and not _is_ours(paths):
        check_free(folder, name)
    (folder / name).mkdir(parents=True, exist_ok=True)
    # The mapping last: with it the source works, and then everything is there.
    for path in reversed(paths):
        write_durably(path, [paths[path]])
    sync_folder(folder / name)
    return list(paths)


def check_free(folder: Path, name: str) -> None:
    """Raises BadDraft when a source of this name has a mapping."""
    if (folder / name / "mapping.yml").exists():
        raise BadDraft("name_taken", name=name)
    if (SOURCES / name / "mapping.yml").exists():
        raise BadDraft("name_shipped", name=name)


def _is_ours(paths: dict[Path, bytes]) -> bool:
    """What a crash left of the same writing."""
    return all(os.path.lexists(path) and path.read_bytes() == paths[path] for path in paths)
