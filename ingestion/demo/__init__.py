"""A generated business with labelled faults, written in the formats its systems really export.

`generate(plan, folder)` writes `files/<source>/<shop>/…` (what the pipeline reads), `deliveries.csv`
(when each file arrived) and `labels.csv` (what is wrong, which the pipeline never reads).
"""

from ingestion.demo.generate import generate
from ingestion.demo.plan import DemoPlan

__all__ = ["DemoPlan", "generate"]
