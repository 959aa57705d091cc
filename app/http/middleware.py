"""The middleware of every request: request id, log line, and an error response for exceptions from below."""

import logging
import re
import time

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uuid_utils import uuid7

from app.http.error_responses import ERROR_KEY, error_response
from app.http.errors import REJECTED, Overloaded
from app.http.router import path_below_root
from app.logs import current_request_id

log = structlog.get_logger("access")

CLIENT_DISCONNECTED = 499
"""Status that logs and metrics show if the client disconnected before the response. It is never sent."""

HEALTH_PATH = "/api/v1/health"

_VALID_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,128}")


class RequestLog:
    """Pure ASGI middleware that accepts or creates the X-Request-ID and logs one line per request.

    Every line logged during the request carries the id. An exception that reaches this middleware becomes an error
    response with the same id.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a connection. Only HTTP requests are logged."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _request_id(scope)
        started = time.perf_counter()
        status = 0

        async def send_with_request_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"].append((b"x-request-id", request_id))
            await send(message)

        token = current_request_id.set(request_id.decode())
        try:
            if REJECTED in scope:
                raise scope[REJECTED]  # noqa: TRY301 - handled like every other error
            await self.app(scope, receive, send_with_request_id)
        except Exception as error:
            if status:  # Part of the response has been sent. The server can only close the connection.
                raise
            await error_response(Request(scope), error)(scope, receive, send_with_request_id)
        finally:
            _log_request(scope, status or CLIENT_DISCONNECTED, time.perf_counter() - started)
            current_request_id.reset(token)


class ConcurrencyLimit:
    """Pure ASGI middleware that responds with 503 to requests beyond `limit`, except for health checks."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        """limit: the number of concurrent requests of one worker."""
        self.app = app
        self._limit = limit
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a connection. Only HTTP requests are counted."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if self._running >= self._limit and not path_below_root(scope).startswith(HEALTH_PATH):
            raise Overloaded
        self._running += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self._running -= 1


def _log_request(scope: Scope, status: int, seconds: float) -> None:
    """Log one line: a warning with the reason for an error response, otherwise info."""
    error = scope.get(ERROR_KEY, {})
    log.log(
        logging.WARNING if error else logging.INFO,
        "request",
        method=scope["method"],
        path=scope["path"],
        status=status,
        ms=round(seconds * 1000, 1),
        **error,
    )


def _request_id(scope: Scope) -> bytes:
    """Return the client's request id if it is safe to log and echo, otherwise a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _VALID_REQUEST_ID.fullmatch(value):
            return bytes(value)
    return str(uuid7()).encode()
