"""Transactions and interviewers that are watched: what is composed in where metrics or traces are on."""

from collections.abc import Awaitable, Sequence
from time import perf_counter
from types import TracebackType
from typing import Any, Literal, Protocol, cast

import asyncpg

from app.database.database import Database
from app.database.failures import CONFLICTS, ConnectionLost, PooledConnection
from app.database.guard import GuardedConnection
from app.database.transaction import RequestTransaction, Source
from app.domain.errors import CommitStatusUnknown, DomainError
from app.interviewer.protocol import (
    ClosableInterviewer,
    Conversation,
    Interviewer,
    PartCallback,
    Reply,
    StreamingInterviewer,
)
from app.settings import Settings

Outcome = Literal["committed", "rolled_back", "lost", "unknown"]
"""lost: to another transaction, or with its connection, and safe to try again. unknown: COMMIT got no answer."""

Asked = Literal["answered", "failed", "interrupted"]
"""interrupted: by a deadline, or because the client had gone."""


class WatchedTransaction(Protocol):
    """One attempt at a transaction, from before its connection is had to after COMMIT or ROLLBACK."""

    async def statement(self, connection: PooledConnection, query: str, arguments: tuple[Any, ...]) -> list[Any]:
        """Run a statement."""
        ...

    def ended(self, outcome: Outcome, statements: int, overlaps: int) -> None:
        """It is over. statements, overlaps: as the guard counted them."""
        ...


class Watcher(Protocol):
    """Who is told of transactions, retries and interviewers."""

    def attempt(self, *, writes: bool) -> WatchedTransaction:
        """An attempt begins."""
        ...

    def waiting(self, change: int) -> None:
        """So many requests more wait for a connection."""
        ...

    def in_use(self, change: int) -> None:
        """So many connections more are in use."""
        ...

    def retried(self, *, writes: bool) -> None:
        """A transaction is tried again."""
        ...

    def asked(self, interviewer: str, outcome: Asked, seconds: float) -> None:
        """An interviewer was asked."""
        ...


class _Watched(RequestTransaction):
    """A transaction that tells how it went. It is watched from before it waits for a connection."""

    __slots__ = ("_watched", "_watcher")

    def __init__(self, source: Source, begin: str, *, writes: bool) -> None:
        super().__init__(source, begin, writes=writes)
        self._watcher = cast("WatchedDatabase", source).watcher

    async def __aenter__(self) -> "_Watched":
        self._watched = self._watcher.attempt(writes=self.writes)
        try:
            await super().__aenter__()
        except BaseException as error:
            if hasattr(self, "_raw"):  # BEGIN failed, on a connection that could be had
                self._watcher.in_use(-1)
            self._watched.ended(_outcome(error), 0, 0)
            raise
        statements = cast("PooledConnection", _WatchedStatements(self._raw, self._watched))
        self.guard = self.connection = GuardedConnection(statements, self._source.overlap)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> Literal[False]:
        outcome: Outcome = "committed" if error is None else _undone(error, writes=self.writes)
        try:
            await super().__aexit__(kind, error, traceback)
        except BaseException as raised:
            outcome = _outcome(raised)
            raise
        finally:
            self._watcher.in_use(-1)
            self._watched.ended(outcome, self.guard.statements, self.guard.overlaps)
        return False


class WatchedDatabase(Database):
    """A database whose transactions are watched."""

    transaction = _Watched

    def __init__(self, url: str, settings: Settings, watcher: Watcher) -> None:
        super().__init__(url, settings)
        self.watcher = watcher

    async def acquire(self) -> PooledConnection:
        """A connection, as Database says; whoever waits for one is counted."""
        self.watcher.waiting(1)
        try:
            connection = await super().acquire()
        finally:
            self.watcher.waiting(-1)
        self.watcher.in_use(1)
        return connection

    def retried(self, *, writes: bool) -> None:
        """Tell of a transaction that is tried again."""
        self.watcher.retried(writes=writes)


