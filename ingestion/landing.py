"""Content-addressed landing: a file is the sha256 of its unpacked bytes; its given name is data.

    landing/files/ab/<file_id>     the bytes, encrypted under a key of their own
    landing/pending/<file_id>.json what is known of a file that is not loaded yet
    landing/loaded/ab/<file_id>.json   the same, once its load is committed

A file is pending only after its bytes are on disk for good, and a file never moves back, so a crash
at any moment leaves either no trace, an unreferenced copy that the next landing completes, or a
pending file that the store recognises as loaded.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from ingestion.archives import Unpacked, read_regular, unpack
from ingestion.errors import LandingError
from ingestion.parameters import Parameters, parameters_of
from orderhouse.failpoints import reach
from orderhouse.privacy import Privacy, files, open_privacy
from orderhouse.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class LandedFile:
    """What is known of a landed file besides its bytes.

    Attributes:
        parameters: what its shop says differently from the mapping, as it was when it landed.
    """

    file_id: str
    given_name: str
    container_id: str | None
    source: str
    shop_id: str
    size_bytes: int
    received_at: datetime
    parameters: Parameters = ()


def land(
    settings: Settings,
    path: Path,
    *,
    source: str,
    shop: str,
    received_at: datetime,
    given: Mapping[str, str] | None = None,
) -> list[str]:
    """Land a file, a folder or an archive of one source and shop; the ids of the files inside."""
    privacy = open_privacy(settings)
    try:
        landing = Landing(settings.landing_dir, privacy)
        return landing.land(path, source=source, shop=shop, received_at=received_at, given=given)
    finally:
        privacy.vault.close()


class Landing:
    """The landing folder of one home."""

    def __init__(self, root: Path, privacy: Privacy) -> None:
        self._root = root
        self._privacy = privacy
        for name in ("files", "pending", "loaded"):
            (root / name).mkdir(parents=True, exist_ok=True, mode=0o700)
        root.chmod(0o700)

    def land(
        self,
        path: Path,
        *,
        source: str,
        shop: str,
        received_at: datetime,
        given: Mapping[str, str] | None = None,
    ) -> list[str]:
        """Land everything at `path`. Landing the same bytes again changes nothing."""
        ids: list[str] = []
        for item in _items(path):
            data = read_regular(item)
            ids += self.land_bytes(
                item.name, data, source=source, shop=shop, received_at=received_at, given=given
            )
        return ids

    def land_bytes(
        self,
        name: str,
        data: bytes,
        *,
        source: str,
        shop: str,
        received_at: datetime,
        given: Mapping[str, str] | None = None,
    ) -> list[str]:
        """Land bytes that came by another way than a file, an upload or an API page.

        Args:
            given: parameters of the mapping; they come before those of the home's `sources.yml`.
        """
        parameters = parameters_of(self._root.parent, source, shop, given or {})
        # The whole archive is read before anything is written: a damaged one leaves no trace.
        inside = list(unpack(name, data))
        container = hashlib.sha256(data).hexdigest()
        ids, fresh = [], {}
        for item in inside:
            file_id = hashlib.sha256(item.data).hexdigest()
            ids.append(file_id)
            if not self._is_known(file_id, item.name, source, shop, dict(given or {})):
                fresh[file_id] = item
        self._write(fresh)
        for file_id, item in fresh.items():
            landed = LandedFile(
                file_id=file_id,
                given_name=item.name,
                container_id=container if item.is_packed else None,
                source=source,
                shop_id=shop,
                size_bytes=len(item.data),
                received_at=received_at,
                parameters=parameters,
            )
            write_durably(self._pending(file_id), [_as_json(landed)])
            reach("landing.after_pending")
        sync_folder(self._root / "pending")
        return ids

    def _is_known(
        self, file_id: str, name: str, source: str, shop: str, given: dict[str, str]
    ) -> bool:
        known = self.find(file_id)
        if known is not None and (known.source, known.shop_id) != (source, shop):
            raise LandingError(
                name,
                f"the same bytes were landed for {known.source}/{known.shop_id} before; "
                f"one file cannot belong to {source}/{shop} too",
            )
        if known is not None and given.items() - dict(known.parameters).items():
            said = ", ".join(f"{key}={value}" for key, value in known.parameters) or "none"
            raise LandingError(
                name,
                f"the same bytes were landed with other parameters before ({said}); what was read "
                "stays as it is",
            )
        return known is not None

    def _write(self, fresh: dict[str, Unpacked]) -> None:
        keys = self._privacy.vault.add_file_keys(fresh)
        reach("landing.after_keys")
        folders = set()
        for file_id, item in fresh.items():
            target = self._sealed(file_id)
            if not target.parent.exists():
                target.parent.mkdir(exist_ok=True, mode=0o700)
                folders.add(target.parent.parent)
            write_durably(target, files.seal(item.data, file_id, keys[file_id]))
            folders.add(target.parent)
            reach("landing.after_write")
        for folder in folders:
            sync_folder(folder)

    def find(self, file_id: str) -> LandedFile | None:
        """What is known of a file, pending or loaded."""
        for path in (self._pending(file_id), self._loaded(file_id)):
            if path.exists():
                return _from_json(path.read_bytes())
        return None

    def pending(self) -> list[LandedFile]:
        """Landed but not loaded files, in an order that does not depend on the folder."""
        landed = [_from_json(p.read_bytes()) for p in (self._root / "pending").glob("*.json")]
        return sorted(landed, key=lambda file: (file.received_at, file.file_id))

    def read(self, file_id: str) -> bytes:
        """The bytes of a landed file, decrypted in memory; a changed copy does not open."""
        sealed = self._sealed(file_id).read_bytes()
        return files.unseal(sealed, file_id, self._privacy.vault.file_key(file_id))

    def mark_loaded(self, file_ids: Iterable[str]) -> None:
        """Move files from pending to loaded, after the commit of their loads."""
        for file_id in file_ids:
            source, target = self._pending(file_id), self._loaded(file_id)
            if source.exists():
                target.parent.mkdir(exist_ok=True, mode=0o700)
                source.replace(target)
                reach("landing.after_mark")

    def _sealed(self, file_id: str) -> Path:
        return self._root / "files" / file_id[:2] / file_id

    def _pending(self, file_id: str) -> Path:
        return self._root / "pending" / f"{file_id}.json"

    def _loaded(self, file_id: str) -> Path:
        return self._root / "loaded" / file_id[:2] / f"{file_id}.json"


def _items(path: Path) -> Iterator[Path]:
    """The file itself, or every visible entry below the folder, in name order."""
    if not path.is_dir():
        yield path
        return
    for item in sorted(path.rglob("*")):
        if item.is_symlink():
            raise LandingError(str(item), "is a link; land the file it points to")
        hidden = any(part.startswith(".") for part in item.relative_to(path).parts)
        if not item.is_dir() and not hidden:
            yield item


def _as_json(landed: LandedFile) -> bytes:
    row = asdict(landed) | {"received_at": landed.received_at.isoformat()}
    return json.dumps(row, ensure_ascii=False, sort_keys=True).encode("utf-8", "backslashreplace")


def _from_json(text: bytes) -> LandedFile:
    row = json.loads(text)
    row["received_at"] = datetime.fromisoformat(row["received_at"])
    row["parameters"] = tuple((name, value) for name, value in row.get("parameters", ()))
    return LandedFile(**row)


def write_durably(target: Path, parts: Iterable[bytes]) -> None:
    """Write under a private name, fsync, rename: the target is whole or absent."""
    draft = target.with_name(f".{target.name[:16]}.{secrets.token_hex(6)}")
    handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(handle, "wb") as stream:
            for part in parts:
                stream.write(part)
            stream.flush()
            reach("landing.before_sync")
            os.fsync(stream.fileno())
        draft.replace(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    reach("landing.after_rename")


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
