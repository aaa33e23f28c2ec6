"""What deliveries are really like: files twice, rows twice, rows late, rows shuffled, rows broken.

Only line-based files are touched, and only so that nothing true is lost: each broken row stands
beside the good row it was made from.
"""

from __future__ import annotations

import hashlib
from itertools import pairwise
from pathlib import Path

import numpy as np

from ingestion.demo.formats import Outbound
from ingestion.demo.plan import MIN_FAULTS, DemoPlan

_RESENT_SHARE = 0.02
_LATE_SHARE = 0.01


def _lines(path: Path, newline: bytes) -> list[bytes]:
    return path.read_bytes().split(newline)[:-1]


def _newline(path: Path) -> bytes:
    return b"\r\n" if path.name.startswith("ExportOrder") else b"\n"


def disturb(
    plan: DemoPlan, out: Outbound, paths: list[Path], rng: np.random.Generator
) -> list[str]:
    """Rewrites some of the files; returns the sha256 of those that now hold a broken row.

    Args:
        paths: files of one layout and one header, oldest first.
    """
    textual = [path for path in paths if path.suffix != ".xlsx" and path.stat().st_size]
    if len(textual) < 4:
        return []
    _resend_and_delay(plan, textual, rng)
    for path in textual:
        if rng.random() < 0.2:
            _shuffle(path, rng)
    broken = rng.choice(len(textual), min(2, len(textual)), replace=False)
    for index in sorted(broken.tolist()):
        _add_broken_row(textual[index], rng)
    _deliver_twice(plan, out, textual[int(rng.integers(len(textual)))])
    return [hashlib.sha256(textual[index].read_bytes()).hexdigest() for index in sorted(broken)]


def _has_header(path: Path) -> bool:
    return path.suffix == ".csv"


def _resend_and_delay(plan: DemoPlan, paths: list[Path], rng: np.random.Generator) -> None:
    """Rows of one day come again the next day; some come only then."""
    for earlier, later in pairwise(paths):
        if (
            _has_header(earlier)
            and _lines(earlier, _newline(earlier))[0] != _lines(later, _newline(later))[0]
        ):
            continue  # another header generation: rows do not fit
        newline = _newline(earlier)
        first = 1 if _has_header(earlier) else 0
        rows = _lines(earlier, newline)
        body = rows[first:]
        if len(body) < MIN_FAULTS:
            continue
        resent = rng.random(len(body)) < _RESENT_SHARE
        late = rng.random(len(body)) < _LATE_SHARE
        kept = [row for row, is_late in zip(body, late, strict=True) if not is_late]
        moved = [row for row, again in zip(body, resent | late, strict=True) if again]
        earlier.write_bytes(newline.join([*rows[:first], *kept]) + newline)
        later.write_bytes(newline.join([*_lines(later, newline), *moved]) + newline)


def _shuffle(path: Path, rng: np.random.Generator) -> None:
    newline = _newline(path)
    first = 1 if _has_header(path) else 0
    rows = _lines(path, newline)
    order = rng.permutation(len(rows) - first)
    path.write_bytes(newline.join([*rows[:first], *[rows[first + i] for i in order]]) + newline)


def _add_broken_row(path: Path, rng: np.random.Generator) -> None:
    """A copy of a row with a cell too many, or a document cut in the middle."""
    newline = _newline(path)
    first = 1 if _has_header(path) else 0
    rows = _lines(path, newline)
    victim = rows[first + int(rng.integers(len(rows) - first))]
    broken = victim + b',"","extra"' if _has_header(path) else victim[: len(victim) // 2]
    # The first document says what a file without header holds, so it stays whole.
    place = max(1, first + int(rng.integers(len(rows) - first)))
    rows.insert(place, broken)
    path.write_bytes(newline.join(rows) + newline)


def _deliver_twice(plan: DemoPlan, out: Outbound, path: Path) -> None:
    """The same bytes again, under another name."""
    source, shop = path.parent.parent.name, path.parent.name
    name = f"{path.stem} (1){path.suffix}"
    out.write(source, shop, name, path.read_bytes(), plan.until_s)
