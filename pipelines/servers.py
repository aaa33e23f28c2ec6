"""Starts and stops the servers of a home: the app, Dagster (UI and daemon), the webhook inbox."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from orderhouse.connections import HookConnection, load_connections
from orderhouse.settings import PROJECT_ROOT, Settings
from pipelines.home import use_dagster_home

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class ServerError(RuntimeError):
    """A server did not come up; the text names its log."""


def app_command(settings: Settings) -> list[str]:
    return [
        sys.executable, "-m", "uvicorn", "dashboards.server:app",
        "--host", settings.app_host, "--port", str(settings.app_port), "--log-level", "warning",
    ]  # fmt: skip


def dagster_command(settings: Settings) -> list[str]:
    # Dagster's UI has no sign-in, so it listens on this machine only, whatever the app does.
    return [
        str(Path(sys.executable).parent / "dagster"), "dev", "-m", "pipelines.definitions",
        "-h", "127.0.0.1", "-p", str(settings.dagster_port),
    ]  # fmt: skip


def hooks_command() -> list[str]:
    return [str(Path(sys.executable).parent / "orderhouse"), "hooks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One server of a home: how it is started, where it says that it lives, what people open."""

    name: str
    label: str
    command: list[str]
    port: int
    address: str
    health: str


def servers_of(settings: Settings) -> list[Server]:
    """The app and Dagster, and the webhook inbox where a connection has a hook."""
    app = f"http://127.0.0.1:{settings.app_port}"
    dagster = f"http://127.0.0.1:{settings.dagster_port}"
    hooks = f"http://{settings.hooks_host}:{settings.hooks_port}"
    servers = [
        Server(name="app", label="Orderhouse", command=app_command(settings),
               port=settings.app_port, address=app, health=f"{app}/healthz"),
        Server(name="dagster", label="Dagster", command=dagster_command(settings),
               port=settings.dagster_port, address=dagster, health=f"{dagster}/server_info"),
    ]  # fmt: skip
    if load_connections(settings).of(HookConnection):
        servers.append(
            Server(name="hooks", label="Webhooks", command=hooks_command(),
                   port=settings.hooks_port, address=f"{hooks}/hooks/<source>/<shop>",
                   health=f"{hooks}/healthz")
        )  # fmt: skip
    return servers


def _pid_file(settings: Settings, name: str) -> Path:
    return settings.log_dir / f"{name}.pid"


def is_listening(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((host, port)) == 0


def running(settings: Settings, name: str) -> int | None:
    """Process id of a server this home started and that still lives."""
    path = _pid_file(settings, name)
    try:
        pid = int(path.read_text(encoding="utf-8"))
        os.kill(pid, 0)
    except (OSError, ValueError):
        return None
    return pid


def start(settings: Settings, name: str, command: list[str], port: int) -> None:
    """Starts a server in the background with its own log and process group."""
    if running(settings, name) is not None:
        return
    if is_listening("127.0.0.1", port):
        raise ServerError(f"Port {port} is taken by something else. Stop it, or set another port.")
    use_dagster_home(settings)
    settings.log_dir.mkdir(parents=True, exist_ok=True)
    with (settings.log_dir / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            cwd=PROJECT_ROOT, start_new_session=True,
        )  # fmt: skip
    _pid_file(settings, name).write_text(str(process.pid), encoding="utf-8")


def wait_until_up(settings: Settings, name: str, url: str, timeout_s: float = 90.0) -> None:
    """Waits until the server answers.

    Raises:
        ServerError: it did not within the time, or it died.
    """
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310  loopback, http
                if answer.status < 500:
                    return
        except OSError:
            time.sleep(0.4)
        if running(settings, name) is None:
            break
    raise ServerError(f"{name} did not come up. See {settings.log_dir / (name + '.log')}")


def stop(settings: Settings, name: str, say: Callable[[str], None]) -> None:
    pid = running(settings, name)
    if pid is None:
        return
    os.killpg(pid, signal.SIGTERM)
    for _ in range(100):
        if running(settings, name) is None:
            break
        time.sleep(0.1)
    else:
        os.killpg(pid, signal.SIGKILL)
    _pid_file(settings, name).unlink(missing_ok=True)
    say(f"Stopped {name}.")
