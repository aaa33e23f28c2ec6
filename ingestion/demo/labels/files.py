"""Files with rows that cannot be read."""

from __future__ import annotations

import polars as pl

from ingestion.demo.business import Business
from ingestion.demo.labels.shape import of_entities


def labels(business: Business) -> list[pl.DataFrame]:
    return [of_entities("Q36", "file", business.broken_files, "broken_row")]
