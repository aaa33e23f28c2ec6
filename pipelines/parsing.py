"""What dbt makes of the project before it runs anything: kept, so that it is parsed once.

What was parsed is the same for every home and every build: paths come from the profile and bounds
from variables when a model is compiled. What a full build does not read (the keys that were
touched) is named as well, so the order of a full build is that of a small one.
"""

from __future__ import annotations

import hashlib
import os
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from orderhouse.settings import Settings

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest


class TransformError(RuntimeError):
    """dbt could not run at all, or a model failed."""


_PARTS = ("models", "macros", "data_tests", "seeds", "dbt_project.yml", "profiles.yml")
_parsed: dict[str, Manifest] = {}


def parse_hash(project: Path) -> str:
    """Hash of everything parsing reads. Of the rows of a seed it reads nothing."""
    from dbt.version import __version__

    digest = hashlib.sha256(str(__version__).encode())
    for part in _PARTS:
        base = project / part
        paths = [base] if base.is_file() else sorted(p for p in base.rglob("*") if p.is_file())
        for path in paths:
            digest.update(path.relative_to(project).as_posix().encode())
            digest.update(b"" if path.suffix == ".csv" else path.read_bytes())
    return digest.hexdigest()


def _place(settings: Settings, digest: str) -> Path:
    return settings.dbt_dir / f"parsed-{digest[:16]}.msgpack"


def kept_project(settings: Settings, digest: str) -> Manifest | None:
    """What this process or this home has parsed before; nothing if it cannot be read."""
    if digest not in _parsed and (place := _place(settings, digest)).exists():
        from dbt.contracts.graph.manifest import Manifest
        from dbt.parser.manifest import extended_mashumuro_decoder

        try:
            found = Manifest.from_msgpack(place.read_bytes(), decoder=extended_mashumuro_decoder)
        except (ValueError, LookupError, TypeError, FileNotFoundError):
            return None  # not whole, or of a project that has changed since: it is parsed again
        found.build_flat_graph()
        _parsed[digest] = found
    return _parsed.get(digest)


def parse_project(settings: Settings, digest: str, flags: Sequence[str]) -> Manifest:
    """Parses and keeps; the caller has told dbt through the environment where the home is.

    Raises:
        TransformError: the project does not parse.
    """
    from dbt.cli.main import dbtRunner
    from dbt.parser.manifest import extended_mashumaro_encoder

    result = dbtRunner().invoke(["--quiet", "parse", "--no-write-json", *flags])
    if not result.success:
        raise TransformError(f"The dbt project does not parse: {result.exception}")
    found: Manifest = result.result  # type: ignore[assignment]
    with _replacing(_place(settings, digest)) as part:
        part.write_bytes(found.to_msgpack(extended_mashumaro_encoder))
    _parsed[digest] = found
    return found


def described(settings: Settings, digest: str, parsed: Callable[[], Manifest]) -> Path:
    """The project in JSON, written where it is not."""
    path = settings.dbt_dir / f"manifest-{digest[:16]}.json"
    if not path.exists():
        found = parsed()
        _settle_flags()
        with _replacing(path) as part:
            found.write(str(part))
    return path


def _settle_flags() -> None:
    """dbt's own flags, which it asks for when it writes: only a command of dbt sets them, and a
    process that reads what another has parsed has run none."""
    from dbt.flags import get_flags, set_from_args

    if not hasattr(get_flags(), "SEND_ANONYMOUS_USAGE_STATS"):
        set_from_args(Namespace(send_anonymous_usage_stats=False), None)


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A file to write that then takes the place of `path`, whole, and of those of other projects.

    Several processes of a home may do so at once: the worker, the orchestrator, a command.
    """
    part = path.with_name(f".{os.getpid()}-{path.name}.part")
    yield part
    part.replace(path)
    for old in path.parent.glob(f"{path.name.partition('-')[0]}-*{path.suffix}"):
        if old != path:
            old.unlink(missing_ok=True)


def read_from(parsed: Manifest, project: Path) -> Manifest:
    """The same project, whose seeds are read from this folder."""
    for node in parsed.nodes.values():
        if str(node.resource_type) == "seed":
            node.root_path = str(project)  # type: ignore[union-attr]
    return parsed


def forget_compiled(parsed: Manifest) -> None:
    """dbt marks what it compiled in the manifest and would not inline ephemeral models again."""
    for node in parsed.nodes.values():
        if str(node.resource_type) != "seed":
            node.compiled, node.compiled_code = False, None
            node.extra_ctes_injected, node.extra_ctes = False, []
