"""The service as one would write it with FastAPI, SQLAlchemy 2 and PyJWT."""

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
from tests.benchmarks.peers.tokens import BadToken, Caller, Tokens

_BEARER = HTTPBearer(auto_error=False)


async def _session(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.sessions() as session:
        yield session


async def _caller(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]
) -> Caller:
    if credentials is None:
        raise queries.Refused(wire.UNAUTHORIZED)
    try:
        tokens: Tokens = request.app.state.tokens
        return tokens.caller(credentials.credentials)
    except BadToken:
        raise queries.Refused(wire.BAD_TOKEN) from None


def _having(permission: str) -> Callable[..., Any]:
    async def permitted(caller: Annotated[Caller, Depends(_caller)]) -> Caller:
        if permission not in caller.permissions:
            raise queries.Refused(wire.MISSING_PERMISSION)
        return caller

    return permitted


Session = Annotated[AsyncSession, Depends(_session)]
Reader = Annotated[Caller, Depends(_having("interviews:read"))]
Creator = Annotated[Caller, Depends(_having("interviews:create"))]
Updater = Annotated[Caller, Depends(_having("interviews:update"))]
Exporter = Annotated[Caller, Depends(_having("interviews:export"))]

router = APIRouter(prefix="/api/v1")


@router.get("/health")
async def health() -> dict[str, Any]:
    """Alive."""
    return wire.HEALTH


@router.post("/interviews/start")
async def start(wanted: schemas.StartRequest, session: Session, caller: Creator) -> answers.Started:
    """A new interview."""
    async with session.begin():
        interview_id, question, previous = await queries.start(session, caller, wanted.language)
    return answers.started(interview_id, question, previous, wanted.language, caller)


@router.post("/interviews/continue")
async def continue_interview(wanted: schemas.ContinueRequest, session: Session, caller: Creator) -> answers.Continued:
    """The next turn. No transaction is open while the interviewer thinks."""
    async with session.begin():
        opened, history = await queries.open_turn(session, wanted.interview_id, caller)
    reply = await queries.think(opened, history, wanted.user_response)
    async with session.begin():
        number = await queries.record_turn(session, opened, wanted.user_response, reply, caller)
    return answers.continued(wanted, opened, reply, number)


@router.post("/interviews/export")
async def export(wanted: schemas.ExportRequest, session: Session, caller: Exporter) -> answers.Exported:
    """An interview to take away."""
    async with session.begin():
        interview = await queries.find(session, wanted.interview_id, caller, messages=True)
    return answers.exported(interview)


@router.get("/interviews")
async def list_interviews(
    session: Session,
    caller: Reader,
    page: Annotated[int, Query(ge=1)] = 1,
    page_size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> answers.List:
    """The caller's interviews."""
    async with session.begin():
        found = await queries.list_page(session, caller, page, page_size)
    return answers.listed(found, caller, page, page_size)


@router.get("/interviews/{interview_id}")
async def get_interview(interview_id: UUID, session: Session, caller: Reader) -> answers.Got:
    """One interview."""
    async with session.begin():
        interview = await queries.find(session, interview_id, caller, messages=True)
    return answers.got(interview, caller)


@router.patch("/interviews/{interview_id}")
async def change_status(
    interview_id: UUID, wanted: schemas.ChangeStatusRequest, session: Session, caller: Updater
) -> answers.Changed:
    """Change the status."""
    async with session.begin():
        interview, fields = await queries.change_status(session, interview_id, wanted.status.value, caller)
    return answers.changed(interview, fields, caller)


async def _on_refusal(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, queries.Refused)
    return JSONResponse(error.body, int(str(error.body["code"])))


async def _on_invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    faults = [
        {"field": " -> ".join(map(str, each["loc"][1:])), "error": each["msg"], "type": each["type"]}
        for each in error.errors()
    ]
    meta = {"endpoint": request.url.path, "method": request.method}
    return JSONResponse(wire.refusal(422, "Validation error", faults, meta), 422)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    engine = make_engine()
    app.state.sessions = make_sessions(engine)
    app.state.tokens = Tokens(Path(os.environ["JWT_KEY_DIR"]))
    yield
    await engine.dispose()


def create_app() -> FastAPI:
    """Make it."""
    app = FastAPI(lifespan=_lifespan)
    app.include_router(router)
    app.add_exception_handler(queries.Refused, _on_refusal)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    return app