class _WatchedStatements:
    """What a guard needs of a connection, each statement watched."""

    __slots__ = ("_connection", "_watched")

    def __init__(self, connection: PooledConnection, watched: WatchedTransaction) -> None:
        self._connection = connection
        self._watched = watched

    async def fetch(self, query: str, *arguments: Any) -> list[asyncpg.Record]:
        return await self._watched.statement(self._connection, query, arguments)


def watched_interviewer(interviewer: Interviewer, watcher: Watcher) -> Interviewer:
    """The interviewer, watched while it is asked; it can do what it could before."""
    kind = _WatchedStreaming if isinstance(interviewer, StreamingInterviewer) else _WatchedInterviewer
    return kind(interviewer, watcher)


class _WatchedInterviewer:
    def __init__(self, interviewer: Interviewer, watcher: Watcher) -> None:
        self.interviewer = interviewer
        self._watcher = watcher
        self.provider = interviewer.provider
        self.model = interviewer.model
        self.matches_processes = interviewer.matches_processes

    async def reply(self, conversation: Conversation) -> Reply:
        return await self._timed(self.interviewer.reply(conversation))

    async def match_processes(self, conversation: Conversation) -> Sequence[dict[str, Any]]:
        return await self.interviewer.match_processes(conversation)

    async def aclose(self) -> None:
        if isinstance(self.interviewer, ClosableInterviewer):
            await self.interviewer.aclose()

    async def _timed(self, asking: Awaitable[Reply]) -> Reply:
        started = perf_counter()
        outcome: Asked = "interrupted"
        try:
            reply = await asking
            outcome = "answered"
        except Exception:
            outcome = "failed"
            raise
        finally:
            self._watcher.asked(self.provider, outcome, perf_counter() - started)
        return reply


class _WatchedStreaming(_WatchedInterviewer):
    async def reply_in_parts(self, conversation: Conversation, on_part: PartCallback) -> Reply:
        return await self._timed(cast("StreamingInterviewer", self.interviewer).reply_in_parts(conversation, on_part))


def _undone(error: BaseException, *, writes: bool) -> Outcome:
    """A refused reading transaction has nothing to undo, and is committed."""
    return "committed" if isinstance(error, DomainError) and not writes else _outcome(error)


def _outcome(error: BaseException) -> Outcome:
    if isinstance(error, CommitStatusUnknown):
        return "unknown"
    return "lost" if isinstance(error, (*CONFLICTS, ConnectionLost)) else "rolled_back"


class Several:
    """Tells each of `watchers`, in their order; the first of them runs the statements, and so sees them one by one."""

    def __init__(self, watchers: Sequence[Watcher]) -> None:
        self._watchers = watchers

    def attempt(self, *, writes: bool) -> "_SeveralTransactions":
        """An attempt begins."""
        return _SeveralTransactions([each.attempt(writes=writes) for each in self._watchers])

    def waiting(self, change: int) -> None:
        """So many requests more wait for a connection."""
        for each in self._watchers:
            each.waiting(change)

    def in_use(self, change: int) -> None:
        """So many connections more are in use."""
        for each in self._watchers:
            each.in_use(change)

    def retried(self, *, writes: bool) -> None:
        """A transaction is tried again."""
        for each in self._watchers:
            each.retried(writes=writes)

    def asked(self, interviewer: str, outcome: Asked, seconds: float) -> None:
        """An interviewer was asked."""
        for each in self._watchers:
            each.asked(interviewer, outcome, seconds)


class _SeveralTransactions:
    def __init__(self, watched: Sequence[WatchedTransaction]) -> None:
        self._watched = watched

    async def statement(self, connection: PooledConnection, query: str, arguments: tuple[Any, ...]) -> list[Any]:
        return await self._watched[0].statement(connection, query, arguments)

    def ended(self, outcome: Outcome, statements: int, overlaps: int) -> None:
        for each in self._watched:
            each.ended(outcome, statements, overlaps)
