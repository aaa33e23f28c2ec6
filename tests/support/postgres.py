"""A real PostgreSQL for tests: made with initdb in a temporary folder, thrown away afterwards.

PostgreSQL refuses to run as root, so as root it is started as the user `postgres`. Missing programs
fail the test: a database that was not tried must not look like one that works.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LIBRARIES = Path("/usr/lib/postgresql")


def _programs() -> Path:
    versions = sorted(LIBRARIES.glob("*/bin/initdb")) if LIBRARIES.is_dir() else []
    found = shutil.which("initdb")
    if found:
        versions.append(Path(found).resolve())
    if not versions:
        raise AssertionError(
            f"PostgreSQL's initdb is neither on the PATH nor under {LIBRARIES}. The ledger "
            "promises PostgreSQL, so its tests need one: install the package `postgresql`."
        )
    return versions[-1].parent


def _run(*command: str | Path) -> None:
    # The server refuses root; `runuser` may lie outside a plain user's path.
    runuser = shutil.which("runuser") or "/usr/sbin/runuser"
    prefix = [runuser, "-u", "postgres", "--"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*prefix, *map(str, command)], capture_output=True, text=True, cwd="/", check=False
    )
    if done.returncode:
        raise AssertionError(f"{command[0]} failed:\n{done.stdout}\n{done.stderr}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running_postgres() -> Iterator[str]:
    """The URL of a fresh server's database `postgres`, over loopback."""
    programs, port = _programs(), _free_port()
    folder = Path(tempfile.mkdtemp(prefix="orderhouse-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    data = folder / "data"
    try:
        _run(
            programs / "initdb",
            "-D",
            data,
            "-U",
            "ledger",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
        )
        # What outlives a killed client does not depend on the disk; only a power cut would.
        fast = "-c fsync=off -c full_page_writes=off"
        options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} {fast}"
        log = folder / "log"
        _run(programs / "pg_ctl", "-D", data, "-l", log, "-o", options, "-w", "start")
        try:
            yield f"postgresql+psycopg://ledger@127.0.0.1:{port}/postgres"
        finally:
            _run(programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
