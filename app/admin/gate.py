"""The way into Piccolo Admin: which paths there are, a transaction for what asks the database, one form of refusals."""

import asyncio

import asyncpg
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from app.admin.logins import current_unit_of_work
from app.admin.recording import Recording, body_of
from app.http.error_responses import error_response
from app.http.errors import FieldError, InvalidRequest, MethodNotAllowed, PathNotFound, RequestTimedOut
from app.http.request import read_body
from app.http.schemas import AdminLoginRequest
from app.state import Services
from app.use_cases.administration import show_answers

SESSION_COOKIE = "id"
"""piccolo-api's name for it."""

_LOGIN = "/public/login/"
_LOGOUT = "/public/logout/"
_WITHOUT_DATABASE = ("/assets/", "/public/translations/", "/public/meta/")
_READ = ("/api/tables/", "/api/user/", "/api/forms/", "/api/links/")
"""What the pages ask for. Piccolo Admin has more: files, passwords, a page about itself with scripts from elsewhere."""


class Gate:
    """Pure ASGI middleware around Piccolo Admin. It must be mounted, and takes no WebSocket.

    What shows anything is served whole in one READ ONLY transaction: what slipped past Piccolo Admin's own refusal
    of writes would be refused by PostgreSQL. Login and logout are the only writes, in transactions of their own.
    Every answer that asks the database goes out after the transaction's end. Paths that are not needed are 404.
    """

    def __init__(self, pages: ASGIApp, services: Services) -> None:
        """pages: Piccolo Admin."""
        self._pages = pages
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, whatever happens."""
        if scope["type"] != "http":
            await WebSocketClose()(scope, receive, send)
            return
        path = scope["path"].removeprefix(scope["root_path"])
        if scope["method"] in ("GET", "HEAD") and (path == "/" or path.startswith(_WITHOUT_DATABASE)):
            await self._pages(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            recording = await self._within_deadline(request, path)
        except Exception as error:  # noqa: BLE001 - whatever it is becomes an answer, and a line in the log
            await error_response(request, _meant(error))(scope, receive, send)
            return
        for message in recording.answer:
            await send(message)

    async def _within_deadline(self, request: Request, path: str) -> Recording:
        try:
            async with asyncio.timeout(self._services.settings.request_timeout) as deadline:
                current_unit_of_work.set(self._services.unit_of_work(deadline))
                return await self._served(request, path)
        except TimeoutError as error:
            if deadline.expired():
                raise RequestTimedOut from error
            raise

    async def _served(self, request: Request, path: str) -> Recording:
        recording = Recording(request, await body_of(request))
        if path.startswith(_READ):
            await current_unit_of_work.get().read(self._read, recording)
            return recording
        if path == "/" or path.startswith(_WITHOUT_DATABASE):
            raise MethodNotAllowed("GET, HEAD")
        if path not in (_LOGIN, _LOGOUT):
            raise PathNotFound
        if request.method != "POST":
            raise MethodNotAllowed("POST")
        if path == _LOGIN:
            await read_body(recording.request(), AdminLoginRequest)
        await recording.run(self._pages)
        return recording

    async def _read(self, recording: Recording) -> None:
        token = recording.request().cookies.get(SESSION_COOKIE)
        if token:
            await show_answers(token)
        await recording.run(self._pages)


def _meant(error: Exception) -> Exception:
    """What a value that Piccolo Admin put into a query unseen amounts to; every other error as it is."""
    if isinstance(error, (asyncpg.DataError, ValueError)):
        return InvalidRequest([FieldError("query", "A column or value that cannot be used here", "value_error")])
    return error
