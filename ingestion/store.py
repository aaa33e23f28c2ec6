"""What others use of the warehouse's records: make it, open it, replay its quarantine.

The parts live in `warehouse` (tables), `writing` (the transaction) and `replay`.
"""

from ingestion.replay import replay_quarantine
from ingestion.warehouse import init_warehouse, open_warehouse
from ingestion.writing import last_load_seq, loaded_files

__all__ = [
    "init_warehouse",
    "last_load_seq",
    "loaded_files",
    "open_warehouse",
    "replay_quarantine",
]
