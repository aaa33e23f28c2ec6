"""What a mapping would make of a file, in a home that is thrown away."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ingestion.errors import MappingError
from ingestion.ingest import ingest
from ingestion.landing import Landing
from ingestion.mapping import load_mapping
from ingestion.reasons import label
from ingestion.records import STREAMS
from ingestion.store import open_warehouse
from orderhouse.privacy import open_privacy
from orderhouse.settings import Settings

EXAMPLES = 3
# How the homes are called that are thrown away; what a crash leaves is found by it.
TRIAL = ".trial-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What became of a file.

    Attributes:
        records: stream -> how many.
        examples: stream -> a few records as they would be stored, personal data masked.
        quarantine: (reason, what about it) -> how many rows.
        rows: the first rows in quarantine: (row number, reason code, what about it).
    """

    read: int
    recorded: int
    skipped: int
    records: dict[str, int]
    examples: dict[str, list[dict[str, str]]]
    quarantine: dict[tuple[str, str], int]
    rows: list[tuple[int, str, str]]

    def lines(self, language: str = "en") -> list[str]:
        """The same for a terminal."""
        bad = sum(self.quarantine.values())
        said = [
            f"{self.read} rows: {self.recorded} taken, {self.skipped} skipped, {bad} in quarantine"
        ]
        for stream, count in sorted(self.records.items()):
            said.append(f"  {stream}: {count}")
            for record in self.examples[stream]:
                said.append("    " + ", ".join(f"{k}={v}" for k, v in record.items()))
        for (reason, about), count in sorted(self.quarantine.items(), key=lambda item: -item[1]):
            said.append(f"  {count} x {label(reason, language)}{f': {about}' if about else ''}")
        said += [f"    row {row}: {reason} {about}".rstrip() for row, reason, about in self.rows]
        return said


def try_out(
    name: str,
    text: str,
    data: bytes,
    *,
    file_name: str = "sample",
    now: datetime,
    within: Path | None = None,
) -> Trial:
    """Land and load a file under a mapping, and look at what came out.

    Args:
        within: the folder the home to throw away is made in; default where the system keeps
            temporary files.

    Raises:
        MappingError: the mapping has a mistake; the message says where.
        LandingError: the file is refused at the door.
    """
    with tempfile.TemporaryDirectory(prefix=TRIAL, dir=within) as folder:
        settings = Settings(home=Path(folder) / "home", key_file=None)
        target = settings.sources_dir / name / "mapping.yml"
        target.parent.mkdir(parents=True)
        target.write_text(text, encoding="utf-8")
        load_mapping(name, settings.sources_dir)
        privacy = open_privacy(settings)
        try:
            Landing(settings.landing_dir, privacy).land_bytes(
                file_name, data, source=name, shop="shop", received_at=now
            )
        finally:
            privacy.vault.close()
        report = ingest(settings, now, tolerance=None)
        if report.failed:
            raise MappingError("; ".join(report.failed.values()))
        return _look(settings, report.read, report.recorded, report.skipped, report.stream_rows)


def _look(
    settings: Settings, read: int, recorded: int, skipped: int, records: dict[str, int]
) -> Trial:
    with open_warehouse(settings) as warehouse:
        kept = warehouse.execute(
            "select row_number, reason_code, concat_ws(' ', column_name, detail)"
            " from ops.quarantine order by row_number"
        ).fetchall()
        examples = {}
        for stream in records:
            named = [
                f"{c.name}_masked" if c.kind.is_personal else c.name
                for c in STREAMS[stream].columns
            ]
            cursor = warehouse.execute(
                f"select {', '.join(named)} from records.{stream} limit {EXAMPLES}"  # noqa: S608
            )
            examples[stream] = [
                {n: str(v) for n, v in zip(named, row, strict=True) if v is not None}
                for row in cursor.fetchall()
            ]
    reasons = Counter((code, about or "") for _, code, about in kept)
    return Trial(
        read=read, recorded=recorded, skipped=skipped, records=dict(records), examples=examples,
        quarantine=dict(reasons), rows=[(r, code, about or "") for r, code, about in kept[:10]],
    )  # fmt: skip
