"""Bytes of a landed file -> text rows, with a ledger of every byte.

`read` gives a `Reading`: segments that tile the file without gap or overlap, each with its fate,
and a table of text with one row per good record. Which records there are is decided here by
counting bytes; the parser's answer is only accepted when it agrees. Values stay text.
"""

from ingestion.readers.options import Format, Found, Recognise
from ingestion.readers.reading import Fate, Reading
from ingestion.readers.router import read, read_all

__all__ = ["Fate", "Format", "Found", "Reading", "Recognise", "read", "read_all"]
