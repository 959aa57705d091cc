"""The service as one would write it with Litestar, SQLAlchemy 2 and PyJWT; answers are the same pydantic models."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from litestar import Litestar, Request, Response, Router, get, patch, post
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import ValidationException
from litestar.handlers.base import BaseRouteHandler
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult, DefineMiddleware
from litestar.params import Parameter
from sqlalchemy.ext.asyncio import AsyncSession

from tests.benchmarks.peers import answers, queries, schemas, wire
from tests.benchmarks.peers.sessions import make_engine, make_sessions
from tests.benchmarks.peers.tokens import BadToken, Caller, Tokens

_TYPES = {"String should have at least 1 character": "string_too_short"}
"""pydantic's types of fault, which Litestar does not pass on."""

Asked = Request[Caller, Any, State]


class _Authentication(AbstractAuthenticationMiddleware):
    async def authenticate_request(self, connection: ASGIConnection[Any, Any, Any, Any]) -> AuthenticationResult:
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise queries.Refused(wire.UNAUTHORIZED)
        try:
            tokens: Tokens = connection.app.state.tokens
            return AuthenticationResult(user=tokens.caller(token), auth=token)
        except BadToken:
            raise queries.Refused(wire.BAD_TOKEN) from None


def _permitted(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """A guard: the permission stands in the handler's options."""
    if handler.opt["permission"] not in connection.user.permissions:
        raise queries.Refused(wire.MISSING_PERMISSION)


async def _session(state: State) -> AsyncIterator[AsyncSession]:
    async with state.sessions() as session:
        yield session


@get("/health")
async def health() -> dict[str, Any]:
    """Alive."""
    return wire.HEALTH


@post("/start", status_code=200, permission="interviews:create")
async def start(data: schemas.StartRequest, session: AsyncSession, request: Asked) -> answers.Started:
    """A new interview."""
    async with session.begin():
        interview_id, question, previous = await queries.start(session, request.user, data.language)
    return answers.started(interview_id, question, previous, data.language, request.user)


@post("/continue", status_code=200, permission="interviews:create")
async def continue_interview(data: schemas.ContinueRequest, session: AsyncSession, request: Asked) -> answers.Continued:
    """The next turn. No transaction is open while the interviewer thinks."""
    async with session.begin():
        opened, history = await queries.open_turn(session, data.interview_id, request.user)
    reply = await queries.think(opened, history, data.user_response)
    async with session.begin():
        number = await queries.record_turn(session, opened, data.user_response, reply, request.user)
    return answers.continued(data, opened, reply, number)


@post("/export", status_code=200, permission="interviews:export")
async def export(data: schemas.ExportRequest, session: AsyncSession, request: Asked) -> answers.Exported:
    """An interview to take away."""
    async with session.begin():
        interview = await queries.find(session, data.interview_id, request.user, messages=True)
    return answers.exported(interview)


@get("/", permission="interviews:read")
async def list_interviews(
    session: AsyncSession,
    request: Asked,
    page: Annotated[int, Parameter(ge=1)] = 1,
    page_size: Annotated[int, Parameter(ge=1, le=100)] = 20,
) -> answers.List:
    """The caller's interviews."""
    async with session.begin():
        found = await queries.list_page(session, request.user, page, page_size)
    return answers.listed(found, request.user, page, page_size)


@get("/{interview_id:uuid}", permission="interviews:read")
async def get_interview(interview_id: UUID, session: AsyncSession, request: Asked) -> answers.Got:
    """One interview."""
    async with session.begin():
        interview = await queries.find(session, interview_id, request.user, messages=True)
    return answers.got(interview, request.user)


@patch("/{interview_id:uuid}", permission="interviews:update")
async def change_status(
    interview_id: UUID, data: schemas.ChangeStatusRequest, session: AsyncSession, request: Asked
) -> answers.Changed:
    """Change the status."""
    async with session.begin():
        interview, fields = await queries.change_status(session, interview_id, data.status.value, request.user)
    return answers.changed(interview, fields, request.user)


def _on_refusal(request: Asked, error: queries.Refused) -> Response[dict[str, object]]:
    return Response(error.body, status_code=int(str(error.body["code"])))


def _on_invalid(request: Asked, error: ValidationException) -> Response[dict[str, Any]]:
    found: Any = error.extra
    faults = [
        {"field": each["key"], "error": each["message"], "type": _TYPES.get(each["message"], "")} for each in found
    ]
    meta = {"endpoint": request.url.path, "method": request.method}
    return Response(wire.refusal(422, "Validation error", faults, meta), status_code=422)


def create_app() -> Litestar:
    """Make it."""
    engine = make_engine()
    state = State({"sessions": make_sessions(engine), "tokens": Tokens(Path(os.environ["JWT_KEY_DIR"]))})
    operations = Router(
        "/interviews",
        route_handlers=[start, continue_interview, export, list_interviews, get_interview, change_status],
        dependencies={"session": Provide(_session)},
        guards=[_permitted],
        middleware=[DefineMiddleware(_Authentication)],
    )
    return Litestar(
        [Router("/api/v1", route_handlers=[health, operations])],
        state=state,
        exception_handlers={queries.Refused: _on_refusal, ValidationException: _on_invalid},
        on_shutdown=[engine.dispose],
        openapi_config=None,
        logging_config=None,
    )
