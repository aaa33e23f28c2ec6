"""A system outside: an HTTP server that keeps idempotency keys and does each thing once."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Call:
    """One request as it came in. Header names are lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """What it was asked, and what it did about it.

    Attributes:
        effects: idempotency key -> the body it acted on, once.
        statuses: what it answers next, instead of doing anything; then it does as asked.
        answer: body (and status) of an answer to a call; default: what was done.
    """

    address: str = ""
    calls: list[Call] = field(default_factory=list)
    effects: dict[str, Any] = field(default_factory=dict)
    statuses: list[int] = field(default_factory=list)
    answer: Callable[[Call], tuple[int, Any]] | None = None

    def take(self, call: Call) -> tuple[int, Any]:
        self.calls.append(call)
        if self.statuses:
            return self.statuses.pop(0), {"error": "not now"}
        if self.answer is not None:
            return self.answer(call)
        self.effects.setdefault(call.headers["idempotency-key"], call.json)
        return 200, {"id": f"r{len(self.effects)}"}


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a free port of this machine."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            size = int(self.headers.get("content-length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            call = Call(self.command, self.path, headers, self.rfile.read(size))
            status, body = receiver.take(call)
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = _serve

        def log_message(self, format: str, *args: Any) -> None:
            """Tests read `calls`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
