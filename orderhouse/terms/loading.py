"""Loading the catalogue and filling its templates.

Two kinds of entry: `messages` (key -> sentence with named fields) and `codes` (domain -> code ->
label). A key nobody wrote is shown as itself, never as an error: a page with one raw code is better
than no page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

LANGUAGES = ("zh", "en")
FOLDER = Path(__file__).with_name("catalogue")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Lenient(dict[str, Any]):
    """Leaves a field nobody gave visible in the text instead of failing the page."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


@lru_cache(maxsize=1)
def entries() -> dict[str, dict[str, str]]:
    """Every entry: key -> language -> text. A code's key is `<domain>:<code>`."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(FOLDER.glob("*.yml")):
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506  safe loader
        for key, texts in _flat(raw):
            if key in found:
                raise ValueError(f"{path.name} defines {key!r} a second time")
            found[key] = texts
    return found


def _flat(raw: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    yield from (raw.get("messages") or {}).items()
    for domain, codes in (raw.get("codes") or {}).items():
        for code, texts in codes.items():
            yield f"{domain}:{code}", texts


@dataclass(frozen=True, slots=True)
class Terms:
    """The catalogue in one language."""

    language: str

    def __call__(self, key: str, /, **fields: Any) -> str:
        """A message with its fields filled in."""
        texts = entries().get(key)
        if texts is None:
            return key
        text = texts[self.language]
        return text.format_map(_Lenient(fields)) if fields else text

    def code(self, domain: str, code: Any) -> str:
        """The label of a code; the code itself where there is none, an en dash for null."""
        if code is None or code == "":
            return "–"
        texts = entries().get(f"{domain}:{code}")
        return texts[self.language] if texts else str(code)

    def codes(self, domain: str) -> list[str]:
        """The codes of a domain that have a label, in the catalogue's order."""
        start = f"{domain}:"
        return [key.removeprefix(start) for key in entries() if key.startswith(start)]

    def has(self, key: str) -> bool:
        return key in entries()


@lru_cache(maxsize=len(LANGUAGES))
def terms_for(language: str) -> Terms:
    if language not in LANGUAGES:
        raise ValueError(f"{language!r} is not one of {LANGUAGES}")
    return Terms(language)
