"""Whether cells of a column have anything around their values: blanks, `="..."`, emptiness.

Removing it costs ten times as much as seeing that there is nothing, and mostly there is nothing.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

# First and last bytes, in UTF-8, of blanks (also U+00A0, U+3000, U+FEFF) and of `="..."`. Other
# characters begin or end with the same bytes; then the cells are cleaned for nothing.
_FIRST = np.zeros(256, dtype=bool)
_FIRST[[9, 10, 11, 12, 13, 32, 0x3D, 0xC2, 0xE3, 0xEF]] = True
_LAST = np.zeros(256, dtype=bool)
_LAST[[9, 10, 11, 12, 13, 32, 0xA0, 0x80, 0xBF]] = True


def has_edges(column: pa.ChunkedArray) -> bool:
    """False when no cell of the column needs cleaning."""
    return any(_chunk_has_edges(chunk) for chunk in column.chunks if len(chunk))


def _chunk_has_edges(chunk: pa.StringArray) -> bool:
    _, offsets, data = chunk.buffers()
    if data is None or not data.size:
        return False
    ends = np.frombuffer(offsets, dtype=np.int32)[chunk.offset : chunk.offset + len(chunk) + 1]
    text = np.frombuffer(data, dtype=np.uint8)
    filled = ends[1:] > ends[:-1]
    if chunk.null_count == 0 and not filled.all():
        return True
    first, last = ends[:-1], ends[1:] - 1
    if not filled.all():
        first, last = first[filled], last[filled]
    return bool(_FIRST[text[first]].any() or _LAST[text[last]].any())
