"""The format of an encrypted value: `01 || key_id (4) || nonce (12) || ciphertext || tag (16)`.

AES-256-GCM; the additional data is `table.column|subject|v1`, so a ciphertext moved to another
column or person does not open. The nonce is synthetic: HMAC-SHA256 of additional data and
plaintext under a second key of the subject, cut to 12 bytes. The same value of the same subject in
the same column is therefore always the same ciphertext, which makes a rebuild byte for byte equal;
what it tells an observer (two cells are equal) the blind index beside it tells already. Two
different plaintexts share a nonce with probability 2^-96 per pair, and a subject has few values.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = b"\x01"
HEAD = 1 + 4 + 12
SUBJECT_KEY_BYTES = 64  # 32 for AES, 32 for the synthetic nonce


class BadCipher(ValueError):
    """The bytes are not a value of this format, or not of this column and subject."""


@dataclass(frozen=True, slots=True)
class SubjectKey:
    """Keys of one subject, ready to use."""

    subject_id: str
    key_id: int
    cipher: AESGCM
    nonce_key: bytes

    @classmethod
    def build(cls, subject_id: str, key_id: int, secret: bytes) -> SubjectKey:
        return cls(subject_id, key_id, AESGCM(secret[:32]), secret[32:])


def encrypt(value: str, column: str, key: SubjectKey) -> bytes:
    """Encrypt one value of `table.column` for the subject of `key`."""
    return encrypt_bytes(value.encode("utf-8", "surrogatepass"), column, key)


def encrypt_bytes(plain: bytes, column: str, key: SubjectKey) -> bytes:
    """The same for raw bytes, for example of a record that is no text."""
    extra = f"{column}|{key.subject_id}|v1".encode()
    nonce = hmac.digest(key.nonce_key, extra + b"|" + plain, "sha256")[:12]
    head = VERSION + key.key_id.to_bytes(4, "big") + nonce
    return head + key.cipher.encrypt(nonce, plain, extra)


def key_id_of(cipher: bytes) -> int:
    """Which key of the vault opens this value."""
    if len(cipher) < HEAD + 16 or cipher[:1] != VERSION:
        raise BadCipher("not an encrypted value of version 1")
    return int.from_bytes(cipher[1:5], "big")


def decrypt(cipher: bytes, column: str, key: SubjectKey) -> str:
    """Turn `cipher` of `table.column` back; raises BadCipher when it was moved or changed."""
    return decrypt_bytes(cipher, column, key).decode("utf-8", "surrogatepass")


def decrypt_bytes(cipher: bytes, column: str, key: SubjectKey) -> bytes:
    """The same for raw bytes."""
    extra = f"{column}|{key.subject_id}|v1".encode()
    try:
        return key.cipher.decrypt(cipher[5:HEAD], cipher[HEAD:], extra)
    except InvalidTag as error:
        raise BadCipher(f"the value does not belong to {column} of its subject") from error
