"""One process may build several homes; none of them touches another."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.build import build_once
from tests.support.homes import (
    copy_of,
    mart_hashes,
    served,
    settings_of,
    small_template,
    templates_folder,
)


def test_two_homes_in_one_process_get_their_own_marts(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    template = small_template(templates_folder(tmp_path_factory))
    homes = [settings_of(copy_of(template, tmp_path / name)) for name in ("a", "b")]
    for settings in homes:
        build_once(settings, with_checks=False)
    hashes = [mart_hashes(served(settings)) for settings in homes]
    assert hashes[0] == hashes[1]
    assert hashes[0]["fct_orders"][0] > 0
