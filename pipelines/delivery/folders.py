"""Messages as files in a folder: one file for each batch, there whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from orderhouse.connections import FolderConnection
from orderhouse.ledger import Answer, Message

COLUMNS = (
    "idempotency_key", "sequence", "decision_id", "verb", "decided_at", "shop_id", "order_id",
    "entity_type", "entity_id", "reason_code", "hold_type", "quantity", "kind", "sku",
    "warehouse_id", "to_warehouse_id", "lot", "amount", "currency_code", "case_id",
)  # fmt: skip


def as_sent(message: Message) -> dict[str, Any]:
    """What a receiver reads. `sequence` rises with every decision: the higher one is newer."""
    return {"idempotency_key": message.key, "sequence": message.seq} | message.payload


class FolderTransport:
    """Writes `<batch>.json` or `<batch>.csv`. The same batch is the same file, byte for byte."""

    batch = 1_000

    def __init__(self, connection: FolderConnection, folder: Path) -> None:
        self._format = connection.format
        self._folder = folder

    def send(self, messages: Sequence[Message]) -> list[Answer]:
        name = f"{messages[0].batch_id}.{self._format}"
        rows = [as_sent(message) for message in messages]
        text = _as_csv(rows) if self._format == "csv" else _as_json(rows)
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_durably(self._folder / name, text.encode())
        except OSError:
            return [Answer(outcome="failed", code="not_written") for _ in messages]
        return [Answer(outcome="answered", code="written", reference=name) for _ in messages]

    def close(self) -> None:
        """Nothing is held open."""


def _as_json(rows: Sequence[dict[str, Any]]) -> str:
    return json.dumps({"messages": rows}, ensure_ascii=False, sort_keys=True, indent=1) + "\n"


def _as_csv(rows: Sequence[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, extrasaction="ignore", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def write_durably(target: Path, data: bytes) -> None:
    """Under a hidden name first, synced, renamed, and the folder synced: a reader of the folder
    sees the whole file or none, also after a power cut."""
    draft = target.with_name(f".{target.name}.part")
    with draft.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(target)
    handle = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
