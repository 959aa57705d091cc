"""One transaction: begun in one round trip, committed or rolled back. Its connection always returns to the pool.

Piccolo's PostgresTransaction, its base class, leaks the connection and leaves its context variable set if BEGIN, COMMIT
or ROLLBACK raises, and silently joins a transaction that is already open.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from types import TracebackType
from typing import Any, Literal, Protocol

from piccolo.engine.postgres import PostgresTransaction

from app.database.engine import ENGINE
from app.database.errors import (
    FROM_A_STANDBY,
    ConnectionLost,
    is_refusal,
    raise_translation,
    translate_error,
)
from app.database.guard import GuardedConnection, Overlap
from app.database.leases import PooledConnection, is_dead
from app.domain.errors import DomainError

CLEANUP_TIMEOUT = 2.0
"""Seconds for ROLLBACK and the statements that still run before it. After that, the connection is closed instead."""


class NestedTransaction(RuntimeError):
    """A transaction began inside another one. Use cases call each other as functions instead (requirement 6.4)."""


class RolledBack(RuntimeError):
    """PostgreSQL rolled back on COMMIT: a statement had failed, and the use case swallowed its error."""


class Source(Protocol):
    """Provides connections, and knows whether a transaction was committed."""

    overlap: Overlap
    requires_primary: bool

    async def acquire(self) -> PooledConnection:
        """Return a connection. Raises DatabaseUnavailable."""
        ...

    def release(self, connection: PooledConnection) -> None:
        """Return a connection to the pool. Each connection comes back once, through this method or `discard`."""
        ...

    def discard(self, connection: PooledConnection) -> None:
        """Close a connection in any state, and return it to the pool."""
        ...

    async def was_committed(self, application_name: str, ends_at: float | None = None) -> bool:
        """Return whether a transaction was committed, by the application_name that PostgreSQL reported.

        ends_at: the deadline of the request. Raises CommitStatusUnknown.
        """
        ...


class RequestTransaction(PostgresTransaction):
    """An explicit transaction on its own connection. Use it as an async context manager around one use case.

    Raises NestedTransaction if a transaction is open, DatabaseUnavailable (ConnectionLost if the transaction had no
    effect, so that it is safe to try again), RolledBack and, from COMMIT, CommitStatusUnknown.
    """

    __slots__ = ("_begin", "_raw", "_reported", "_source", "ends_at", "guard", "writes")

    guard: GuardedConnection
    ends_at: float | None
    """The deadline of the request, in the loop's time. It bounds how long a COMMIT without a reply is looked up."""

    def __init__(self, source: Source, begin: str, *, writes: bool) -> None:
        """begin: the BEGIN statement with its settings. writes: COMMIT has an effect."""
        super().__init__(ENGINE, allow_nested=True)
        inherited: object = self._parent
        if isinstance(inherited, RequestTransaction) and not inherited.guard.ended:
            raise NestedTransaction("A transaction is already open; call the other use case as a function.")
        self._parent = None  # A task that outlives the transaction it inherited may open its own.
        self._source = source
        self._begin = begin
        self.writes = writes
        self.ends_at = None

    @property
    def raw(self) -> PooledConnection:
        """The connection without its guard."""
        return self._raw

    async def __aenter__(self) -> "RequestTransaction":
        self._raw = await self._source.acquire()
        try:
            await self._raw.execute(self._begin)
            if self.writes:
                self._reported: str = getattr(self._raw.get_settings(), "application_name", "")
        except BaseException as error:
            self._source.discard(self._raw)
            if self._source.requires_primary and isinstance(error, FROM_A_STANDBY):
                raise ConnectionLost("the server is no longer the primary") from error
            raise_translation(error, connection=self._raw, writes=self.writes)
            raise
        self.guard = GuardedConnection(self._raw, self._source.overlap)
        self.connection = self.guard  # Piccolo uses this
        self.context = ENGINE.current_transaction.set(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> Literal[False]:
        ENGINE.current_transaction.reset(self.context)
        if error is not None and (self.writes or not isinstance(error, DomainError)):
            translation = translate_error(error, connection=self._raw, writes=self.writes)
            await finish_if_cancelled(self._undo())
            if translation is not None and translation is not error:
                raise translation from error
        elif self.writes:
            await finish_if_cancelled(self._finish())
        else:  # no effect: it may be cancelled anywhere
            await self._finish()
        return False

    async def _finish(self) -> None:
        try:
            status = await self._commit()
        except BaseException as error:
            raise_translation(error, connection=self._raw, writes=self.writes)
            raise
        if status != "COMMIT":
            raise RolledBack(f"A statement failed and its error was caught; nothing was written: {self.guard.failure}")

    async def _commit(self) -> str:
        """Commit and return the connection to the pool. Returns what PostgreSQL did: "COMMIT" or "ROLLBACK"."""
        try:
            await self.guard.end()
            self._ensure_alive()
            status = await self._raw.execute("COMMIT")
        except BaseException as error:
            if is_refusal(error):  # PostgreSQL has rolled back, and keeps the connection
                self._source.release(self._raw)
                raise
            self._source.discard(self._raw)
            if not self.writes or isinstance(error, ConnectionLost | asyncio.CancelledError):
                raise
            if not await self._source.was_committed(self._reported, self.ends_at):
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
        except (Exception, asyncio.CancelledError):  # noqa: BLE001 - the use case's own error is raised
            self._source.discard(self._raw)
        else:
            self._source.release(self._raw)


async def finish_if_cancelled(work: Coroutine[Any, Any, None]) -> None:
    """Run `work` to its end even if the caller is cancelled. Then raises CancelledError, even if `work` has failed."""
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
