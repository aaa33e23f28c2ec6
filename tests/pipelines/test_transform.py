"""One process may build several homes, and one home many times; every build is whole."""

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


def test_a_warm_process_folds_change_after_change_like_one_full_build(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    template = small_template(templates_folder(tmp_path_factory))
    settings = settings_of(copy_of(template, tmp_path / "home"))
    build_once(settings, with_checks=False)
    for number in range(2):
        folder = settings.inbox_dir / "wms" / "tb"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"products-{number}.csv").write_text(
            "sku,name,category,brand,cost,price,currency,safety_stock,supplier,listed_at\n"
            f"NEW{number},新品,家居,东方,1.00,2.00,CNY,5,SUP1,2026-06-30 10:00:00\n"
        )
        build_once(settings, with_checks=False)
    step_by_step = mart_hashes(served(settings))
    build_once(settings, full=True, with_checks=False)
    assert step_by_step == mart_hashes(served(settings))
