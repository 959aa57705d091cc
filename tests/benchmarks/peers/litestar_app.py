"""The service written with Litestar, SQLAlchemy 2 and PyJWT. Its responses are the same pydantic models."""

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
from tests.benchmarks.peers.tokens import Caller, InvalidToken, Tokens

_TYPES = {"String should have at least 1 character": "string_too_short"}
"""pydantic's error types, which Litestar does not pass on."""

AppRequest = Request[Caller, Any, State]


class _Authentication(AbstractAuthenticationMiddleware):
    async def authenticate_request(self, connection: ASGIConnection[Any, Any, Any, Any]) -> AuthenticationResult:
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise queries.ErrorResponse(wire.UNAUTHORIZED)
        try:
            tokens: Tokens = connection.app.state.tokens
            return AuthenticationResult(user=tokens.verify(token), auth=token)
        except InvalidToken:
            raise queries.ErrorResponse(wire.BAD_TOKEN) from None


def _check_permission(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Check the permission in the handler's options."""
    if handler.opt["permission"] not in connection.user.permissions:
        raise queries.ErrorResponse(wire.MISSING_PERMISSION)


async def _session(state: State) -> AsyncIterator[AsyncSession]:
    async with state.sessions() as session:
        yield session


@get("/health")
async def health() -> dict[str, Any]:
    """Alive."""
    return wire.HEALTH


@post("/start", status_code=200, permission="interviews:create")
async def start(data: schemas.StartRequest, session: AsyncSession, request: AppRequest) -> answers.StartAnswer:
    """Start an interview."""
    async with session.begin():
        interview_id, question, previous = await queries.start(session, request.user, data.language)
    return answers.build_start(interview_id, question, previous, data.language, request.user)


@post("/continue", status_code=200, permission="interviews:create")
async def continue_interview(
    data: schemas.ContinueRequest, session: AsyncSession, request: AppRequest
) -> answers.ContinueAnswer:
    """Continue an interview. No transaction is open while the interviewer generates a question."""
    async with session.begin():
        interview, history = await queries.open_turn(session, data.interview_id, request.user)
    reply = await queries.ask_interviewer(interview, history, data.user_response)
    async with session.begin():
        number = await queries.record_turn(session, interview, data.user_response, reply, request.user)
    return answers.build_continue(data, interview, reply, number)


@post("/export", status_code=200, permission="interviews:export")
async def export(data: schemas.ExportRequest, session: AsyncSession, request: AppRequest) -> answers.ExportAnswer:
    """Export an interview."""
    async with session.begin():
        interview = await queries.find_interview(session, data.interview_id, request.user, messages=True)
    return answers.build_export(interview)


@get("/", permission="interviews:read")
async def list_interviews(
    session: AsyncSession,
    request: AppRequest,
    page: Annotated[int, Parameter(ge=1)] = 1,
    page_size: Annotated[int, Parameter(ge=1, le=100)] = 20,
) -> answers.ListAnswer:
    """List the caller's interviews."""
    async with session.begin():
        found = await queries.list_page(session, request.user, page, page_size)
    return answers.build_list(found, request.user, page, page_size)


@get("/{interview_id:uuid}", permission="interviews:read")
async def get_interview(interview_id: UUID, session: AsyncSession, request: AppRequest) -> answers.GetAnswer:
    """Return an interview."""
    async with session.begin():
        interview = await queries.find_interview(session, interview_id, request.user, messages=True)
    return answers.build_get(interview, request.user)


@patch("/{interview_id:uuid}", permission="interviews:update")
async def change_status(
    interview_id: UUID, data: schemas.ChangeStatusRequest, session: AsyncSession, request: AppRequest
) -> answers.ChangeAnswer:
    """Change the status."""
    async with session.begin():
        interview, fields = await queries.change_status(session, interview_id, data.status.value, request.user)
    return answers.build_change(interview, fields, request.user)


def _on_error_response(request: AppRequest, error: queries.ErrorResponse) -> Response[dict[str, object]]:
    return Response(error.body, status_code=int(str(error.body["code"])))


def _on_invalid(request: AppRequest, error: ValidationException) -> Response[dict[str, Any]]:
    found: Any = error.extra
    errors = [
        {"field": each["key"], "error": each["message"], "type": _TYPES.get(each["message"], "")} for each in found
    ]
    meta = {"endpoint": request.url.path, "method": request.method}
    return Response(wire.error_body(422, "Validation error", errors, meta), status_code=422)


def create_app() -> Litestar:
    """Create the application."""
    engine = make_engine()
    state = State({"sessions": make_sessions(engine), "tokens": Tokens(Path(os.environ["JWT_KEY_DIR"]))})
    operations = Router(
        "/interviews",
        route_handlers=[start, continue_interview, export, list_interviews, get_interview, change_status],
        dependencies={"session": Provide(_session)},
        guards=[_check_permission],
        middleware=[DefineMiddleware(_Authentication)],
    )
    return Litestar(
        [Router("/api/v1", route_handlers=[health, operations])],
        state=state,
        exception_handlers={queries.ErrorResponse: _on_error_response, ValidationException: _on_invalid},
        on_shutdown=[engine.dispose],
        openapi_config=None,
        logging_config=None,
    )
