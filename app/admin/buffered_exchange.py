"""A request that can run several times, and its buffered response. A transaction may have to be retried."""

from starlette.requests import Request
from starlette.types import ASGIApp, Message


class BufferedExchange:
    """A request and its response. `response` contains the ASGI messages of the last run."""

    def __init__(self, request: Request, body: bytes) -> None:
        """body: the body of the request, which has been read."""
        self._request = request
        self._body = body
        self.response: list[Message] = []

    def create_request(self) -> Request:
        """Return a new request whose body can be read."""
        sent = False

        async def receive() -> Message:
            nonlocal sent
            if sent:
                return await self._request.receive()  # Returns if the client disconnects.
            sent = True
            return {"type": "http.request", "body": self._body, "more_body": False}

        return Request(dict(self._request.scope), receive)

    async def run(self, app: ASGIApp) -> None:
        """Run the request and buffer the response. Discards the response of an earlier run."""
        self.response = []
        request = self.create_request()

        async def append(message: Message) -> None:
            self.response.append(message)

        await app(request.scope, request.receive, append)
