"""Fixtures of the pipelines' tests."""

from __future__ import annotations

import os

import dagster as dg
import pytest

from orderhouse.settings import get_settings
from tests.support.disk import small_disk
from tests.support.homes import copy_of, parsed_template, templates_folder

__all__ = ["small_disk"]


@pytest.fixture(scope="session")
def defs(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    """What Dagster loads. Loading writes into the home: never import it at the top of a test."""
    parsed = parsed_template(templates_folder(tmp_path_factory))
    home = copy_of(parsed, tmp_path_factory.mktemp("definitions") / "home")
    before = os.environ.get("ORDERHOUSE_HOME")
    os.environ["ORDERHOUSE_HOME"] = str(home)
    get_settings.cache_clear()
    try:
        from pipelines.definitions import defs as loaded

        return loaded
    finally:
        if before is None:
            os.environ.pop("ORDERHOUSE_HOME", None)
        else:
            os.environ["ORDERHOUSE_HOME"] = before
        get_settings.cache_clear()
