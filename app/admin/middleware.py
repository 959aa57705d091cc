"""Middleware around Piccolo Admin: allowed paths, transactions and error responses."""

import re

import asyncpg
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from app.admin.buffered_exchange import BufferedExchange
from app.admin.session_auth import current_unit_of_work
from app.database.deadline import Deadline
from app.database.unit_of_work import UnitOfWork
from app.http.error_responses import error_response
from app.http.errors import FieldError, InvalidRequest, MethodNotAllowed, PathNotFound, RequestTimedOut
from app.http.request import read_body, receive_body
from app.http.schemas import AdminLoginRequest
from app.state import Services
from app.use_cases.administration import show_answers

SESSION_COOKIE = "id"
"""The name of piccolo-api's session cookie."""

_CONTROL_CHARACTER = re.compile(rb"[\x00-\x1f\x7f]")

_LOGIN = "/public/login/"
_LOGOUT = "/public/logout/"
_WITHOUT_DATABASE = ("/assets/", "/public/translations/", "/public/meta/")
_READ = ("/api/tables/", "/api/user/", "/api/forms/", "/api/links/")
"""The paths that the pages use. Piccolo Admin has others, for files, passwords and a page with external scripts."""


class AdminMiddleware:
    """Pure ASGI middleware around Piccolo Admin, which must be mounted. It closes WebSockets.

    A request that reads data runs in one READ ONLY transaction, so PostgreSQL rejects every write that Piccolo Admin
    fails to reject. Only login and logout write, in transactions of their own. The response is sent after the
    transaction. All other paths are 404.
    """

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self.app = app
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a connection."""
        if scope["type"] != "http":
            await WebSocketClose()(scope, receive, send)
            return
        path = scope["path"].removeprefix(scope["root_path"])
        if scope["method"] in ("GET", "HEAD") and (path == "/" or path.startswith(_WITHOUT_DATABASE)):
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            exchange = await self._handle_within_deadline(request, path)
        except Exception as error:  # noqa: BLE001 - every error becomes a response and a log line
            await error_response(request, _convert_query_error(error))(scope, receive, send)
            return
        for message in exchange.response:
            await send(message)

    async def _handle_within_deadline(self, request: Request, path: str) -> BufferedExchange:
        try:
            async with Deadline.after(self._services.settings.request_timeout) as deadline:
                current_unit_of_work.set(UnitOfWork(self._services.database, deadline, self._services.replica))
                return await self._handle(request, path)
        except TimeoutError as error:
            if deadline.expired:
                raise RequestTimedOut from error
            raise

    async def _handle(self, request: Request, path: str) -> BufferedExchange:
        """Raises PathNotFound, MethodNotAllowed and the errors of the request body and the database."""
        exchange = BufferedExchange(request, await receive_body(request))
        if path.startswith(_READ):
            await current_unit_of_work.get().read(self._read, exchange)
            _ensure_headers_can_be_sent(exchange)
            return exchange
        if path == "/" or path.startswith(_WITHOUT_DATABASE):
            raise MethodNotAllowed("GET, HEAD")
        if path not in (_LOGIN, _LOGOUT):
            raise PathNotFound
        if request.method != "POST":
            raise MethodNotAllowed("POST")
        if path == _LOGIN:
            await read_body(exchange.create_request(), AdminLoginRequest)
        await exchange.run(self.app)
        return exchange

    async def _read(self, exchange: BufferedExchange) -> None:
        token = exchange.create_request().cookies.get(SESSION_COOKIE)
        if token:
            await show_answers(token)
        await exchange.run(self.app)


def _ensure_headers_can_be_sent(exchange: BufferedExchange) -> None:
    """Raise InvalidRequest if a header contains a control character, because the server would drop the connection.

    Piccolo Admin copies parameters of the query into headers, such as `__range_header_name` into Content-Range.
    """
    headers = exchange.response[0]["headers"] if exchange.response else ()
    if any(_CONTROL_CHARACTER.search(part) for header in headers for part in header):
        raise InvalidRequest([FieldError("query", "A control character cannot be used here", "value_error")])


def _convert_query_error(error: Exception) -> Exception:
    """Return InvalidRequest for a value that Piccolo Admin did not validate, otherwise the error itself."""
    if isinstance(error, (asyncpg.DataError, ValueError)):
        return InvalidRequest([FieldError("query", "A column or value that cannot be used here", "value_error")])
    return error
