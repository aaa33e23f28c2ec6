"""Publish: a gated candidate becomes an immutable snapshot, and the pointer moves to it.

Layout of `serving/`: `serving-<build_id>.duckdb` (never changed once named),
`serving-<build_id>.json` (its manifest), `current` (one line: the name of the file that is served),
`last_attempt.json`.
Every step is durable before the next begins, so a kill at any moment leaves the old pointer whole.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from orderhouse.failpoints import reach
from orderhouse.settings import Settings

_CHUNK = 1 << 22


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One thing that had to hold before the snapshot could be served.

    Attributes:
        warns: it stops nothing, but somebody has to look.
        held: how many checks of it held.
    """

    name: str
    ok: bool
    detail: str
    warns: bool = False
    held: int = 0


def door_name(stream: str) -> str:
    """What the gate at the door is called for a stream."""
    return f"gx door {stream}"


class PublishError(RuntimeError):
    """The snapshot could not be published; the old one is still served."""


def _fsync_dir(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_durably(path: Path, text: str) -> None:
    """Writes a small file so that readers see the old text or the new one, nothing between."""
    temporary = path.with_name(f".{path.name}.tmp")
    with temporary.open("w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    temporary.replace(path)
    _fsync_dir(path.parent)


def _copy_durably(source: Path, target: Path) -> str:
    """Copies and returns the sha256 of what was copied."""
    digest = hashlib.sha256()
    with source.open("rb") as reader, target.open("wb") as writer:
        while chunk := reader.read(_CHUNK):
            digest.update(chunk)
            writer.write(chunk)
        writer.flush()
        os.fsync(writer.fileno())
    return digest.hexdigest()


def _row_counts(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    tables = con.execute(
        "select table_schema, table_name from information_schema.tables "
        "where table_schema in ('marts', 'policies') and table_type = 'BASE TABLE' order by 1, 2"
    ).fetchall()
    counts: dict[str, int] = {}
    for schema, table in tables:
        row = con.execute(f'select count(*) from "{schema}"."{table}"').fetchone()  # noqa: S608
        counts[f"{schema}.{table}"] = int(row[0]) if row else 0
    return counts


def current_build(settings: Settings) -> str | None:
    """Build id the pointer names, or None before the first publish."""
    pointer = settings.serving_dir / "current"
    if not pointer.exists():
        return None
    return (
        pointer.read_text(encoding="utf-8").strip().removeprefix("serving-").removesuffix(".duckdb")
    )


def read_manifest(settings: Settings, build_id: str) -> dict[str, Any]:
    path = settings.serving_dir / f"serving-{build_id}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def record_attempt(settings: Settings, build_id: str, *, ok: bool, reason: str,
                   gates: list[Gate], failing: list[dict[str, Any]] | None = None,
                   ) -> None:  # fmt: skip
    """Tells the app how the last build ended; a failed one leaves the old snapshot serving.

    Args:
        failing: the checks that stop builds now, as cases the old snapshot cannot have.
    """
    settings.serving_dir.mkdir(parents=True, exist_ok=True)
    attempt = {
        "build_id": build_id,
        "at": settings.clock().isoformat(timespec="seconds"),
        "ok": ok,
        "reason": reason,
        "failed_gates": [asdict(gate) for gate in gates if not gate.ok],
        "failing": failing or [],
    }
    _write_durably(settings.serving_dir / "last_attempt.json", json.dumps(attempt, indent=1))


def publish(settings: Settings, build_id: str, gates: list[Gate], *, input_hash: str,
            as_of: str | None, is_full: bool) -> Path:  # fmt: skip
    """Copies the candidate to a new snapshot and moves the pointer.

    Raises:
        PublishError: a gate is red, or the copy could not be written (disk full, no right).
    """
    failed = [gate.name for gate in gates if not gate.ok]
    if failed:
        raise PublishError(f"Not published: these gates failed: {', '.join(failed)}.")
    serving = settings.serving_dir
    serving.mkdir(parents=True, exist_ok=True)
    _sweep(serving)
    try:
        with duckdb.connect(str(settings.candidate_path)) as con:
            # Without the checkpoint the copy would miss what still lies in the log beside the file.
            con.execute("force checkpoint")
            counts = _row_counts(con)
        if not any(name.startswith("marts.") for name in counts):
            raise PublishError("Not published: the candidate holds no marts. Run a full build.")
        reach("publish.after_checkpoint")
        target = serving / f"serving-{build_id}.duckdb"
        temporary = serving / f".{target.name}.tmp"
        digest = _copy_durably(settings.candidate_path, temporary)
        reach("publish.after_copy")
        temporary.replace(target)
        _fsync_dir(serving)
        reach("publish.after_rename")
        manifest = {
            "build_id": build_id,
            "published_at": settings.clock().isoformat(timespec="seconds"),
            "as_of": as_of,
            "is_full": is_full,
            "input_hash": input_hash,
            "sha256": digest,
            "row_counts": counts,
            "gates": [asdict(gate) for gate in gates],
        }
        _write_durably(serving / f"serving-{build_id}.json", json.dumps(manifest, indent=1))
        reach("publish.after_manifest")
        _write_durably(serving / "current", target.name + "\n")
        reach("publish.after_pointer")
    except OSError as error:
        raise PublishError(
            f"Not published: {error}. The old snapshot is still served. Free space or rights in "
            f"{serving}, then run the build again."
        ) from error
    _retain(settings)
    return target


def _sweep(serving: Path) -> None:
    """Removes what a killed publish left half written."""
    for path in serving.glob(".*.tmp"):
        path.unlink(missing_ok=True)
    for path in serving.glob("serving-*.duckdb"):
        if not path.with_suffix(".json").exists():
            path.unlink(missing_ok=True)


def snapshots(settings: Settings) -> list[str]:
    """Build ids of complete snapshots, oldest first."""
    found = [
        path.stem.removeprefix("serving-") for path in settings.serving_dir.glob("serving-*.json")
    ]
    return sorted(found, key=lambda b: (read_manifest(settings, b)["published_at"], b))


def _retain(settings: Settings) -> None:
    keep = set(snapshots(settings)[-settings.snapshots_kept :]) | {current_build(settings)}
    for build_id in snapshots(settings):
        if build_id not in keep:
            for suffix in (".json", ".duckdb"):
                (settings.serving_dir / f"serving-{build_id}{suffix}").unlink(missing_ok=True)


def rollback(settings: Settings, build_id: str | None = None) -> str:
    """Moves the pointer to an older snapshot (default: the one before the current).

    Raises:
        PublishError: there is no such snapshot, or its bytes are not those of its manifest.
    """
    known = snapshots(settings)
    current = current_build(settings)
    if build_id is None:
        older = known[: known.index(current)] if current in known else []
        if not older:
            raise PublishError("There is no older snapshot to go back to.")
        build_id = older[-1]
    if build_id not in known:
        raise PublishError(f"No snapshot {build_id}. Known: {', '.join(known) or 'none'}.")
    path = settings.serving_dir / f"serving-{build_id}.duckdb"
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while chunk := handle.read(_CHUNK):
            digest.update(chunk)
    if digest.hexdigest() != read_manifest(settings, build_id)["sha256"]:
        raise PublishError(f"Snapshot {build_id} is damaged: its bytes are not those published.")
    _write_durably(settings.serving_dir / "current", path.name + "\n")
    return build_id
