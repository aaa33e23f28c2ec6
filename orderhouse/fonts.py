"""Which font on this machine can write Chinese: paper needs one, the screen uses the reader's own.

Asked of fontconfig, which knows what every font covers. Without it, well-known names are looked
for in the usual folders.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from orderhouse.settings import Settings

# The plain ones first: a report is read, not admired.
PREFERRED = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC", "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei", "Microsoft YaHei", "PingFang SC", "Heiti SC", "SimHei",
    "Noto Serif CJK SC", "SimSun",
)  # fmt: skip
FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts", "/System/Library/Fonts",
           "C:/Windows/Fonts", "~/.fonts", "~/.local/share/fonts")  # fmt: skip
FILES = (
    "NotoSansCJK*",
    "NotoSansSC*",
    "SourceHanSans*",
    "wqy-*",
    "msyh.*",
    "simhei.*",
    "PingFang*",
)
HOW = (
    "Install one (Debian: apt-get install fontconfig fonts-wqy-microhei) "
    "or name a file in ORDERHOUSE_CJK_FONT"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Font:
    """A font file, and the family it is known by where that is known."""

    path: Path
    family: str = ""


def chinese_font(settings: Settings) -> Font | None:
    """The font that writes Chinese here; None when there is none."""
    if settings.cjk_font is not None:
        path = settings.cjk_font.expanduser()
        return Font(path=path) if path.is_file() else None
    return _known_to_fontconfig() or _in_folders()


def _known_to_fontconfig() -> Font | None:
    program = shutil.which("fc-list")
    if program is None:
        return None
    listed = subprocess.run(
        [program, ":lang=zh-cn", "--format=%{file}\t%{family[0]}\t%{style[0]}\n"],
        capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip
    found: list[Font] = []
    for line in sorted(set(listed.stdout.splitlines())):
        path, _, rest = line.partition("\t")
        family, _, style = rest.partition("\t")
        if path and style in ("Regular", "Medium", "Book", "Normal", ""):
            found.append(Font(path=Path(path), family=family))
    return min(found, key=_rank, default=None)


def _rank(font: Font) -> tuple[int, str]:
    known = PREFERRED.index(font.family) if font.family in PREFERRED else len(PREFERRED)
    return known, str(font.path)


def _in_folders() -> Font | None:
    for folder in FOLDERS:
        root = Path(folder).expanduser()
        for name in FILES if root.is_dir() else ():
            for path in sorted(root.rglob(name)):
                if path.suffix.lower() in (".ttf", ".ttc", ".otf"):
                    return Font(path=path)
    return None
