"""One transaction: begun in one round trip, committed or rolled back, and its connection always given back.

It stands on Piccolo's PostgresTransaction, which leaks its connection and leaves its context variable set when BEGIN,
COMMIT or ROLLBACK raises, and silently joins a transaction that is open already.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from types import TracebackType
from typing import Any, Literal, Protocol

from piccolo.engine.postgres import PostgresTransaction

from app.database.engine import ENGINE
from app.database.failures import ConnectionLost, PooledConnection, is_answer, is_dead, translated, translating
from app.database.guard import GuardedConnection, Overlap
from app.domain.errors import DomainError

CLEANUP_TIMEOUT = 2.0
"""Seconds that a ROLLBACK, with statements that still run before it, may take: then the connection is thrown away."""


class NestedTransaction(RuntimeError):
    """A transaction inside a transaction: use cases call each other as functions instead (requirement 6.4)."""


class RolledBack(RuntimeError):
    """COMMIT was answered by ROLLBACK: a statement had failed and its error was swallowed."""


class Source(Protocol):
    """Where connections come from and go back to, and who knows what became of a transaction."""

    overlap: Overlap

    async def acquire(self) -> PooledConnection:
        """A connection; raises DatabaseUnavailable."""
        ...

    def release(self, connection: PooledConnection) -> None:
        """Take a connection back. It has to come back once: by this, or by `discard`."""
        ...

    def discard(self, connection: PooledConnection) -> None:
        """Take a connection back closed, dead or alive."""
        ...

    async def committed(self, announced: str) -> bool:
        """Whether a transaction was committed, by the application_name that it had; raises CommitStatusUnknown."""
        ...


class RequestTransaction(PostgresTransaction):
    """An explicit transaction on a connection of its own; `async with` it around one use case.

    Raises NestedTransaction where one is open already, DatabaseUnavailable (ConnectionLost where nothing happened and
    trying again is safe), RolledBack and, from COMMIT, CommitStatusUnknown.
    """

    __slots__ = ("_announced", "_begin", "_raw", "_source", "guard", "writes")

    def __init__(self, source: Source, begin: str, *, writes: bool) -> None:
        """source: the connections. begin: the BEGIN statement with its settings. writes: COMMIT has an effect."""
        super().__init__(ENGINE, allow_nested=True)
        if self._parent is not None:
            raise NestedTransaction("A transaction is open already; call the other use case as a function.")
        self._source = source
        self._begin = begin
        self.writes = writes

    @property
    def raw(self) -> PooledConnection:
        """The connection itself, past the guard."""
        return self._raw

    async def __aenter__(self) -> "RequestTransaction":
        self._raw = await self._source.acquire()
        try:
            with translating(self._raw, writes=self.writes):
                await self._raw.execute(self._begin)
                if self.writes:
                    self._announced: str = getattr(self._raw.get_settings(), "application_name", "")
        except BaseException:
            self._source.discard(self._raw)
            raise
        self.guard = GuardedConnection(self._raw, self._source.overlap)
        self.connection = self.guard  # what Piccolo sees, and all that it uses of one
        self.context = ENGINE.current_transaction.set(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> Literal[False]:
        ENGINE.current_transaction.reset(self.context)
        if error is not None and (self.writes or not isinstance(error, DomainError)):
            meant = translated(error, connection=self._raw, writes=self.writes)
            await uninterrupted(self._undo())
            if meant is not None and meant is not error:
                raise meant from error
        elif self.writes:
            await uninterrupted(self._finish())
        else:  # read or refused, without an effect: it may be cut short anywhere, and tried again whole
            await self._finish()
        return False

    async def _finish(self) -> None:
        with translating(self._raw, writes=self.writes):
            status = await self._commit()
        if status != "COMMIT":
            raise RolledBack("A statement failed and its error was swallowed; nothing was written.")

    async def _commit(self) -> str:
        """COMMIT, and give the connection back; what it came to: "COMMIT" or "ROLLBACK"."""
        try:
            await self.guard.end()
            self._ensure_alive()
            status = await self._raw.execute("COMMIT")
        except BaseException as error:
            if is_answer(error):  # PostgreSQL has rolled back, and the connection is as good as before
                self._source.release(self._raw)
                raise
            self._source.discard(self._raw)
            if not self.writes or isinstance(error, ConnectionLost | asyncio.CancelledError):
                raise
            if not await self._source.committed(self._announced):
                raise ConnectionLost("the connection was lost before COMMIT took effect") from error
            return "COMMIT"
        self._source.release(self._raw)
        return status

    def _ensure_alive(self) -> None:
        if is_dead(self._raw):
            raise ConnectionLost("the connection was lost before COMMIT")

    async def _undo(self) -> None:
        try:
            async with asyncio.timeout(CLEANUP_TIMEOUT):
                await self.guard.end()
                await self._raw.execute("ROLLBACK")
        except (Exception, asyncio.CancelledError):  # noqa: BLE001 - whatever it is: the use case's own error matters
            self._source.discard(self._raw)
        else:
            self._source.release(self._raw)


async def uninterrupted(work: Coroutine[Any, Any, None]) -> None:
    """Run `work` to its end even where the caller is cancelled meanwhile; the cancellation is raised afterwards.

    The error of `work` is lost only to a cancellation.
    """
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([task])
        if not task.cancelled():
            task.exception()
        raise
