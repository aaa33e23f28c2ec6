"""The vault: random keys of subjects and landed files, wrapped by the master key, in SQLite.

Kept out of the warehouse, its snapshots and its backups. Deleting a subject's row makes every
ciphertext of that subject unreadable everywhere, old copies included; a tombstone remembers it, so
that the same person arriving again in an old file is encrypted to nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from orderhouse.privacy.ciphers import SUBJECT_KEY_BYTES, SubjectKey
from orderhouse.privacy.keys import MasterKey

SCHEMA = """
create table if not exists subjects (
    key_id integer primary key autoincrement,
    subject_id text not null unique,
    wrapped blob not null
);
create table if not exists tombstones (
    subject_mark blob primary key,
    key_id integer not null,
    erased_at text not null
) without rowid;
create table if not exists file_keys (file_id text primary key, wrapped blob not null);
"""
CACHE_LIMIT = 300_000
CHUNK = 500


class Unreadable(ValueError):
    """No key opens this value: it was made under another vault or was changed."""


class Erased(Unreadable):
    """The subject's key was destroyed on request; nobody can read the value any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What an erasure did: put it into the audit log as the certificate."""

    subject_mark: str
    key_id: int | None
    erased_at: datetime


class Vault:
    """Keys by subject, by key id and by file. One object per process; safe beside other ones."""

    def __init__(self, path: Path, master: MasterKey) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._wrap = AESGCM(master.derive("vault/wrap"))
        self._mark_key = master.derive("vault/tombstone")
        self._db = sqlite3.connect(path, isolation_level=None, timeout=30, check_same_thread=False)
        path.chmod(0o600)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
            self._db.execute(f"pragma {pragma}")
        self._db.executescript(SCHEMA)
        self._cache: dict[str, SubjectKey | None] = {}

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._db.execute("rollback")
            raise
        self._db.execute("commit")

    def _mark(self, subject_id: str) -> bytes:
        return hmac.digest(self._mark_key, subject_id.encode(), "sha256")

    def _sealed(self, secret: bytes, name: str) -> bytes:
        nonce = secrets.token_bytes(12)
        return nonce + self._wrap.encrypt(nonce, secret, name.encode())

    def _opened(self, wrapped: bytes, name: str) -> bytes:
        try:
            return self._wrap.decrypt(wrapped[:12], wrapped[12:], name.encode())
        except InvalidTag as error:
            raise Unreadable("the vault was made under another master key") from error

    def keys_for(self, subjects: Iterable[str]) -> dict[str, SubjectKey | None]:
        """The key of each subject, made when new; None for an erased subject."""
        wanted = list(dict.fromkeys(subjects))
        missing = [subject for subject in wanted if subject not in self._cache]
        if missing:
            if len(self._cache) + len(missing) > CACHE_LIMIT:
                self._cache.clear()
                missing = wanted
            self._load(missing)
            absent = [subject for subject in missing if subject not in self._cache]
            if absent:
                self._create(absent)
        return {subject: self._cache[subject] for subject in wanted}

    def _load(self, subjects: Sequence[str]) -> None:
        for start in range(0, len(subjects), CHUNK):
            part = subjects[start : start + CHUNK]
            marks = ",".join("?" * len(part))
            query = (
                f"select subject_id, key_id, wrapped from subjects where subject_id in ({marks})"  # noqa: S608 - only question marks
            )
            for subject_id, key_id, wrapped in self._db.execute(query, part):
                self._cache[subject_id] = SubjectKey.build(
                    subject_id, key_id, self._opened(wrapped, subject_id)
                )

    def _create(self, subjects: Sequence[str]) -> None:
        erased = self._erased(subjects)
        fresh = [
            (subject, self._sealed(secrets.token_bytes(SUBJECT_KEY_BYTES), subject))
            for subject in subjects
            if subject not in erased
        ]
        self._cache.update(dict.fromkeys(erased))
        with self._transaction():
            self._db.executemany(
                "insert or ignore into subjects (subject_id, wrapped) values (?, ?)", fresh
            )
        # Read back: another process may have made some of them first.
        self._load([subject for subject, _ in fresh])

    def _erased(self, subjects: Sequence[str]) -> set[str]:
        if not self._db.execute("select exists (select 1 from tombstones)").fetchone()[0]:
            return set()
        query = "select 1 from tombstones where subject_mark = ?"
        return {s for s in subjects if self._db.execute(query, (self._mark(s),)).fetchone()}

    def key_by_id(self, key_id: int) -> SubjectKey:
        """The key a ciphertext names; raises Erased or Unreadable."""
        query = "select subject_id, wrapped from subjects where key_id = ?"
        row = self._db.execute(query, (key_id,)).fetchone()
        if row is None:
            gone = "select 1 from tombstones where key_id = ?"
            if self._db.execute(gone, (key_id,)).fetchone():
                raise Erased("the person's data was erased")
            raise Unreadable(f"this vault has no key {key_id}")
        return SubjectKey.build(row[0], key_id, self._opened(row[1], row[0]))

    def erase_subject(self, subject_id: str, now: datetime) -> Erasure:
        """Destroy the subject's key for good and remember not to make a new one."""
        mark = self._mark(subject_id)
        with self._transaction():
            row = self._db.execute(
                "delete from subjects where subject_id = ? returning key_id", (subject_id,)
            ).fetchone()
            self._db.execute(
                "insert or ignore into tombstones values (?, ?, ?)",
                (mark, row[0] if row else -1, now.isoformat()),
            )
        self._cache[subject_id] = None
        self._db.execute("vacuum")
        self._db.execute("pragma wal_checkpoint(truncate)")
        return Erasure(
            subject_mark=hashlib.sha256(mark).hexdigest(),
            key_id=row[0] if row else None,
            erased_at=now,
        )

    def add_file_keys(self, file_ids: Iterable[str]) -> dict[str, bytes]:
        """A key for each landed file, made when new, durable when this returns."""
        wanted = list(dict.fromkeys(file_ids))
        fresh = [(name, self._sealed(secrets.token_bytes(32), name)) for name in wanted]
        with self._transaction():
            self._db.executemany("insert or ignore into file_keys values (?, ?)", fresh)
        return {name: self.file_key(name) for name in wanted}

    def file_key(self, file_id: str) -> bytes:
        query = "select wrapped from file_keys where file_id = ?"
        row = self._db.execute(query, (file_id,)).fetchone()
        if row is None:
            raise Unreadable(f"this vault has no key of file {file_id[:12]}")
        return self._opened(row[0], file_id)

    def forget_file_keys(self, file_ids: Iterable[str]) -> None:
        """Destroy the keys of files for good: their encrypted copies can never be read again."""
        with self._transaction():
            self._db.executemany(
                "delete from file_keys where file_id = ?", [(name,) for name in file_ids]
            )
        self._db.execute("pragma wal_checkpoint(truncate)")
