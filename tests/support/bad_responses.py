"""Responses that are cut off before their end or never sent."""

import threading

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send


class AbortableStream(StreamingResponse):
    """A stream that closes the connection in the middle of its body if its source raises ConnectionAbortedError."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__({**scope, "asgi": {"version": "3.0"}}, receive, send)
        except ConnectionAbortedError:
            return


class HangingResponse(Response):
    """Sends nothing until the client disconnects."""

    def __init__(self, disconnected: threading.Event) -> None:
        super().__init__()
        self._disconnected = disconnected

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._disconnected.set()


class TruncatedResponse(Response):
    """Announces a body and closes the connection before its end."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"id": "', "more_body": True})
