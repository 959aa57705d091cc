"""A database and an interviewer that report to an Instrumentation. They replace the plain ones if telemetry is on."""

from collections.abc import Awaitable, Sequence
from time import perf_counter
from types import TracebackType
from typing import Any, Literal, cast

import asyncpg

from app.database.database import Database
from app.database.errors import CONFLICTS, ConnectionLost
from app.database.guard import GuardedConnection
from app.database.leases import PooledConnection
from app.database.transaction import RequestTransaction, Source
from app.domain.errors import CommitStatusUnknown, DomainError
from app.domain.interview import Role
from app.interviewer.protocol import (
    ClosableInterviewer,
    Conversation,
    Interviewer,
    PartCallback,
    Reply,
    StreamingInterviewer,
)
from app.settings import Settings
from app.telemetry.instrumentation import (
    Instrumentation,
    QuestionOutcome,
    TransactionInstrumentation,
    TransactionOutcome,
)


class _InstrumentedTransaction(RequestTransaction):
    """A transaction that reports its course, including the wait for a connection."""

    __slots__ = ("_instrumentation", "_report")

    def __init__(self, source: Source, begin: str, *, writes: bool) -> None:
        super().__init__(source, begin, writes=writes)
        self._instrumentation = cast("InstrumentedDatabase", source).instrumentation

    async def __aenter__(self) -> "_InstrumentedTransaction":
        self._report = self._instrumentation.start_transaction(writes=self.writes)
        try:
            await super().__aenter__()
        except BaseException as error:
            if hasattr(self, "_raw"):  # BEGIN failed after a connection was acquired.
                self._instrumentation.change_in_use(-1)
            self._report.record_end(_outcome(error), 0, 0)
            raise
        connection = cast("PooledConnection", _InstrumentedConnection(self._raw, self._report))
        self.guard = self.connection = GuardedConnection(connection, self._source.overlap)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> Literal[False]:
        outcome: TransactionOutcome = "committed" if error is None else _outcome_of_exit(error, writes=self.writes)
        try:
            await super().__aexit__(kind, error, traceback)
        except BaseException as raised:
            outcome = _outcome(raised)
            raise
        finally:
            self._instrumentation.change_in_use(-1)
            self._report.record_end(outcome, self.guard.statements, self.guard.overlaps)
        return False


class _InstrumentedConnection:
    """The part of a connection that a guard uses. Each statement runs through the instrumentation."""

    __slots__ = ("_connection", "_report")

    def __init__(self, connection: PooledConnection, report: TransactionInstrumentation) -> None:
        self._connection = connection
        self._report = report

    async def fetch(self, query: str, *arguments: Any) -> list[asyncpg.Record]:
        return await self._report.run_statement(self._connection, query, arguments)


class InstrumentedDatabase(Database):
    """A database that reports its transactions and its pool."""

    transaction = _InstrumentedTransaction

    def __init__(self, url: str, settings: Settings, instrumentation: Instrumentation) -> None:
        super().__init__(url, settings)
        self.instrumentation = instrumentation

    async def acquire(self) -> PooledConnection:
        """Acquire a connection, see Database.acquire. Report the wait."""
        self.instrumentation.change_waiting(1)
        try:
            connection = await super().acquire()
        finally:
            self.instrumentation.change_waiting(-1)
        self.instrumentation.change_in_use(1)
        return connection

    def record_retry(self, *, writes: bool) -> None:
        """Report that a transaction is retried."""
        self.instrumentation.record_retry(writes=writes)


def instrument_interviewer(interviewer: Interviewer, instrumentation: Instrumentation) -> Interviewer:
    """Return an interviewer that reports its calls, and that streams if `interviewer` does."""
    streams = isinstance(interviewer, StreamingInterviewer)
    return (_InstrumentedStreamingInterviewer if streams else _InstrumentedInterviewer)(interviewer, instrumentation)


class _InstrumentedInterviewer:
    def __init__(self, interviewer: Interviewer, instrumentation: Instrumentation) -> None:
        self.interviewer = interviewer
        self._instrumentation = instrumentation
        self.provider = interviewer.provider
        self.model = interviewer.model
        self.matches_processes = interviewer.matches_processes

    async def reply(self, conversation: Conversation) -> Reply:
        return await self._record(conversation, self.interviewer.reply(conversation))

    async def match_processes(self, conversation: Conversation) -> Sequence[dict[str, Any]]:
        return await self.interviewer.match_processes(conversation)

    async def aclose(self) -> None:
        if isinstance(self.interviewer, ClosableInterviewer):
            await self.interviewer.aclose()

    async def _record(self, conversation: Conversation, call: Awaitable[Reply]) -> Reply:
        started = perf_counter()
        outcome: QuestionOutcome = "interrupted"
        try:
            reply = await call
            outcome = "answered"
        except Exception:
            outcome = "failed"
            raise
        finally:
            self._instrumentation.record_question(self.provider, outcome, perf_counter() - started)
        questions = sum(turn.role is Role.ASSISTANT for turn in conversation.history)
        self._instrumentation.record_reply(self.provider, reply, questions)
        return reply


class _InstrumentedStreamingInterviewer(_InstrumentedInterviewer):
    async def reply_in_parts(self, conversation: Conversation, on_part: PartCallback) -> Reply:
        streaming = cast("StreamingInterviewer", self.interviewer)
        return await self._record(conversation, streaming.reply_in_parts(conversation, on_part))


def _outcome_of_exit(error: BaseException, *, writes: bool) -> TransactionOutcome:
    """Return the outcome of a block that raised. A domain error in a reading transaction does not roll back."""
    return "committed" if isinstance(error, DomainError) and not writes else _outcome(error)


def _outcome(error: BaseException) -> TransactionOutcome:
    if isinstance(error, CommitStatusUnknown):
        return "unknown"
    return "lost" if isinstance(error, (*CONFLICTS, ConnectionLost)) else "rolled_back"
