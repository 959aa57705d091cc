"""A response of a bare ASGI callable."""

from starlette.types import Receive, Scope, Send

_FIXED = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]


async def answer(send: Send, status: int, body: bytes) -> None:
    """Send a whole response."""
    headers = [*_FIXED, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def whole_body(receive: Receive) -> bytes:
    """The body of a request."""
    message = await receive()
    body: bytes = message["body"]
    while message.get("more_body"):
        message = await receive()
        body += message["body"]
    return body


class Constant:
    """Answers whatever is asked with one refusal, body read to its end; but the health, which tells that it is up."""

    def __init__(self, status: int, body: bytes) -> None:
        self.status, self.body = status, body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "lifespan":
            raise NotImplementedError
        if scope["method"] == "POST":
            await whole_body(receive)
        elif scope["path"] == "/api/v1/health":
            await answer(send, 200, b"{}")
            return
        await answer(send, self.status, self.body)
