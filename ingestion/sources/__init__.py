"""The systems facts come from: one folder each, with `mapping.yml` and a README. No Python."""

from ingestion.mapping import load_mapping, source_names

__all__ = ["load_mapping", "source_names"]
