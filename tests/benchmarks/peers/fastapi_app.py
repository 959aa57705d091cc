"""The service written with FastAPI, SQLAlchemy 2 and PyJWT."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.ext.asyncio import AsyncSession

from tests.benchmarks.peers import answers, queries, schemas, wire
from tests.benchmarks.peers.sessions import make_engine, make_sessions
from tests.benchmarks.peers.tokens import Caller, InvalidToken, Tokens

_BEARER = HTTPBearer(auto_error=False)


async def _session(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.sessions() as session:
        yield session


async def _caller(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]
) -> Caller:
    if credentials is None:
        raise queries.ErrorResponse(wire.UNAUTHORIZED)
    try:
        tokens: Tokens = request.app.state.tokens
        return tokens.verify(credentials.credentials)
    except InvalidToken:
        raise queries.ErrorResponse(wire.BAD_TOKEN) from None


def _require(permission: str) -> Callable[..., Any]:
    async def check_permission(caller: Annotated[Caller, Depends(_caller)]) -> Caller:
        if permission not in caller.permissions:
            raise queries.ErrorResponse(wire.MISSING_PERMISSION)
        return caller

    return check_permission


Session = Annotated[AsyncSession, Depends(_session)]
Reader = Annotated[Caller, Depends(_require("interviews:read"))]
Creator = Annotated[Caller, Depends(_require("interviews:create"))]
Updater = Annotated[Caller, Depends(_require("interviews:update"))]
Exporter = Annotated[Caller, Depends(_require("interviews:export"))]

router = APIRouter(prefix="/api/v1")


@router.get("/health")
async def health() -> dict[str, Any]:
    """Report that the server runs."""
    return wire.HEALTH


@router.post("/interviews/start")
async def start(body: schemas.StartRequest, session: Session, caller: Creator) -> answers.StartAnswer:
    """Start an interview."""
    async with session.begin():
        interview_id, question, previous = await queries.start(session, caller, body.language)
    return answers.build_start(interview_id, question, previous, body.language, caller)


@router.post("/interviews/continue")
async def continue_interview(
    body: schemas.ContinueRequest, session: Session, caller: Creator
) -> answers.ContinueAnswer:
    """Continue an interview. No transaction is open while the interviewer generates a question."""
    async with session.begin():
        interview, history = await queries.open_turn(session, body.interview_id, caller)
    reply = await queries.ask_interviewer(interview, history, body.user_response)
    async with session.begin():
        number = await queries.record_turn(session, interview, body.user_response, reply, caller)
    return answers.build_continue(body, interview, reply, number)


@router.post("/interviews/export")
async def export(body: schemas.ExportRequest, session: Session, caller: Exporter) -> answers.ExportAnswer:
    """Export an interview."""
    async with session.begin():
        interview = await queries.find_interview(session, body.interview_id, caller, messages=True)
    return answers.build_export(interview)


@router.get("/interviews")
async def list_interviews(
    session: Session,
    caller: Reader,
    page: Annotated[int, Query(ge=1)] = 1,
    page_size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> answers.ListAnswer:
    """List the caller's interviews."""
    async with session.begin():
        found = await queries.list_page(session, caller, page, page_size)
    return answers.build_list(found, caller, page, page_size)


@router.get("/interviews/{interview_id}")
async def get_interview(interview_id: UUID, session: Session, caller: Reader) -> answers.GetAnswer:
    """Return an interview."""
    async with session.begin():
        interview = await queries.find_interview(session, interview_id, caller, messages=True)
    return answers.build_get(interview, caller)


@router.patch("/interviews/{interview_id}")
async def change_status(
    interview_id: UUID, body: schemas.ChangeStatusRequest, session: Session, caller: Updater
) -> answers.ChangeAnswer:
    """Change the status."""
    async with session.begin():
        interview, fields = await queries.change_status(session, interview_id, body.status.value, caller)
    return answers.build_change(interview, fields, caller)


async def _on_error_response(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, queries.ErrorResponse)
    return JSONResponse(error.body, int(str(error.body["code"])))


async def _on_invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    errors = [
        {"field": " -> ".join(map(str, each["loc"][1:])), "error": each["msg"], "type": each["type"]}
        for each in error.errors()
    ]
    meta = {"endpoint": request.url.path, "method": request.method}
    return JSONResponse(wire.error_body(422, "Validation error", errors, meta), 422)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    engine = make_engine()
    app.state.sessions = make_sessions(engine)
    app.state.tokens = Tokens(Path(os.environ["JWT_KEY_DIR"]))
    yield
    await engine.dispose()


def create_app() -> FastAPI:
    """Create the application."""
    app = FastAPI(lifespan=_lifespan)
    app.include_router(router)
    app.add_exception_handler(queries.ErrorResponse, _on_error_response)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    return app
