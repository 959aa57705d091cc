"""Answers of a server that fail on their way: cut off, or never sent."""

import threading

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send


class Streamed(StreamingResponse):
    """Ends without the end of its body where its source breaks off: the client sees a cut connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__({**scope, "asgi": {"version": "3.0"}}, receive, send)
        except ConnectionAbortedError:
            return


class Endless(Response):
    """Says nothing until the client hangs up."""

    def __init__(self, hung_up: threading.Event) -> None:
        super().__init__()
        self._hung_up = hung_up

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._hung_up.set()


class BrokenOff(Response):
    """Promises a body and closes the connection half-way."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"id": "', "more_body": True})
