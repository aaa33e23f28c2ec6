"""Has the app's code write the digest of a day: one place knows what figures mean, and for whom.

A process of its own, like the app: nothing here imports the app.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

from orderhouse.settings import PROJECT_ROOT, Settings


class DigestError(RuntimeError):
    """The digest was not written; the text says why."""


def write_digests(settings: Settings, day: date | None) -> list[Path]:
    """Writes every post's digest of a day (default: the last whole one); returns the files.

    Raises:
        DigestError: nothing is published, or the outbox cannot be written.
    """
    command = [sys.executable, "-m", "dashboards.digest"]
    if day is not None:
        command += ["--date", day.isoformat()]
    surroundings = os.environ | {"ORDERHOUSE_HOME": str(settings.root)}
    if settings.now is not None:
        surroundings |= {"ORDERHOUSE_NOW": settings.now.isoformat()}
    done = subprocess.run(
        command, cwd=PROJECT_ROOT, env=surroundings, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise DigestError(said[-1] if said else "The digest was not written.")
    return [Path(name) for name in json.loads(done.stdout.splitlines()[-1])]
