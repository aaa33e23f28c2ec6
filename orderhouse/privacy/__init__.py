"""Mask, encrypt, search and erase personal data.

A personal value becomes three: a mask people may see, a blind index machines may join and search
by, and a ciphertext that only `Privacy.reveal` turns back, under a key of its own subject that
`Privacy.erase_subject` destroys. This package knows nothing of records, files or pages.
"""

from orderhouse.privacy.keys import KeyFileError, MasterKey
from orderhouse.privacy.service import Privacy, Protected, open_privacy, open_privacy_at
from orderhouse.privacy.vault import Erased, Erasure, Unreadable, Vault

__all__ = [
    "Erased",
    "Erasure",
    "KeyFileError",
    "MasterKey",
    "Privacy",
    "Protected",
    "Unreadable",
    "Vault",
    "open_privacy",
    "open_privacy_at",
]
