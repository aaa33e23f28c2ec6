"""Encrypted files: landed copies at rest.

`OHL1 || size (8)` and chunks of 1 MiB, each AES-256-GCM under the file's own random key. The nonce
is the chunk number (a key encrypts one file, so it never repeats); the additional data holds the
file's name, the chunk number and whether it is the last, so cutting, swapping and appending show.
"""

from __future__ import annotations

from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"OHL1"
CHUNK = 1 << 20
TAG = 16


class DamagedFile(ValueError):
    """The encrypted copy was cut or changed."""


def _extra(name: str, number: int, size: int) -> bytes:
    return f"{name}|{number}|{size}".encode()


def seal(data: bytes | memoryview, name: str, key: bytes) -> Iterator[bytes]:
    """The pieces of the encrypted file, in order."""
    cipher, size = AESGCM(key), len(data)
    view = memoryview(data)
    yield MAGIC + size.to_bytes(8, "big")
    for number, start in enumerate(range(0, max(size, 1), CHUNK)):
        nonce = number.to_bytes(12, "big")
        yield cipher.encrypt(nonce, view[start : start + CHUNK], _extra(name, number, size))


def unseal(sealed: bytes, name: str, key: bytes) -> bytes:
    """The bytes back, in memory; raises DamagedFile naming the file."""
    if sealed[:4] != MAGIC or len(sealed) < 12:
        raise DamagedFile(f"the landed copy {name[:12]} has no header")
    size = int.from_bytes(sealed[4:12], "big")
    chunks = max(-(-size // CHUNK), 1)
    if len(sealed) != 12 + size + chunks * TAG:
        raise DamagedFile(f"the landed copy {name[:12]} is cut: {len(sealed)} bytes on disk")
    cipher, view, parts = AESGCM(key), memoryview(sealed), []
    for number in range(chunks):
        start = 12 + number * (CHUNK + TAG)
        piece = view[start : start + CHUNK + TAG]
        try:
            parts.append(
                cipher.decrypt(number.to_bytes(12, "big"), piece, _extra(name, number, size))
            )
        except InvalidTag as error:
            raise DamagedFile(f"the landed copy {name[:12]} was changed on disk") from error
    return b"".join(parts)
