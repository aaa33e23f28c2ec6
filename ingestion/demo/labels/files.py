"""Files with rows that cannot be read, columns that changed, records no shop can have."""

from __future__ import annotations

import polars as pl

from ingestion.demo.business import Business
from ingestion.demo.labels.shape import of_entities
from ingestion.demo.reshaped import CHECK


def labels(business: Business) -> list[pl.DataFrame]:
    return [
        of_entities("Q36", "file", business.broken_files, "broken_row"),
        of_entities("Q36", "file", business.unexplained, "unknown_code"),
        of_entities("Q36", "shape", business.reshaped, "new_column"),
        of_entities("Q36", "check", [CHECK], "impossible_date"),
    ]
