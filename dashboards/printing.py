"""Paper: data into a PDF through the one template. What is printed is data, never markup."""

from __future__ import annotations

import json
import re
from datetime import UTC
from functools import lru_cache
from pathlib import Path
from typing import Any

from orderhouse.fonts import Font, chinese_font
from orderhouse.settings import Settings

TEMPLATE = Path(__file__).with_name("assets") / "report.typ"
LONGEST = 60
# Characters that are not text: controls, and those that turn the direction of what follows.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")


class NoFont(RuntimeError):
    """No font on this machine writes Chinese, so paper would be blank where Chinese stands."""


def paper(settings: Settings, report: dict[str, Any]) -> bytes:
    """The report as a PDF.

    Raises:
        NoFont: none can write Chinese.
    """
    font = chinese_font(settings)
    if font is None:
        raise NoFont("report.no_font")
    fonts, family = _fonts(font)
    import typst

    compiler = typst.Compiler(
        input=TEMPLATE.read_bytes(), font_paths=fonts, ignore_system_fonts=True
    )
    data = json.dumps(_clean(report) | {"family": family}, ensure_ascii=False)
    now = settings.clock().replace(tzinfo=UTC, microsecond=0)
    made = compiler.compile(format="pdf", sys_inputs={"report": data}, timestamp=now)
    assert isinstance(made, bytes)
    return made


@lru_cache(maxsize=2)
def _fonts(font: Font) -> tuple[Any, str]:
    """The font's file and typst's own for what it lacks; the family's name in that file."""
    import typst

    fonts = typst.Fonts(include_system_fonts=False, font_paths=[font.path.parent])
    inside = [known.family for known in fonts.fonts() if known.path == str(font.path)]
    if not inside:
        raise NoFont("report.no_font")
    return fonts, font.family if font.family in inside else inside[0]


def _clean(value: Any) -> Any:
    """The same data with printable text of bearable length."""
    if isinstance(value, str):
        text = _UNPRINTABLE.sub(" ", value.encode("utf-8", "replace").decode("utf-8"))
        return text
    if isinstance(value, dict):
        return {
            key: _short(_clean(part)) if key == "text" else _clean(part)
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [_clean(part) for part in value]
    return value


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
