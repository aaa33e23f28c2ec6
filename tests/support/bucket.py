"""Storage that speaks as much of S3 as listing and reading take: ListObjectsV2, HeadObject,
GetObject, with pages of two objects."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

PAGE = 2


@dataclass
class Bucket:
    """Objects by key; `asked` lists what came in, `grows` is rewritten after each read."""

    endpoint: str = ""
    objects: dict[str, tuple[bytes, datetime]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    grows: set[str] = field(default_factory=set)
    is_down: bool = False

    def put(self, key: str, data: bytes, at: datetime) -> None:
        self.objects[key] = (data, at.replace(tzinfo=UTC))

    def read(self) -> list[str]:
        """Keys that were fetched."""
        return [key for method, key in self.asked if method == "GET"]


def _tag(data: bytes) -> str:
    return f'"{hashlib.md5(data).hexdigest()}"'


def _listing(bucket: Bucket, query: dict[str, list[str]]) -> bytes:
    prefix = query.get("prefix", [""])[0]
    after = query.get("continuation-token", [""])[0]
    keys = [key for key in sorted(bucket.objects) if key.startswith(prefix) and key > after]
    page = keys[:PAGE]
    rows = "".join(
        f"<Contents><Key>{escape(key)}</Key><Size>{len(bucket.objects[key][0])}</Size>"
        f"<ETag>{escape(_tag(bucket.objects[key][0]))}</ETag>"
        f"<LastModified>{bucket.objects[key][1]:%Y-%m-%dT%H:%M:%S.000Z}</LastModified></Contents>"
        for key in page
    )
    more = len(keys) > PAGE
    token = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if more else ""
    return (
        '<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<Name>files</Name><KeyCount>{len(page)}</KeyCount>"
        f"<IsTruncated>{str(more).lower()}</IsTruncated>{token}{rows}</ListBucketResult>"
    ).encode()


@contextmanager
def serving() -> Iterator[Bucket]:
    """The bucket `files` on a free port of this machine."""
    bucket = Bucket()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body leave apart: the second would wait 40 ms for the other end's word.
        disable_nagle_algorithm = True

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            key = unquote(parts.path).removeprefix("/files").removeprefix("/")
            headers: dict[str, str] = {"Content-Type": "application/xml"}
            if bucket.is_down:
                status, data = 403, b"<Error><Code>AccessDenied</Code></Error>"
            elif not key:
                status, data = 200, _listing(bucket, parse_qs(parts.query))
            elif key not in bucket.objects:
                status, data = 404, b"<Error><Code>NoSuchKey</Code></Error>"
            else:
                bucket.asked.append((self.command, key))
                data, at = bucket.objects[key]
                status = 200
                headers = {"ETag": _tag(data), "Last-Modified": format_datetime(at, usegmt=True)}
                if key in bucket.grows and self.command == "GET":
                    bucket.put(key, data + b"more\n", at)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        do_GET = do_HEAD = _serve

        def _refuse(self) -> None:
            bucket.asked.append((self.command, self.path))
            self.send_error(405)

        do_DELETE = do_PUT = do_POST = _refuse

        def log_message(self, format: str, *args: Any) -> None:
            """Tests read `asked`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    bucket.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield bucket
    finally:
        server.shutdown()
        server.server_close()
