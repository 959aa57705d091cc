"""What every request gets, known path or not: an id, an answer whatever happens, and one line in the log."""

import re
import time

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uuid_utils import uuid7

from app.refusals import answer

log = structlog.get_logger("access")

_ACCEPTED_ID = re.compile(rb"[A-Za-z0-9._-]{1,128}")


class RequestLog:
    """Pure ASGI middleware: takes X-Request-ID or makes one, echoes it, and binds it to every line logged meanwhile.

    What nobody below has turned into an answer becomes a 500 here, with its id like every other.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection; only HTTP requests are logged."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _request_id(scope)
        started = time.perf_counter()
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(raw=message["headers"])["X-Request-ID"] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, send_with_id)
            except Exception as error:
                if status:  # the client has seen a part of an answer: all that is left is to break off
                    raise
                await answer(Request(scope), error)(scope, receive, send_with_id)
            finally:
                log.info(
                    "request",
                    method=scope["method"],
                    path=scope["path"],
                    status=status,
                    ms=round((time.perf_counter() - started) * 1000, 1),
                )


def _request_id(scope: Scope) -> str:
    """The client's id where it is harmless in a log and a header, else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _ACCEPTED_ID.fullmatch(value):
            return str(value.decode("ascii"))
    return str(uuid7())
