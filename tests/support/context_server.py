"""A server of contexts that records its requests."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from tests.support.timeouts import TIMEOUT

Responder = Callable[[asyncio.StreamWriter], Awaitable[None]]

CONTEXT: dict[str, Any] = {
    "processes": [
        {"process_id": "P-1", "name": "Purchase order approval"},
        {"process_id": "P-2", "name": "Onboarding", "aliases": ["new employees"]},
    ],
    "roles": ["Buyer"],
    "systems": ["SAP"],
}


class ContextServer:
    """Lets the coroutine function `responder` write each response. requests: the heads, in lower case."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.responder = respond(CONTEXT)
        self._handlers: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "ContextServer":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/context"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for handler in self._handlers:
            handler.cancel()
        await asyncio.wait_for(self._server.wait_closed(), TIMEOUT)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._handlers.add(task)
        try:
            self.requests.append((await reader.readuntil(b"\r\n\r\n")).decode().lower())
            await self.responder(writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._handlers.discard(task)
            writer.close()


def respond(content: object, status: str = "200 OK", headers: str = "") -> Responder:
    """Return a responder that sends bytes, or an object as JSON."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()

    async def send(writer: asyncio.StreamWriter) -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{headers}\r\n"
        writer.write(head.encode() + body)

    return send


async def hang(writer: asyncio.StreamWriter) -> None:
    """Never send a response."""
    await asyncio.Event().wait()


async def trickle(writer: asyncio.StreamWriter) -> None:
    """Send a response without an end, one byte at a time."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)
