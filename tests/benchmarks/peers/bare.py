"""Requests and responses of a bare ASGI callable."""

from starlette.types import Receive, Scope, Send
from uuid_utils import uuid7

from tests.benchmarks.peers.wire import REQUEST_ID

_FIXED = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]


async def send_response(send: Send, status: int, body: bytes, *more_headers: tuple[bytes, bytes]) -> None:
    """Send a response."""
    headers = [*_FIXED, (b"content-length", str(len(body)).encode()), *more_headers]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def read_body(receive: Receive) -> bytes:
    """Return the body of a request."""
    message = await receive()
    body: bytes = message["body"]
    while message.get("more_body"):
        message = await receive()
        body += message["body"]
    return body


class Constant:
    """Answers every request with one error response after reading its body, except health, which is 200.

    Only the request id differs, as in the responses of the service.
    """

    def __init__(self, status: int, body: bytes) -> None:
        self.status = status
        self._before, _, self._after = body.partition(REQUEST_ID.encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "lifespan":
            raise NotImplementedError
        if scope["method"] == "POST":
            await read_body(receive)
        elif scope["path"] == "/api/v1/health":
            await send_response(send, 200, b"{}")
            return
        request_id = str(uuid7()).encode()
        body = b"%b%b%b" % (self._before, request_id, self._after)
        await send_response(send, self.status, body, (b"x-request-id", request_id))
