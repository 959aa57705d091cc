"""What all operations share: method, deadline, refusals, and the way to caller and database."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.endpoints import HTTPEndpoint
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.domain.access import Caller, ensure_permitted
from app.domain.errors import DeadlinePassed, MethodNotAllowed
from app.domain.permissions import Permission
from app.identity.bearer import bearer_token
from app.inputs.reading import header
from app.refusals import answer
from app.services import Services

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

Handler = Callable[[Request], Awaitable[Response]]


class Endpoint(HTTPEndpoint):
    """One path. Subclasses have a method per operation: `async def get(self, request) -> Response`.

    Whatever an operation raises becomes its refusal here. `database` runs use cases: see Transactions. A method that
    is not defined is a 405, HEAD and OPTIONS too.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope, self.receive, self.send = scope, receive, send
        self.services: Services = scope["app"].state.services
        self.settings = self.services.settings
        self._deadline = asyncio.timeout(self.settings.request_timeout)
        self.database = self.services.transactions(self._deadline)

    async def authorize(self, request: Request, permission: Permission | None = None) -> Caller:
        """Who asks. Raises what makes a 401, 503 where the key server is out of reach, and PermissionMissing."""
        caller = await self.services.verifier.verify(bearer_token(header(request, b"authorization")))
        if permission:
            ensure_permitted(caller, permission)
        return caller

    async def dispatch(self) -> None:
        """Answer the request, whatever happens, unless nobody is there any more to be answered."""
        request = Request(self.scope, self.receive)
        try:
            async with self._deadline:
                response = await self.handler(request.method)(request)
        except ClientDisconnect:
            return  # in the middle of its own body: no fault of ours, and no refusal that anybody reads
        except Exception as error:  # noqa: BLE001 - whatever it is becomes an answer, and a line in the log
            response = answer(request, DeadlinePassed() if self._passed(error) else error)
        if self.settings.server_timing:
            response.headers["Server-Timing"] = f"statements;desc={self.database.statements}"
        await response(self.scope, self.receive, self.send)

    def _passed(self, error: Exception) -> bool:
        """Whether the deadline raised it. Other things time out too, and are none of the deadline's."""
        return isinstance(error, TimeoutError) and self._deadline.expired()

    def handler(self, method: str) -> Handler:
        """What serves a method. Raises MethodNotAllowed."""
        handler: Handler | None = getattr(self, method.lower(), None) if method in _METHODS else None
        if handler is None:
            raise MethodNotAllowed(", ".join(each for each in _METHODS if hasattr(self, each.lower())))
        return handler
