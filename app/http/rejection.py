"""Rejecting an HTTP message before it is a request that the application can handle."""

from typing import Any

from starlette.types import Message, Scope
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from app.http.errors import REJECTED, HTTPError


class Rejection(Exception):
    """Carries the HTTPError for which a message is rejected out of a callback of the parser."""

    def __init__(self, error: HTTPError) -> None:
        self.error = error


def rejection_scope(protocol: HttpToolsProtocol, error: HTTPError) -> Scope:
    """Return the ASGI scope of the message that the protocol is reading, with the key `REJECTED`."""
    path = protocol.url[:256].partition(b"?")[0]
    return {
        "type": "http",
        "asgi": {"version": protocol.asgi_version, "spec_version": "2.3"},
        "http_version": "1.1",
        "server": protocol.server,
        "client": protocol.client,
        "scheme": protocol.scheme,
        "root_path": "",
        "method": protocol.parser.get_method().decode("ascii", "replace") if protocol.url else "-",
        "path": path.decode("ascii", "replace"),
        "raw_path": path,
        "query_string": b"",
        "headers": [],
        "state": protocol.app_state.copy(),
        REJECTED: error,
    }


async def render_rejection(app: Any, scope: Scope) -> bytes:
    """Return the raw response of the ASGI application `app` to a scope that carries the key `REJECTED`.

    The application sees a client that has disconnected, so it never waits for a body. The response says that the
    connection closes.
    """
    parts: list[bytes] = []

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [pair for pair in message["headers"] if pair[0] != b"connection"]
            lines = [b"%b: %b\r\n" % pair for pair in (*headers, (b"connection", b"close"))]
            parts.extend((STATUS_LINE[message["status"]], *lines, b"\r\n"))
        else:
            parts.append(message.get("body", b""))

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    await app(scope, receive, send)
    return b"".join(parts)
