"""One request to Piccolo Admin that can be run more than once, and its answer, kept back until it is sure."""

from starlette.requests import Request
from starlette.types import ASGIApp, Message

from app.http.errors import BodyTooLarge
from app.http.request import MAX_BODY_SIZE


async def body_of(request: Request) -> bytes:
    """The whole body. Raises BodyTooLarge."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_SIZE:
            raise BodyTooLarge
    return bytes(body)


class Recording:
    """`answer`: the ASGI messages of the last run."""

    def __init__(self, request: Request, body: bytes) -> None:
        """request: as it came, its body read."""
        self._original = request
        self._body = body
        self.answer: list[Message] = []

    def request(self) -> Request:
        """The request once more, its body still to be read."""
        sent = False

        async def receive() -> Message:
            nonlocal sent
            if sent:
                return await self._original.receive()  # says when the client has gone
            sent = True
            return {"type": "http.request", "body": self._body, "more_body": False}

        return Request(dict(self._original.scope), receive)

    async def run(self, pages: ASGIApp) -> None:
        """Let `pages` answer the request. What an earlier run said is forgotten. Raises what `pages` raises."""
        self.answer = []
        request = self.request()

        async def keep(message: Message) -> None:
            self.answer.append(message)

        await pages(request.scope, request.receive, keep)
