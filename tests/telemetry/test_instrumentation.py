"""Watched transactions and interviewers tell how each went, on a real PostgreSQL, and hold no connection back."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from app.database.guard import OverlappingStatements
from app.database.leases import PooledConnection
from app.database.statement import query
from app.database.unit_of_work import UnitOfWork
from app.domain.errors import AccessDenied, DatabaseUnavailable
from app.domain.interview import Language
from app.interviewer.protocol import ClosableInterviewer, Conversation, Interviewer, Reply, StreamingInterviewer
from app.interviewer.scripted import ScriptedInterviewer
from app.settings import Settings
from app.telemetry.instrumentation import QuestionOutcome, TransactionOutcome
from app.telemetry.instrumented import InstrumentedDatabase, instrument_interviewer
from tables.interview import Interview
from tests.api.conftest import RecordingInterviewer

COUNT = query(lambda: Interview.count())  # noqa: PLW0108 - its parameters would become the statement's
HELLO = Conversation(Language.EN, (), "Ana")


class Record:
    """An instrumentation that remembers."""

    def __init__(self) -> None:
        self.ends: list[tuple[bool, TransactionOutcome, int, int]] = []
        self.statements: list[str] = []
        self.changes = {"waiting": 0, "in use": 0}
        self.retries: list[bool] = []
        self.askings: list[tuple[str, QuestionOutcome]] = []

    def start_transaction(self, *, writes: bool) -> "Attempt":
        return Attempt(self, writes)

    def change_waiting(self, change: int) -> None:
        self.changes["waiting"] += change

    def change_in_use(self, change: int) -> None:
        self.changes["in use"] += change

    def record_retry(self, *, writes: bool) -> None:
        self.retries.append(writes)

    def record_question(self, interviewer: str, outcome: QuestionOutcome, seconds: float) -> None:
        assert seconds >= 0
        self.askings.append((interviewer, outcome))


class Attempt:
    def __init__(self, record: Record, writes: bool) -> None:
        self._record, self._writes = record, writes

    async def run_statement(self, connection: PooledConnection, query: str, arguments: tuple[Any, ...]) -> list[Any]:
        self._record.statements.append(query.split(maxsplit=1)[0])
        return await connection.fetch(query, *arguments)

    def record_end(self, outcome: TransactionOutcome, statements: int, overlaps: int) -> None:
        self._record.ends.append((self._writes, outcome, statements, overlaps))


@pytest.fixture
def record() -> Record:
    return Record()


@pytest.fixture
async def watched(settings: Settings, record: Record) -> AsyncIterator[UnitOfWork]:
    database = InstrumentedDatabase(settings.database_url or "", settings, record)
    await database.open()
    yield UnitOfWork(database)
    await database.close()
    assert record.changes == {"waiting": 0, "in use": 0}


async def test_a_use_case_that_returns_is_committed(watched: UnitOfWork, record: Record) -> None:
    await watched.read(COUNT.one)
    await watched.write(COUNT.one)

    assert record.ends == [(False, "committed", 1, 0), (True, "committed", 1, 0)]
    assert record.statements == ["SELECT", "SELECT"]


async def test_a_refusal_and_a_fault_are_rolled_back(watched: UnitOfWork, record: Record) -> None:
    async def refuse() -> None:
        await COUNT.one()
        raise AccessDenied

    with pytest.raises(AccessDenied):
        await watched.write(refuse)
    with pytest.raises(AccessDenied):
        await watched.read(refuse)

    assert record.ends == [(True, "rolled_back", 1, 0), (False, "committed", 1, 0)]


async def test_a_lost_connection_is_lost_and_tried_again(
    watched: UnitOfWork, record: Record, database_url: str
) -> None:
    executioner = await asyncpg.connect(database_url)
    killed: list[int] = []

    async def be_killed_once() -> None:
        (row,) = await Interview.raw("SELECT pg_backend_pid() AS pid")
        if not killed:
            killed.append(row["pid"])
            await executioner.fetchval("SELECT pg_terminate_backend($1)", row["pid"])
        await COUNT.one()

    await watched.write(be_killed_once)
    await executioner.close()

    assert [(writes, outcome) for writes, outcome, *_ in record.ends] == [(True, "lost"), (True, "committed")]
    assert record.retries == [True]


async def test_an_overlap_is_told(watched: UnitOfWork, record: Record) -> None:
    async def both() -> None:
        await asyncio.gather(COUNT.one(), COUNT.one())

    with pytest.raises(OverlappingStatements):
        await watched.read(both)

    assert record.ends == [(False, "rolled_back", 1, 1)]


async def test_a_database_out_of_reach_leaves_nobody_waiting(settings: Settings, record: Record) -> None:
    database = InstrumentedDatabase("postgresql://127.0.0.1:1/nowhere", settings, record)
    await database.open()
    with pytest.raises(DatabaseUnavailable):
        await UnitOfWork(database).read(COUNT.one)
    await database.close()

    assert record.changes == {"waiting": 0, "in use": 0}
    assert {outcome for _, outcome, *_ in record.ends} <= {"lost", "rolled_back"}


async def test_an_interviewer_is_timed_whole_and_in_parts_and_can_do_what_it_could(record: Record) -> None:
    watched = instrument_interviewer(ScriptedInterviewer(), record)

    assert (await watched.reply(HELLO)).question
    assert isinstance(watched, StreamingInterviewer)
    parts: list[str] = []
    told = await watched.reply_in_parts(HELLO, parts.append)
    assert "".join(parts) == told.question

    assert record.askings == [("scripted", "answered"), ("scripted", "answered")]
    assert (watched.provider, watched.matches_processes) == ("scripted", False)


@pytest.mark.parametrize("interviewer", [ScriptedInterviewer(), RecordingInterviewer()])
async def test_a_watched_interviewer_is_told_in_parts_exactly_where_the_interviewer_is(
    record: Record, interviewer: Interviewer
) -> None:
    watched = instrument_interviewer(interviewer, record)

    assert isinstance(watched, StreamingInterviewer) == isinstance(interviewer, StreamingInterviewer)
    assert isinstance(watched, ClosableInterviewer)
    await watched.aclose()


async def test_an_interviewer_that_fails_or_is_interrupted_is_told_apart(record: Record) -> None:
    class Failing(ScriptedInterviewer):
        async def reply(self, conversation: Conversation) -> Reply:
            if conversation is HELLO:
                raise RuntimeError("no")
            await asyncio.Event().wait()
            raise AssertionError

    watched = instrument_interviewer(Failing(), record)
    with pytest.raises(RuntimeError):
        await watched.reply(HELLO)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await watched.reply(Conversation(Language.PT, (), ""))

    assert record.askings == [("scripted", "failed"), ("scripted", "interrupted")]
