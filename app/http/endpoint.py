"""Base class of the endpoints: method dispatch, deadline, error responses, authorization and the unit of work."""

from collections.abc import Awaitable, Callable

from starlette.endpoints import HTTPEndpoint
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.context.source import Known
from app.database.deadline import Deadline
from app.database.unit_of_work import UnitOfWork
from app.domain.access import Caller, ensure_permitted
from app.domain.permissions import Permission
from app.http.error_responses import error_response
from app.http.errors import MethodNotAllowed, RequestTimedOut
from app.http.request import bearer_token, find_header
from app.state import Services

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

Handler = Callable[[Request], Awaitable[Response]]


class Endpoint(HTTPEndpoint):
    """One path. A subclass has one method per operation: `async def get(self, request) -> Response`.

    An exception raised by an operation becomes its error response. Every method that the subclass does not define is
    a 405, including HEAD and OPTIONS.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope, self.receive, self.send = scope, receive, send
        self.services: Services = scope["app"].state.services
        self.settings = self.services.settings
        self._deadline = Deadline.after(self.settings.request_timeout)
        self.unit_of_work = UnitOfWork(self.services.database, self._deadline, self.services.replica)

    async def authorize(self, request: Request, permission: Permission | None = None) -> Caller:
        """Authenticate the request and check the permission.

        Raises AuthenticationRequired, TokenExpired or InvalidToken (401), KeyServerUnavailable (503) and
        PermissionMissing (403).
        """
        caller = await self.services.verifier.verify(bearer_token(find_header(request, b"authorization")))
        if permission:
            ensure_permitted(caller, permission)
        return caller

    async def find_known(self, request: Request, caller: Caller) -> Known | None:
        """Return what is known of the caller's organization, or None. A source that fails knows nothing."""
        if self.services.context is None:
            return None
        token = bearer_token(find_header(request, b"authorization"))
        return await self.services.context.find(caller.organization_id, token)

    async def dispatch(self) -> None:
        """Handle the request and send the response, unless the client has disconnected."""
        request = Request(self.scope, self.receive)
        try:
            async with self._deadline:
                response = await self.handler(request.method)(request)
        except ClientDisconnect:
            return  # The client disconnected before it had sent the whole body.
        except Exception as error:  # noqa: BLE001 - every error becomes a response and a log line
            response = error_response(
                request, RequestTimedOut(self.unit_of_work.has_written) if self._deadline_caused(error) else error
            )
        if self.settings.server_timing:
            response.headers["Server-Timing"] = f"statements;desc={self.unit_of_work.statements}"
        await response(self.scope, self.receive, self.send)

    def _deadline_caused(self, error: Exception) -> bool:
        """Return whether the request's deadline raised this error. Other timeouts raise TimeoutError too."""
        return isinstance(error, TimeoutError) and self._deadline.expired

    def handler(self, method: str) -> Handler:
        """Return the handler of an HTTP method. Raises MethodNotAllowed."""
        handler: Handler | None = getattr(self, method.lower(), None) if method in _METHODS else None
        if handler is None:
            raise MethodNotAllowed(", ".join(each for each in _METHODS if hasattr(self, each.lower())))
        return handler
