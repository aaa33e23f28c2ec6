"""Which encoding a file is in, strictly: an encoding that fails anywhere is not the file's.

GB18030 stands for GBK and GB2312 too. UTF-16 is turned into UTF-8 before it is split, and its byte
offsets are turned back afterwards; the other encodings are split as they are.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ingestion.readers.reading import Ints

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """How to read a file: split `data[offset:]`, whose text is in `encoding`.

    Attributes:
        name: the encoding of the landed bytes.
        encoding: the encoding of `data`; differs from `name` for UTF-16 only.
        is_clean: every byte decodes; otherwise records must be tried one by one.
    """

    name: str
    encoding: str
    data: bytes
    offset: int
    is_clean: bool


def detect(data: bytes, candidates: tuple[str, ...]) -> Decoded:
    """The first candidate that decodes everything, else the first candidate, not clean."""
    for bom, name in BOMS:
        if data.startswith(bom):
            return _utf16(data, name) if "16" in name else _eight_bit(data, (name,), len(bom))
    if candidates[0] == "utf-16":
        return _utf16(data, "utf-16-le")
    return _eight_bit(data, tuple(c for c in candidates if c != "utf-16"), 0)


def _eight_bit(data: bytes, candidates: tuple[str, ...], offset: int) -> Decoded:
    for name in candidates:
        if decodes(data, name):
            return Decoded(name, name, data, offset, True)
    return Decoded(candidates[0], candidates[0], data, offset, False)


def _utf16(data: bytes, name: str) -> Decoded:
    skip = 2 if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else 0
    try:
        text = data[skip:].decode(name).encode()
    except UnicodeDecodeError:
        return Decoded(name, name, data, 0, False)
    return Decoded(name, "utf-8", text, 0, True)


def decodes(data: bytes, encoding: str) -> bool:
    """Whether every byte of `data` is text in the encoding."""
    if encoding == "utf-8":
        # Arrow checks in place; decoding would make a copy two to four times the size.
        offsets = pa.py_buffer(np.array([0, len(data)], dtype=np.int64))
        whole = pa.Array.from_buffers(pa.large_string(), 1, [None, offsets, pa.py_buffer(data)])
        try:
            whole.validate(full=True)
        except pa.ArrowInvalid:
            return False
        return True
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def original_offsets(decoded: Decoded, landed: bytes, places: Ints) -> Ints:
    """Offsets in the UTF-8 text -> offsets in the landed UTF-16 bytes."""
    units = np.frombuffer(decoded.data, dtype=np.uint8)
    # One or two UTF-16 units per character, counted at its first UTF-8 byte.
    widths = ((units & 0xC0) != 0x80).astype(np.uint8) + (units >= 0xF0)
    before = np.concatenate([[0], np.cumsum(widths, dtype=np.int64)])
    bom = len(landed) - 2 * int(before[-1])
    return np.where(places == 0, 0, bom + 2 * before[places])
