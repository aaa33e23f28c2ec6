"""The sources there are, as people are told of them: layouts, what they become, their README.

Reads the files only. What a mapping means is known to `ingestion`; here it is a document.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from orderhouse.settings import Settings

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One table a source sends. `unused`: why nothing is taken from it, in the mapping's words."""

    name: str
    headers: tuple[str, ...]
    streams: tuple[str, ...]
    unused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One source. `is_own`: made in this house; `replaces`: instead of a shipped one.

    `problem`: its mapping cannot be read, for example because somebody is editing it.
    """

    name: str
    is_own: bool
    replaces: bool
    channel: str
    layouts: tuple[Layout, ...]
    readme: str
    problem: str = ""


def source_names(settings: Settings) -> dict[str, bool]:
    """Name -> whether it is this house's own; the own ones first."""
    own = sorted(path.parent.name for path in settings.sources_dir.glob("*/mapping.yml"))
    shipped = sorted(p.parent.name for p in settings.shipped_sources_dir.glob("*/mapping.yml"))
    return dict.fromkeys(own, True) | {name: False for name in shipped if name not in own}


def source_of(settings: Settings, name: str) -> Source | None:
    """One source as its folder says; None where there is none of this name."""
    is_own = source_names(settings).get(name)
    if is_own is None:
        return None
    folder = (settings.sources_dir if is_own else settings.shipped_sources_dir) / name
    replaces = is_own and (settings.shipped_sources_dir / name / "mapping.yml").exists()
    path = folder / "mapping.yml"
    channel, layouts, problem = _read(path, path.stat().st_mtime_ns)
    readme = folder / "README.md"
    return Source(
        name=name, is_own=is_own, replaces=replaces, channel=channel, layouts=layouts,
        readme=readme.read_text(encoding="utf-8") if readme.exists() else "", problem=problem,
    )  # fmt: skip


@lru_cache(maxsize=256)
def _read(path: Path, _changed: int) -> tuple[str, tuple[Layout, ...], str]:
    try:
        tree = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506  safe
        layouts = tuple(_layout(name, table) for name, table in tree["tables"].items())
        return str(tree.get("channel") or ""), layouts, ""
    except (yaml.YAMLError, OSError, TypeError, KeyError, AttributeError, ValueError) as error:
        return "", (), f"{type(error).__name__}: {error}"[:300]


def _layout(name: str, table: dict[str, Any]) -> Layout:
    streams: Sequence[dict[str, Any]] = table.get("streams") or ()
    return Layout(
        name=str(name), headers=tuple(_headers(table.get("required") or {})),
        streams=tuple(dict.fromkeys(str(stream["stream"]) for stream in streams)),
        unused=str(table.get("unused") or ""),
    )  # fmt: skip


def _headers(required: Any) -> list[str]:
    """The first name of each column the layout is recognised by."""
    if isinstance(required, list):
        return [str(name) for name in required]
    firsts = (names[0] if isinstance(names, list) else names for names in required.values())
    return [str(name) for name in firsts]
