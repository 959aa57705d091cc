"""What every request gets, known path or not: an id, an answer whatever happens, and one line in the log."""

import logging
import re
import time

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uuid_utils import uuid7

from app.logs import request_id_of_lines
from app.refusals import REFUSED, answer

log = structlog.get_logger("access")

CLIENT_LEFT = 499
"""What is logged and counted, and never sent, for a client that has gone before its answer."""

_ACCEPTED_ID = re.compile(rb"[A-Za-z0-9._-]{1,128}")


class RequestLog:
    """Pure ASGI middleware: takes X-Request-ID or makes one, echoes it, and puts it on every line logged meanwhile.

    What nobody below has turned into an answer becomes one here, with its id like every other.
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
                message["headers"].append((b"x-request-id", request_id))
            await send(message)

        token = request_id_of_lines.set(request_id.decode())
        try:
            await self.app(scope, receive, send_with_id)
        except Exception as error:
            if status:  # the client has seen a part of an answer: all that is left is to break off
                raise
            await answer(Request(scope), error)(scope, receive, send_with_id)
        finally:
            _log(scope, status or CLIENT_LEFT, time.perf_counter() - started)
            request_id_of_lines.reset(token)


def _log(scope: Scope, status: int, seconds: float) -> None:
    """One line a request; a warning, with the reason, where it was refused."""
    refused = scope.get(REFUSED, {})
    level = logging.WARNING if refused else logging.INFO
    log.log(
        level,
        "request",
        method=scope["method"],
        path=scope["path"],
        status=status,
        ms=round(seconds * 1000, 1),
        **refused,
    )


def _request_id(scope: Scope) -> bytes:
    """The client's id where it is harmless in a log and a header, else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _ACCEPTED_ID.fullmatch(value):
            return bytes(value)
    return str(uuid7()).encode()
