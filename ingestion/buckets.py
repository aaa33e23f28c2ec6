"""Files in object storage: listed, fetched when whole and new, landed, remembered; never deleted.

`connections/<name of place>.seen` in the home has a line for each object that has landed: key and
tag. An object whose bytes change gets another tag and comes again. A crash after landing and before
the line costs one more fetch: landing knows the bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ingestion.archives import MAX_TOTAL_BYTES
from ingestion.errors import LandingError
from ingestion.landing import Landing
from orderhouse.connections import BucketConnection
from orderhouse.failpoints import reach
from orderhouse.privacy import open_privacy
from orderhouse.settings import Settings, named

_UNFINISHED = (".part", ".tmp", ".partial", ".crdownload")


@dataclass(slots=True, kw_only=True)
class BucketReport:
    """What one look did. `waiting`: objects that are not whole yet; `refused`: key -> why."""

    landed: list[str] = field(default_factory=list)
    known: int = 0
    waiting: int = 0
    refused: dict[str, str] = field(default_factory=dict)


def land_bucket(settings: Settings, place: BucketConnection, now: datetime) -> BucketReport:
    """Lands what is new and whole below a prefix.

    Raises:
        LandingError: the storage cannot be listed.
        MissingCredential: a credential is named but not there.
    """
    storage = _open(place)
    found = _listed(storage, place)
    memory = _Memory(_memory_path(settings, place))
    privacy = open_privacy(settings)
    look = _Look(storage, Landing(settings.landing_dir, privacy), place, now, memory)
    try:
        for name in sorted(found):
            look.consider(name, found)
    finally:
        privacy.vault.close()
        memory.close()
    return look.report


def due_objects(settings: Settings, place: BucketConnection, now: datetime) -> list[str]:
    """Key and tag of what a look would fetch now; nothing is fetched or remembered.

    Raises:
        LandingError: the storage cannot be listed.
        MissingCredential: a credential is named but not there.
    """
    found = _listed(_open(place), place)
    memory = _Memory(_memory_path(settings, place))
    memory.close()
    return [
        f"{name} {found[name]['ETag']}"
        for name in sorted(found)
        if _is_file(place, name)
        and not memory.knows(name, found[name]["ETag"])
        and not _is_unfinished(place, name, found, now)
    ]


def _listed(storage: Any, place: BucketConnection) -> Mapping[str, Any]:
    root = place.url.removeprefix("s3://").rstrip("/")
    try:
        return storage.find(root, detail=True)
    except Exception as error:
        # The client raises what its transport raises; its texts may hold addresses with keys.
        raise LandingError(place.url, f"cannot be listed ({type(error).__name__})") from None


def _is_file(place: BucketConnection, name: str) -> bool:
    last = name.rpartition("/")[2]
    return bool(last) and not (place.marker and last.endswith(place.marker))


def _is_unfinished(
    place: BucketConnection, name: str, found: Mapping[str, Any], now: datetime
) -> bool:
    """Whether somebody may still write it: its marker is missing where there are markers, else it
    changed a moment ago."""
    last = name.rpartition("/")[2]
    if last.startswith(".") or last.endswith(_UNFINISHED):
        return True
    if place.marker:
        return f"{name}{place.marker}" not in found
    settled = now.replace(tzinfo=UTC) - timedelta(seconds=place.settle_seconds)
    return found[name]["LastModified"] > settled


def _open(place: BucketConnection) -> Any:
    # Importing the client costs half a second: only who has a bucket pays.
    import s3fs

    return s3fs.S3FileSystem(
        key=named(place.key).get_secret_value() if place.key else None,
        secret=named(place.secret).get_secret_value() if place.secret else None,
        endpoint_url=place.endpoint,
        client_kwargs={"region_name": place.region},
        use_listings_cache=False,
        skip_instance_cache=True,
    )


@dataclass(slots=True)
class _Look:
    """One look into a bucket: what is there, where it goes, and what came of it."""

    storage: Any
    landing: Landing
    place: BucketConnection
    now: datetime
    memory: _Memory
    report: BucketReport = field(default_factory=BucketReport)

    def consider(self, name: str, found: Mapping[str, Any]) -> None:
        """Takes an object if it is a file, new, and whole."""
        if not _is_file(self.place, name):
            return
        listed = found[name]
        if self.memory.knows(name, listed["ETag"]):
            self.report.known += 1
        elif _is_unfinished(self.place, name, found, self.now):
            self.report.waiting += 1
        else:
            self._take(name, name.rpartition("/")[2], listed)

    def _take(self, name: str, last: str, listed: Mapping[str, Any]) -> None:
        try:
            if listed["size"] > MAX_TOTAL_BYTES:
                raise LandingError(name, f"is larger than {MAX_TOTAL_BYTES} bytes")
            data = self.storage.cat_file(name)
            after = self.storage.info(name, refresh=True)
            if (len(data), after["ETag"]) != (listed["size"], listed["ETag"]):
                # It changed meanwhile; the next look sees what it has become.
                self.report.waiting += 1
                return
            self.report.landed += self.landing.land_bytes(
                last, data, source=self.place.source, shop=self.place.shop, received_at=self.now
            )
        except (LandingError, OSError) as error:
            # One object that cannot be taken does not keep others out; it is tried again.
            known = isinstance(error, LandingError)
            self.report.refused[name] = str(error) if known else "cannot be read"
            return
        reach("bucket.after_landing")
        self.memory.keep(name, listed["ETag"])


def _memory_path(settings: Settings, place: BucketConnection) -> Path:
    whole = f"{place.endpoint}|{place.url}|{place.source}|{place.shop}"
    digest = hashlib.sha256(whole.encode()).hexdigest()[:12]
    return settings.connections_dir / f"{place.name}-{digest}.seen"


class _Memory:
    """Which objects have landed, by key and tag. Lines are only added."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._seen: set[tuple[str, str]] = set()
        data = path.read_bytes() if path.exists() else b""
        whole = data[: data.rfind(b"\n") + 1]
        for line in whole.splitlines():
            key, tag = json.loads(line)
            self._seen.add((key, tag))
        self._stream = path.open("ab")
        # A line that a crash cut short is forgotten: its object comes once more.
        self._stream.truncate(len(whole))

    def knows(self, key: str, tag: str) -> bool:
        return (key, tag) in self._seen

    def keep(self, key: str, tag: str) -> None:
        self._stream.write(json.dumps([key, tag], ensure_ascii=True).encode() + b"\n")
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._seen.add((key, tag))

    def close(self) -> None:
        self._stream.close()
