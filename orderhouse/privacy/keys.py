"""The master key: one file, read once, from which every other key is derived or wrapped.

Here: where the file lives, that only its owner may read it, and how sub-keys are derived.
Keys of subjects and files are not derived but random and wrapped; they live in `vault.py`.
"""

from __future__ import annotations

import base64
import hmac
import os
import secrets
from pathlib import Path

KEY_BYTES = 32


class KeyFileError(RuntimeError):
    """The key file is missing, damaged or readable by others."""


class MasterKey:
    """The key-encryption key. Holds the secret; never prints it."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise KeyFileError(f"a master key has {KEY_BYTES} bytes, this one {len(secret)}")
        self._secret = secret

    def __repr__(self) -> str:
        return "MasterKey(...)"

    def derive(self, label: str) -> bytes:
        """HKDF-Expand (RFC 5869) of one block: independent 32-byte keys for independent uses."""
        return hmac.digest(self._secret, f"orderhouse/v1/{label}".encode() + b"\x01", "sha256")


def load_or_create(path: Path) -> MasterKey:
    """Read the key file; make one on first use, mode 0400, in a folder of mode 0700."""
    if not path.exists():
        _create(path)
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        raise KeyFileError(f"{path} is readable by others (mode {mode:o}): chmod 0400 it")
    try:
        return MasterKey(base64.b64decode(path.read_bytes(), validate=True))
    except ValueError as error:
        raise KeyFileError(f"{path} is not a base64 key of {KEY_BYTES} bytes") from error


def _create(path: Path) -> None:
    """Write a fresh key under a private name, then link it: two starters agree on one key."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o400)
    try:
        os.write(handle, base64.b64encode(secrets.token_bytes(KEY_BYTES)))
        os.fsync(handle)
    finally:
        os.close(handle)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first; its key is the key
    finally:
        draft.unlink()
