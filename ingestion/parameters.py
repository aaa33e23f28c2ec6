"""What a shop says differently from its source's mapping: `sources.yml` of a home.

    shops:
      my-shop:
        stripe: {is_only_word: "yes"}
        alipay: {order_shop: tb-shop}

What counts for a file is decided when it lands and kept with it, so that reading it again gives the
same records whatever the house says by then.
"""

from __future__ import annotations

from collections.abc import Mapping as Dict
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from ingestion.errors import LandingError, MappingError
from ingestion.mapping import Mapping, load_mapping

FILE_NAME = "sources.yml"

Parameters = tuple[tuple[str, str], ...]


class ParametersError(LandingError):
    """The house contradicts itself; no file of this shop can land before that is mended."""


def parameters_of(home: Path, source: str, shop: str, given: Dict[str, str]) -> Parameters:
    """What holds for a file that lands now; `given` comes before what the home says.

    Raises:
        ParametersError: with the place, what is not known, and what there is.
    """
    said = _said(home / FILE_NAME, source, shop)
    if not said and not given:
        return ()
    for where, names in ((f"{home / FILE_NAME}: shops.{shop}.{source}", said), ("--set", given)):
        _check(home, source, where, names)
    return tuple(sorted({**said, **given}.items()))


def with_parameters(mapping: Mapping, chosen: Parameters) -> Mapping:
    """The mapping as it is meant for a file; what it has no use for any more is left out."""
    known = {name: value for name, value in chosen if name in mapping.parameters}
    return replace(mapping, parameters={**mapping.parameters, **known}) if known else mapping


def _check(home: Path, source: str, where: str, names: Dict[str, str]) -> None:
    if not names:
        return
    try:
        known = load_mapping(source, home / "sources").parameters
    except MappingError as error:
        raise ParametersError(where, str(error)) from error
    if unknown := sorted(set(names) - set(known)):
        offered = ", ".join(known) or "none"
        raise ParametersError(
            where, f"{source} has no parameter {', '.join(unknown)}; it has: {offered}"
        )


def _said(path: Path, source: str, shop: str) -> dict[str, str]:
    if not path.exists():
        return {}
    try:
        tree: Any = yaml.safe_load(path.read_text("utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f" (line {mark.line + 1})" if mark else ""
        raise ParametersError(str(path), f"is no YAML{line}") from error
    for key in (None, "shops", shop, source):
        if key is not None:
            tree = tree.get(key) or {}
        if not isinstance(tree, dict):
            raise ParametersError(str(path), f"{key or 'the file'} is no mapping of names")
    for name, value in tree.items():
        # YAML takes yes for true; nobody knows then what was written.
        if not isinstance(value, str):
            raise ParametersError(
                str(path), f"shops.{shop}.{source}.{name}: write its value in quotes"
            )
    return dict(tree)
