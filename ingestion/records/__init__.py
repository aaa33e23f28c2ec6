"""The record types: one file a stream. `STREAMS` finds them by itself."""

from __future__ import annotations

import importlib
import pkgutil

from ingestion.records.schema import Stream


def _discover() -> dict[str, Stream]:
    found: dict[str, Stream] = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda item: item.name):
        if module.name == "schema":
            continue
        stream = importlib.import_module(f"{__name__}.{module.name}").STREAM
        if stream.name != module.name:
            raise ValueError(f"ingestion/records/{module.name}.py defines stream {stream.name!r}")
        found[stream.name] = stream
    return found


STREAMS: dict[str, Stream] = _discover()
