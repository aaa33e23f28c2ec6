"""Examines the machine and the home: what is wrong, and the command that mends it."""

from __future__ import annotations

import shutil
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from orderhouse.settings import Settings
from pipelines.publish import current_build, read_manifest
from pipelines.servers import is_listening, running

_MIN_FREE_GB = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Symptom:
    """One thing looked at. A finding that is not ok and not serious is only a note."""

    subject: str
    ok: bool
    detail: str
    is_serious: bool = True


def examine(settings: Settings) -> Iterator[Symptom]:
    """Everything worth looking at, in the order a person would."""
    version = sys.version_info
    yield Symptom(
        subject="Python",
        ok=(3, 11) <= version[:2] < (3, 14),
        detail=f"{version.major}.{version.minor}.{version.micro} (3.11 to 3.13 are supported)",
    )
    yield _disk(settings)
    yield _key(settings)
    yield _ledger(settings)
    yield from _ports(settings)
    yield _snapshot(settings)
    yield _holidays(settings)
    yield _font(settings)


def _disk(settings: Settings) -> Symptom:
    place = settings.root if settings.root.exists() else settings.root.parent
    free = shutil.disk_usage(place).free / 1e9
    return Symptom(
        subject="Disk",
        ok=free > _MIN_FREE_GB,
        detail=f"{free:.1f} GB free at {place}; builds need about twice the marts",
    )


def _key(settings: Settings) -> Symptom:
    path = settings.master_key_path
    if not path.exists():
        return Symptom(subject="Master key", ok=False, detail="missing. Run: orderhouse init")
    mode = stat.S_IMODE(path.stat().st_mode)
    return Symptom(
        subject="Master key",
        ok=mode & 0o077 == 0,
        detail="readable by its owner only" if mode & 0o077 == 0 else f"Run: chmod 400 {path}",
    )


def _ledger(settings: Settings) -> Symptom:
    from orderhouse.ledger import audit_verify, open_ledger

    try:
        ledger = open_ledger(settings.ledger_address)
    except Exception as error:
        return Symptom(subject="Ledger", ok=False, detail=f"cannot be opened: {error}")
    report = audit_verify(ledger)
    ledger.close()
    detail = f"{report.rows} entries, chain unbroken" if report.ok else f"broken: {report.reason}"
    return Symptom(subject="Ledger", ok=report.ok, detail=detail)


def _ports(settings: Settings) -> Iterator[Symptom]:
    for name, port in (("app", settings.app_port), ("dagster", settings.dagster_port)):
        taken = is_listening("127.0.0.1", port)
        ours = running(settings, name) is not None
        detail = "running" if ours else "taken by something else" if taken else "free"
        yield Symptom(subject=f"Port {port}", ok=ours or not taken, detail=detail)


def _snapshot(settings: Settings) -> Symptom:
    build_id = current_build(settings)
    if build_id is None:
        return Symptom(
            subject="Snapshot", ok=False, detail="none yet. Run: orderhouse build", is_serious=False
        )
    published = read_manifest(settings, build_id)["published_at"]
    from datetime import datetime

    age = settings.clock() - datetime.fromisoformat(published)
    return Symptom(
        subject="Snapshot",
        ok=age < timedelta(minutes=settings.stale_after_minutes),
        detail=f"{build_id}, {age.total_seconds() / 60:.0f} minutes old",
        is_serious=False,
    )


def _holidays(settings: Settings) -> Symptom:
    import csv

    from orderhouse.settings import PROJECT_ROOT

    path = PROJECT_ROOT / "dbt_project" / "seeds" / "calendar_holidays.csv"
    wanted = str(settings.clock().year + (1 if settings.clock().month == 12 else 0))
    with path.open(encoding="utf-8") as handle:
        years = {value[:4] for row in csv.DictReader(handle) for value in row.values() if value}
    return Symptom(
        subject="Holidays",
        ok=wanted in years,
        detail=f"{wanted} is {'known' if wanted in years else 'missing in calendar_holidays.csv'}",
        is_serious=False,
    )


def _font(settings: Settings) -> Symptom:
    from orderhouse.fonts import HOW, chinese_font

    font = chinese_font(settings)
    said = f"{font.family or font.path.name} writes Chinese on paper" if font else ""
    return Symptom(
        subject="Font",
        ok=font is not None,
        detail=said or f"none for Chinese, so there are no PDF files. {HOW}",
        is_serious=False,
    )
