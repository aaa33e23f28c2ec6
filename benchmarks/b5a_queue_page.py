"""B5a: the queue page under twenty readers, over the real WebSocket and in a real browser.

The real server serves a built home. Every reader is one tab with a session of its own that opens
the page at moments drawn beforehand (Poisson, two seconds apart on average), whether the server
keeps up or not; times count from the drawn moment. First one reader opens the page alone, one time
after the other: what the page costs by itself. Last, Chromium loads the page while the readers go
on; times count from the address entered to the case on screen.
"""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import async_playwright

from benchmarks.homes import ROOT, built_home, settings_for
from benchmarks.websocket_reader import Reader
from dashboards.web import cookies
from orderhouse.ledger import NewUser, create_user, open_ledger, start_session
from orderhouse.settings import PROJECT_ROOT, Settings

READERS = 20
THINK_S = 2.0
SECONDS = 60.0
LOADS = 10
_ALONE = 30
QUEUES = ("Q07", "Q17", "Q24")
_CASE = ".st-key-case_panel"
_HOST = "127.0.0.1"
_TABLE = "dataframe"


@dataclass(frozen=True, slots=True)
class _Taken:
    """Seconds."""

    alone: list[float]
    cost: float  # CPU of the server for one page
    served: list[float]
    painted: list[float]


def run(orders: int, seconds: float = SECONDS) -> list[str]:
    """Three lines: one reader alone, all readers, the page in Chromium."""
    home = ROOT / "readers"
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(built_home(orders), home)
    settings = settings_for(home)
    tokens = _tokens(settings)
    with _server(settings) as (port, pid):
        taken = asyncio.run(_measure(port, pid, tokens, seconds))
    shutil.rmtree(home)
    return [
        _line(
            f"B5a queue page, one reader, {taken.cost * 1000:.0f} ms of CPU, {orders:,} orders",
            taken.alone,
        ),
        _line(f"B5a queue page, {READERS} readers, {orders:,} orders", taken.served),
        _line(f"B5a painted in Chromium beside them, {orders:,} orders", taken.painted),
    ]


def _tokens(settings: Settings) -> list[str]:
    """One account, and a session for each reader and the browser."""
    ledger = open_ledger(settings.ledger_address)
    now = settings.clock()
    create_user(
        ledger,
        NewUser(
            login="reader", password=secrets.token_urlsafe(24), display_name="Reader",
            roles=("ops_lead",),
        ),
        now=now,
    )  # fmt: skip
    tokens = [start_session(ledger, "reader", now=now) for _ in range(READERS + 1)]
    ledger.close()
    return tokens


@contextmanager
def _server(settings: Settings) -> Iterator[tuple[int, int]]:
    """The app in a process of its own, up and healthy; gives its port and process."""
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port = probe.getsockname()[1]
    log_path = settings.root / "server.log"
    with log_path.open("wb") as log:
        server = subprocess.Popen(
            [
                sys.executable, "-m", "uvicorn", "dashboards.server:app",
                "--host", _HOST, "--port", str(port), "--log-level", "warning",
            ],
            cwd=PROJECT_ROOT, stdout=log, stderr=log,
            env=os.environ | {
                "ORDERHOUSE_HOME": str(settings.root),
                "ORDERHOUSE_NOW": settings.clock().isoformat(),
            },
        )  # fmt: skip
        try:
            _wait_until_healthy(port, server, log_path)
            yield port, server.pid
        finally:
            server.terminate()
            server.wait(30)


def _wait_until_healthy(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(240):
        with (
            suppress(urllib.error.URLError, OSError),
            urllib.request.urlopen(f"http://{_HOST}:{port}/healthz", timeout=2),
        ):
            return
        if server.poll() is not None:
            break
        time.sleep(0.25)
    raise SystemExit(f"the app did not come up:\n{log.read_text()}")


def _cpu_seconds(pid: int) -> float:
    """CPU the process has used so far, all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _measure(port: int, pid: int, tokens: list[str], seconds: float) -> _Taken:
    """Everything timed, in its order: one reader, its cost, all readers, the browser."""
    async with AsyncExitStack() as stack:
        readers = [
            await stack.enter_async_context(Reader(_HOST, port, f"{cookies.NAME}={token}"))
            for token in tokens[:READERS]
        ]
        for number, reader in enumerate(readers):  # the first run of a session is another thing
            await reader.open("queue", _query(number))
            if _TABLE not in reader.elements:
                raise SystemExit(f"the queue page shows no cases, only {sorted(reader.elements)}")
        before = _cpu_seconds(pid)
        alone = [await readers[0].open("queue", _query(turn)) for turn in range(_ALONE)]
        cost = (_cpu_seconds(pid) - before) / _ALONE
        served = await _read(readers, seconds, seed=1)
        beside = asyncio.create_task(_read(readers, seconds, seed=2))
        painted = await _paint(f"http://{_HOST}:{port}", tokens[-1])
        beside.cancel()
        with suppress(asyncio.CancelledError):
            await beside
    return _Taken(alone, cost, served, painted)


async def _read(readers: list[Reader], seconds: float, seed: int) -> list[float]:
    """All readers at once, each at its own drawn moments."""
    start = time.perf_counter()
    taken = await asyncio.gather(
        *(
            _one_reader(reader, number, start, _moments(seconds, seed * 1_000 + number))
            for number, reader in enumerate(readers)
        )
    )
    return [second for one in taken for second in one]


def _moments(seconds: float, seed: int) -> list[float]:
    draw, moments, at = random.Random(seed), [], 0.0
    while (at := at + draw.expovariate(1 / THINK_S)) < seconds:
        moments.append(at)
    return moments


async def _one_reader(
    reader: Reader, number: int, start: float, moments: list[float]
) -> list[float]:
    taken = []
    for turn, moment in enumerate(moments, start=number + 1):
        due = start + moment
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        taken.append(await reader.open("queue", _query(turn), due))
    return taken


def _query(turn: int) -> str:
    return f"q={QUEUES[turn % len(QUEUES)]}"


async def _paint(address: str, token: str) -> list[float]:
    """Seconds from entering the address until the case stands on the screen."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        raise SystemExit("Chromium is needed to see the page as people do")
    async with async_playwright() as play:
        browser = await play.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        context = await browser.new_context(viewport={"width": 1440, "height": 950})
        await context.add_cookies([{"name": cookies.NAME, "value": token, "url": address}])
        page = await context.new_page()
        seconds = []
        for turn in range(LOADS + 1):
            await page.goto("about:blank")
            started = time.perf_counter()
            await page.goto(f"{address}/queue?{_query(turn)}", wait_until="commit")
            await page.locator(_CASE).wait_for(timeout=60_000)
            seconds.append(time.perf_counter() - started)
        await browser.close()
    return seconds[1:]  # the first fills the browser's cache


def _line(name: str, seconds: list[float]) -> str:
    cuts = statistics.quantiles(seconds, n=20, method="inclusive")
    return (
        f"| {name} | p50 {statistics.median(seconds) * 1000:.0f} ms, "
        f"p95 {cuts[18] * 1000:.0f} ms | | | | | {len(seconds)} |"
    )
