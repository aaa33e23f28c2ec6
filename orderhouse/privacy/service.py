"""The one object the rest of the house uses for personal data.

Batches are lists of values; equal (value, subject) pairs are worked once. A subject is the person
(or, where the source tells no person, the order or parcel) whose key encrypts the value.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from orderhouse.privacy import ciphers, masks, normal
from orderhouse.privacy.keys import MasterKey, load_or_create
from orderhouse.privacy.vault import Erasure, Unreadable, Vault
from orderhouse.settings import Settings

INDEX_HEX = 16  # 64 bits: joins need more than search does


@dataclass(frozen=True, slots=True, kw_only=True)
class Protected:
    """Three columns instead of one; None where the value was null or its subject is erased."""

    masked: list[str | None]
    index: list[str | None]
    cipher: list[bytes | None]


class Privacy:
    """Mask, index, encrypt, reveal, erase."""

    def __init__(self, master: MasterKey, vault: Vault) -> None:
        self.vault = vault
        self._master = master
        self._index_keys: dict[str, bytes] = {}

    def blind_index(self, kind: str, value: str, region: str = "CN") -> str:
        """HMAC-SHA256 of the normalised value under the key of its kind: 16 hex characters.

        One key per kind (phone, name, ...), so a phone in an order joins a phone in a risk list.
        """
        key = self._index_keys.get(kind)
        if key is None:
            key = self._index_keys[kind] = self._master.derive(f"index/{kind}")
        text = normal.normalise(kind, value, region).encode("utf-8", "surrogatepass")
        return hmac.digest(key, text, "sha256").hex()[:INDEX_HEX]

    def blind_indexes(
        self, kind: str, values: Sequence[str | None], region: str = "CN"
    ) -> list[str | None]:
        """The index of each value, each distinct one computed once."""
        known = {v: self.blind_index(kind, v, region) for v in set(values) if v is not None}
        return [None if value is None else known[value] for value in values]

    def protect(
        self,
        column: str,
        kind: str,
        values: Sequence[str | None],
        subjects: Sequence[str],
        region: str = "CN",
    ) -> Protected:
        """Mask, index and encrypt the values of `table.column`, one subject per value."""
        keys = self.vault.keys_for(
            s for v, s in zip(values, subjects, strict=True) if v is not None
        )
        seen = {value for value in values if value is not None}
        shown = {value: masks.mask(kind, value, region) for value in seen}
        indexes = {value: self.blind_index(kind, value, region) for value in seen}
        done: dict[tuple[str, str], bytes] = {}
        masked: list[str | None] = []
        index: list[str | None] = []
        cipher: list[bytes | None] = []
        for value, subject in zip(values, subjects, strict=True):
            key = None if value is None else keys[subject]
            if value is None or key is None:
                masked.append(None if value is None else masks.ERASED)
                index.append(None)
                cipher.append(None)
                continue
            pair = (value, subject)
            if pair not in done:
                done[pair] = ciphers.encrypt(value, column, key)
            masked.append(shown[value])
            index.append(indexes[value])
            cipher.append(done[pair])
        return Protected(masked=masked, index=index, cipher=cipher)

    def seal_bytes(
        self, column: str, values: Sequence[bytes], subjects: Sequence[str]
    ) -> list[bytes | None]:
        """Encrypt raw bytes; None where the subject is erased."""
        keys = self.vault.keys_for(subjects)
        return [
            None if (key := keys[subject]) is None else ciphers.encrypt_bytes(value, column, key)
            for value, subject in zip(values, subjects, strict=True)
        ]

    def reveal(self, cipher: bytes, column: str) -> str:
        """The plaintext of one value of `table.column`; an audited act of the caller.

        Raises:
            Erased: the subject's key was destroyed.
            Unreadable: another vault's value, or the value was moved or changed.
        """
        return self.reveal_bytes(cipher, column).decode("utf-8", "surrogatepass")

    def reveal_bytes(self, cipher: bytes, column: str) -> bytes:
        """Like `reveal`, for what `seal_bytes` made."""
        try:
            key = self.vault.key_by_id(ciphers.key_id_of(cipher))
            return ciphers.decrypt_bytes(cipher, column, key)
        except ciphers.BadCipher as error:
            raise Unreadable(str(error)) from error

    def subject_of(self, cipher: bytes) -> str:
        """The subject a ciphertext belongs to, for example to erase it."""
        return self.vault.key_by_id(ciphers.key_id_of(cipher)).subject_id

    def erase_subject(self, subject_id: str, now: datetime) -> Erasure:
        """Make every value of the subject unreadable, everywhere and for good."""
        return self.vault.erase_subject(subject_id, now)


def open_privacy_at(key_file: Path, vault_path: Path) -> Privacy:
    """Open by path; makes the key file and the vault on first use."""
    master = load_or_create(key_file)
    return Privacy(master, Vault(vault_path, master))


def open_privacy(settings: Settings) -> Privacy:
    """Open the privacy service of one Orderhouse home."""
    return open_privacy_at(settings.master_key_path, settings.vault_path)
