"""The locked-down database in memory in which mapping expressions run.

A mapping is configuration, and its expressions are SQL: they see the rows of their file and nothing
else. No files, no network, no extensions, no Python objects but the one table handed in, nothing
spilled to disk (the rows still hold personal data in clear), and no way to change any of it.
"""

from __future__ import annotations

import duckdb

from ingestion.macros import COMMON, shop_macros

# The order matters: what a later line forbids an earlier one must have done.
_LOCKS = (
    "set TimeZone = 'UTC'",
    "set temp_directory = ''",
    "set allowed_directories = []",
    "set autoinstall_known_extensions = false",
    "set autoload_known_extensions = false",
    "set allow_community_extensions = false",
    "set python_enable_replacements = false",
    "set enable_external_access = false",
    "set lock_configuration = true",
)


def open_engine(threads: int = 2, memory_limit: str = "50%") -> duckdb.DuckDBPyConnection:
    """A fresh engine with the macros every mapping may use."""
    engine = duckdb.connect(":memory:", config={"threads": threads, "memory_limit": memory_limit})
    engine.execute("set enable_progress_bar = false")  # it would write into logs
    for lock in _LOCKS:
        engine.execute(lock)
    for macro in COMMON:
        engine.execute(f"create temp macro {macro}")
    return engine


def enter_shop(engine: duckdb.DuckDBPyConnection, shop: str, zone: str | None) -> None:
    """Set the macros that depend on the shop."""
    for macro in shop_macros(shop, zone):
        engine.execute(f"create or replace temp macro {macro}")
