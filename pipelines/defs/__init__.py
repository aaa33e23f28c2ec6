"""Dagster definitions, one kind a file. `pipelines/definitions.py` gathers them."""
