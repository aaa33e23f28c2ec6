"""Files and archives -> the files inside, in memory, under guards.

An archive is untrusted: entries, sizes, ratios, names and links are checked before and while it is
read, and a cut archive is an error, never a shorter file. Workbooks (.xlsx) are zip files by format
but documents by nature and stay whole.
"""

from __future__ import annotations

import gzip
import io
import os
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from ingestion.errors import LandingError

MAX_ENTRIES = 1_000
MAX_TOTAL_BYTES = 2 << 30
MAX_RATIO = 100
RATIO_FREE_BYTES = 16 << 20  # small files of blanks compress without limit and harm nobody
MAX_DEPTH = 2  # a .gz inside a .tar.gz is common; deeper is a trick
PIECE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpacked:
    """One file as its maker wrote it, and the archive name it came out of, if any."""

    name: str
    data: bytes
    is_packed: bool = False


def read_regular(path: Path, limit: int = MAX_TOTAL_BYTES) -> bytes:
    """The bytes of a regular file; refuses links, devices, pipes and files that still grow."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise LandingError(str(path), f"cannot be opened ({error.strerror})") from error
    with os.fdopen(handle, "rb") as stream:
        before = os.fstat(stream.fileno())
        if not stat.S_ISREG(before.st_mode):
            raise LandingError(str(path), "is not a regular file")
        if before.st_size > limit:
            raise LandingError(str(path), f"is larger than {limit} bytes")
        data = stream.read(limit + 1)
        after = os.fstat(stream.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise LandingError(str(path), "is still being written; land it when it is complete")
    return data


class _Budget:
    """What one delivery may still unpack."""

    def __init__(self, name: str, packed: int) -> None:
        self.name = name
        self.packed = packed
        self.entries = 0
        self.total = 0

    def entry(self) -> None:
        self.entries += 1
        if self.entries > MAX_ENTRIES:
            raise LandingError(self.name, f"holds more than {MAX_ENTRIES} files")

    def take(self, size: int) -> None:
        self.total += size
        if self.total > MAX_TOTAL_BYTES:
            raise LandingError(self.name, f"unpacks to more than {MAX_TOTAL_BYTES} bytes")
        if self.total > RATIO_FREE_BYTES and self.total > MAX_RATIO * max(self.packed, 1):
            raise LandingError(self.name, f"unpacks to more than {MAX_RATIO} times its size")

    def drain(self, stream: IO[bytes]) -> bytes:
        parts = []
        while piece := stream.read(PIECE):
            self.take(len(piece))
            parts.append(piece)
        return b"".join(parts)


def unpack(name: str, data: bytes) -> Iterator[Unpacked]:
    """The files inside `data`, or `data` itself when it is no archive."""
    yield from _unpack(name, data, _Budget(name, len(data)), 0)


def _unpack(name: str, data: bytes, budget: _Budget, depth: int) -> Iterator[Unpacked]:
    opener = _opener(name, data)
    if opener is None:
        _check_complete(name, data)
        yield Unpacked(name=name, data=data, is_packed=depth > 0)
        return
    if depth >= MAX_DEPTH:
        raise LandingError(name, "is an archive inside an archive inside an archive")
    for inner_name, inner in opener(name, data, budget):
        # A .tar.gz is one archive in two layers.
        layer = 0 if opener is _from_gzip and _is_tar(inner) else 1
        yield from _unpack(inner_name, inner, budget, depth + layer)


_Opener = Callable[[str, bytes, _Budget], Iterator[tuple[str, bytes]]]


def _opener(name: str, data: bytes) -> _Opener | None:
    if data[:2] == b"\x1f\x8b":
        return _from_gzip
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return None if _is_workbook(name, data) else _from_zip
    if _is_tar(data):
        return _from_tar
    if data[:3] == b"BZh" or data[:6] == b"\xfd7zXZ\x00" or data[:4] == b"\x28\xb5\x2f\xfd":
        raise LandingError(name, "is packed in a format that is not read; send gz, zip or tar.gz")
    return None


def _is_tar(data: bytes) -> bool:
    return data[257:262] == b"ustar"


def _is_workbook(name: str, data: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "[Content_Types].xml" in archive.namelist()
    except zipfile.BadZipFile as error:
        raise LandingError(name, f"is a cut or damaged zip file ({error})") from error


def _check_complete(name: str, data: bytes) -> None:
    if data[:4] == b"PAR1" and (len(data) < 12 or data[-4:] != b"PAR1"):
        raise LandingError(name, "is a cut Parquet file: its footer is missing")


def _from_gzip(name: str, data: bytes, budget: _Budget) -> Iterator[tuple[str, bytes]]:
    budget.entry()
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            inner = budget.drain(stream)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise LandingError(name, f"is a cut or damaged gzip file ({error})") from error
    yield name.removesuffix(".gz").removesuffix(".tgz"), inner


def _from_zip(name: str, data: bytes, budget: _Budget) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            for member in members:
                budget.entry()
                _check_name(name, member.filename)
                if stat.S_ISLNK(member.external_attr >> 16):
                    raise LandingError(name, f"holds the link {member.filename!r}")
                if member.flag_bits & 0x1:
                    raise LandingError(name, f"{member.filename!r} in it has a password")
                with archive.open(member) as stream:
                    yield member.filename, budget.drain(stream)
    except (zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError) as error:
        raise LandingError(name, f"is a cut or damaged zip file ({error})") from error


def _from_tar(name: str, data: bytes, budget: _Budget) -> Iterator[tuple[str, bytes]]:
    end = 0
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            for member in archive:
                end = member.offset_data + -(-member.size // 512) * 512
                _check_name(name, member.name)
                if member.isdir():
                    continue
                if not member.isreg():
                    raise LandingError(name, f"holds {member.name!r}, which is no regular file")
                budget.entry()
                stream = archive.extractfile(member)
                yield member.name, budget.drain(stream)  # type: ignore[arg-type]
    except tarfile.TarError as error:
        raise LandingError(name, f"is a cut or damaged tar file ({error})") from error
    # Python's reader takes a tar cut between two members for a complete one.
    if data[end : end + 512] != bytes(512):
        raise LandingError(name, "is a cut tar file: its end mark is missing")


def _check_name(archive: str, name: str) -> None:
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or "\x00" in name or ":" in path.parts[0]:
        raise LandingError(archive, f"holds the unsafe name {name!r}")
