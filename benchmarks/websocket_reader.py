"""A reader of the app without a browser: speaks the app's WebSocket as the browser does.

One `Reader` is one tab. `open(page, query)` asks for a page and waits until the script has
finished; what comes back is the time from the intended moment of sending, so a stalled server is
not hidden.
"""

from __future__ import annotations

import asyncio
import time
from types import TracebackType

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

_MAX_MESSAGE = 64 * 1024 * 1024
# A run that stopped because it asked for another one, which follows.
_CUT_SHORT = ForwardMsg.ScriptFinishedStatus.FINISHED_EARLY_FOR_RERUN


class PageFailed(RuntimeError):
    """The page showed an exception, or the connection ended."""


class Reader:
    """One tab of the app. Use as an async context manager."""

    def __init__(self, host: str, port: int, cookie: str = "") -> None:
        self._url = f"ws://{host}:{port}/_stcore/stream"
        self._origin = f"http://{host}:{port}"
        self._cookie = cookie
        self._socket: websockets.ClientConnection | None = None
        self.elements: set[str] = set()  # kinds of elements the last page had

    async def __aenter__(self) -> Reader:
        headers = {"Cookie": self._cookie} if self._cookie else {}
        self._socket = await websockets.connect(
            self._url,
            subprotocols=[websockets.Subprotocol("streamlit")],
            additional_headers=headers,
            origin=websockets.Origin(self._origin),
            max_size=_MAX_MESSAGE,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        if self._socket is not None:
            await self._socket.close()

    async def open(self, page: str, query: str = "", due: float | None = None) -> float:
        """Seconds from the intended moment until the page's script has run to its end.

        Raises:
            PageFailed: the script raised, or nothing came for a minute.
        """
        assert self._socket is not None
        started = time.perf_counter() if due is None else due
        message = BackMsg()
        message.rerun_script.query_string = query
        message.rerun_script.page_name = page
        self.elements.clear()
        await self._socket.send(message.SerializeToString())
        while True:
            data = await asyncio.wait_for(self._socket.recv(), 60)
            if not isinstance(data, bytes):
                continue
            answer = ForwardMsg()
            answer.ParseFromString(data)
            kind = answer.WhichOneof("type")
            if kind == "delta" and answer.delta.WhichOneof("type") == "new_element":
                self._look_at(answer.delta.new_element)
            if kind == "script_finished" and answer.script_finished != _CUT_SHORT:
                return time.perf_counter() - started

    def _look_at(self, element: Element) -> None:
        kind = element.WhichOneof("type")
        if kind == "exception":
            raise PageFailed(element.exception.message)
        self.elements.add(str(kind))
