"""Prepares a home: folders, keys, warehouse, ledger, Dagster instance."""

from __future__ import annotations

import os
from pathlib import Path

from ingestion.warehouse import init_warehouse
from orderhouse.ledger import open_ledger
from orderhouse.privacy import open_privacy
from orderhouse.settings import PROJECT_ROOT, Settings

_DAGSTER_YAML = PROJECT_ROOT / "pipelines" / "dagster.yaml"


def prepare_home(settings: Settings) -> None:
    """Creates what is missing and leaves what is there."""
    os.umask(0o077)
    for folder in (
        settings.root, settings.inbox_dir, settings.warehouse_path.parent, settings.serving_dir,
        settings.dbt_dir, settings.log_dir, settings.outbox_dir,
    ):  # fmt: skip
        folder.mkdir(parents=True, exist_ok=True)
    open_privacy(settings).vault.close()
    init_warehouse(settings.warehouse_path)
    open_ledger(settings.ledger_address).close()
    use_dagster_home(settings)


def use_dagster_home(settings: Settings) -> Path:
    """Points Dagster at the home's instance; its configuration is the one shipped."""
    settings.dagster_home.mkdir(parents=True, exist_ok=True)
    target = settings.dagster_home / "dagster.yaml"
    text = _DAGSTER_YAML.read_text(encoding="utf-8")
    if not target.exists() or target.read_text(encoding="utf-8") != text:
        target.write_text(text, encoding="utf-8")
    os.environ["DAGSTER_HOME"] = str(settings.dagster_home)
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"
    # Dagster's child processes start elsewhere; a relative home would be another home there.
    os.environ["ORDERHOUSE_HOME"] = str(settings.root)
    return settings.dagster_home
