"""One transaction: begun in one round trip, committed or rolled back, and its connection always given back.

It stands on Piccolo's PostgresTransaction, which leaks its connection and leaves its context variable set when BEGIN,
COMMIT or ROLLBACK raises, and silently joins a transaction that is open already.
"""

import asyncio
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Literal, Protocol, TypeVar

from piccolo.engine.postgres import PostgresTransaction

from app.database.engine import ENGINE
from app.database.failures import CONFLICTS, ConnectionLost, PooledConnection, is_dead, translated, translating
from app.database.guard import GuardedConnection, Overlap
from app.domain.errors import DatabaseUnavailable

CLEANUP_TIMEOUT = 2.0
"""Seconds that a ROLLBACK, or statements that still run at the end, may take before the connection is thrown away."""

T = TypeVar("T")


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

    async def release(self, connection: PooledConnection) -> None:
        """Take a connection back, dead or alive; never raises but CancelledError."""
        ...

    async def committed(self, transaction_id: str) -> bool:
        """Whether a transaction was committed; raises OutcomeUnknown."""
        ...


class RequestTransaction(PostgresTransaction):
    """An explicit transaction on a connection of its own; `async with` it around one use case.

    Raises NestedTransaction where one is open already, DatabaseUnavailable (ConnectionLost where nothing happened and
    trying again is safe) and, from COMMIT, OutcomeUnknown.
    """

    __slots__ = ("_begin", "_guard", "_source", "raw", "writes")

    def __init__(self, source: Source, begin: str, *, writes: bool) -> None:
        """source: the connections. begin: the BEGIN statement with its settings. writes: COMMIT has an effect."""
        super().__init__(ENGINE, allow_nested=True)
        if self._parent is not None:
            raise NestedTransaction("A transaction is open already; call the other use case as a function.")
        self._source = source
        self._begin = begin
        self.writes = writes

    @property
    def statements(self) -> int:
        """How many statements were run in it."""
        return self._guard.statements

    async def __aenter__(self) -> "RequestTransaction":
        self.raw = await self._source.acquire()
        try:
            with translating(self.raw):
                await self.raw.execute(self._begin)
        except BaseException:
            await self._throw_away()
            raise
        self._guard = GuardedConnection(self.raw, self._source.overlap)
        self.connection = self._guard  # what Piccolo sees, and all that it uses of one
        self.context = ENGINE.current_transaction.set(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> Literal[False]:
        ENGINE.current_transaction.reset(self.context)
        if error is not None:
            await uninterrupted(self._undo())
            return False
        if self.writes:
            await uninterrupted(self._commit())
        else:
            await self._finish_reading()
        return False

    async def _finish_reading(self) -> None:
        """COMMIT of a transaction without effect: it may be cut short anywhere, and tried again whole."""
        try:
            with translating(self.raw):
                await self._guard.end()
                await self.raw.execute("COMMIT")
        except BaseException:
            await self._throw_away()
            raise
        await self._source.release(self.raw)

    async def _commit(self) -> None:
        try:
            async with asyncio.timeout(CLEANUP_TIMEOUT):
                await self._guard.end()
        except TimeoutError as error:
            await self._throw_away()
            raise DatabaseUnavailable("a statement outlived its transaction") from error
        transaction_id = self.raw.get_settings().application_name.rpartition("/")[2]
        try:
            async with asyncio.timeout(CLEANUP_TIMEOUT):
                status = await self.raw.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 - _settle tells them apart, and raises
            await self._settle(error, transaction_id)
            return
        await self._source.release(self.raw)
        if status != "COMMIT":
            raise RolledBack("A statement failed and its error was swallowed; nothing was written.")

    async def _settle(self, error: Exception, transaction_id: str) -> None:
        """Find out what became of a COMMIT that raised. Returns where it took effect after all."""
        meant = translated(error, connection=self.raw)
        await self._throw_away()
        if meant is None or isinstance(error, CONFLICTS):
            raise error  # PostgreSQL itself said no: a deferred constraint, a serialization failure
        if not await self._source.committed(transaction_id):
            raise ConnectionLost("the connection was lost before COMMIT took effect") from error

    async def _undo(self) -> None:
        try:
            async with asyncio.timeout(CLEANUP_TIMEOUT):
                await self._guard.end()
                if not is_dead(self.raw):
                    await self.raw.execute("ROLLBACK")
        except (Exception, asyncio.CancelledError):  # noqa: BLE001 - whatever it is: the use case's own error matters, not this
            await self._throw_away()
            return
        await self._source.release(self.raw)

    async def _throw_away(self) -> None:
        """Give the connection back closed; the pool opens another in its place."""
        if not is_dead(self.raw):
            self.raw.terminate()
        await self._source.release(self.raw)


async def uninterrupted(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` to its end even where the caller is cancelled meanwhile; the cancellation is raised afterwards.

    The result, or the error, of `work` is lost only to a cancellation.
    """
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        if not task.cancelled():
            task.exception()
        raise cancelled
    return task.result()
