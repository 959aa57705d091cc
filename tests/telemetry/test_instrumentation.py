"""The instrumentation reports the outcome of each transaction and question, and leaks no connection."""

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
    """An instrumentation that records its calls."""

    def __init__(self) -> None:
        self.ends: list[tuple[bool, TransactionOutcome, int, int]] = []
        self.statements: list[str] = []
        self.changes = {"waiting": 0, "in use": 0}
        self.retries: list[bool] = []
        self.questions: list[tuple[str, QuestionOutcome]] = []
        self.replies: list[tuple[str, bool, int]] = []

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
        self.questions.append((interviewer, outcome))

    def record_reply(self, interviewer: str, reply: Reply, questions: int) -> None:
        self.replies.append((interviewer, reply.is_final, questions))


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
async def instrumented(settings: Settings, record: Record) -> AsyncIterator[UnitOfWork]:
    database = InstrumentedDatabase(settings.database_url or "", settings, record)
    await database.open()
    yield UnitOfWork(database)
    await database.close()
    assert record.changes == {"waiting": 0, "in use": 0}


async def test_committed_if_the_use_case_returns(instrumented: UnitOfWork, record: Record) -> None:
    await instrumented.read(COUNT.one)
    await instrumented.write(COUNT.one)

    assert record.ends == [(False, "committed", 1, 0), (True, "committed", 1, 0)]
    assert record.statements == ["SELECT", "SELECT"]


async def test_rolled_back_if_a_write_raises_a_domain_error(instrumented: UnitOfWork, record: Record) -> None:
    async def deny_access() -> None:
        await COUNT.one()
        raise AccessDenied

    with pytest.raises(AccessDenied):
        await instrumented.write(deny_access)
    with pytest.raises(AccessDenied):
        await instrumented.read(deny_access)

    assert record.ends == [(True, "rolled_back", 1, 0), (False, "committed", 1, 0)]


async def test_lost_and_retried_if_the_connection_is_lost(
    instrumented: UnitOfWork, record: Record, database_url: str
) -> None:
    administrator = await asyncpg.connect(database_url)
    killed: list[int] = []

    async def kill_backend_once() -> None:
        (row,) = await Interview.raw("SELECT pg_backend_pid() AS pid")
        if not killed:
            killed.append(row["pid"])
            await administrator.fetchval("SELECT pg_terminate_backend($1)", row["pid"])
        await COUNT.one()

    await instrumented.write(kill_backend_once)
    await administrator.close()

    assert [(writes, outcome) for writes, outcome, *_ in record.ends] == [(True, "lost"), (True, "committed")]
    assert record.retries == [True]


async def test_rolled_back_with_an_overlap_if_statements_overlap(instrumented: UnitOfWork, record: Record) -> None:
    async def run_concurrently() -> None:
        await asyncio.gather(COUNT.one(), COUNT.one())

    with pytest.raises(OverlappingStatements):
        await instrumented.read(run_concurrently)

    assert record.ends == [(False, "rolled_back", 1, 1)]


async def test_no_transaction_stays_waiting_if_the_database_is_unreachable(settings: Settings, record: Record) -> None:
    database = InstrumentedDatabase("postgresql://127.0.0.1:1/nowhere", settings, record)
    await database.open()
    with pytest.raises(DatabaseUnavailable):
        await UnitOfWork(database).read(COUNT.one)
    await database.close()

    assert record.changes == {"waiting": 0, "in use": 0}
    assert {outcome for _, outcome, *_ in record.ends} <= {"lost", "rolled_back"}


async def test_complete_and_streamed_questions_are_timed(record: Record) -> None:
    instrumented = instrument_interviewer(ScriptedInterviewer(), record)

    assert (await instrumented.reply(HELLO)).question
    assert isinstance(instrumented, StreamingInterviewer)
    parts: list[str] = []
    reported = await instrumented.reply_in_parts(HELLO, parts.append)
    assert "".join(parts) == reported.question

    assert record.questions == [("scripted", "answered"), ("scripted", "answered")]
    assert record.replies == [("scripted", False, 0), ("scripted", False, 0)]
    assert (instrumented.provider, instrumented.matches_processes) == ("scripted", False)


@pytest.mark.parametrize("interviewer", [ScriptedInterviewer(), RecordingInterviewer()])
async def test_an_instrumented_interviewer_streams_if_the_interviewer_streams(
    record: Record, interviewer: Interviewer
) -> None:
    instrumented = instrument_interviewer(interviewer, record)

    assert isinstance(instrumented, StreamingInterviewer) == isinstance(interviewer, StreamingInterviewer)
    assert isinstance(instrumented, ClosableInterviewer)
    await instrumented.aclose()


async def test_failed_and_interrupted_questions_are_distinguished(record: Record) -> None:
    class Failing(ScriptedInterviewer):
        async def reply(self, conversation: Conversation) -> Reply:
            if conversation is HELLO:
                raise RuntimeError("no")
            await asyncio.Event().wait()
            raise AssertionError

    instrumented = instrument_interviewer(Failing(), record)
    with pytest.raises(RuntimeError):
        await instrumented.reply(HELLO)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await instrumented.reply(Conversation(Language.PT, (), ""))

    assert record.questions == [("scripted", "failed"), ("scripted", "interrupted")]
