"""The connection that use cases work on: it belongs to one transaction, and runs one statement at a time.

A transaction lives in a context variable, which child tasks inherit. Without a guard, `asyncio.gather` in a transaction
fails with asyncpg's "another operation is in progress", and a task that outlives its transaction uses a connection that
another request may hold by then.
"""

import asyncio
from typing import Any, Literal

import asyncpg
import structlog

from app.database.errors import WrongLoop
from app.database.leases import PooledConnection
from app.database.places import find_place
from app.database.transaction_control import TransactionControl, find_transaction_control

log = structlog.get_logger(__name__)

Overlap = Literal["queue", "raise"]


class OverlappingStatements(RuntimeError):
    """Two statements ran at the same time in one transaction (requirements 1.3, 2.1, 6.2)."""


class TransactionEnded(RuntimeError):
    """A statement ran after the end of its transaction (requirement 6.4)."""


class TransactionFailed(RuntimeError):
    """A statement ran after another one had failed. PostgreSQL refuses every statement until ROLLBACK."""


class GuardedConnection:
    """A connection for one transaction.

    overlap: what to do with a statement while another one runs: "queue" it and log a warning, or "raise".
    statements: how many have run. overlaps: how many were started while another one ran.
    failure: which statement failed, where and why; empty if none has.
    """

    __slots__ = ("_connection", "_lock", "_loop", "_overlap", "_running", "ended", "failure", "overlaps", "statements")

    def __init__(self, connection: PooledConnection, overlap: Overlap) -> None:
        self._connection = connection
        self._overlap = overlap
        self._lock = asyncio.Lock()
        self._loop = asyncio.get_running_loop()
        self._running = ("", "")
        self.ended = False
        self.failure = ""
        self.statements = 0
        self.overlaps = 0

    async def fetch(self, query: str, *args: Any) -> list[asyncpg.Record]:
        """Run one statement and return its rows.

        Raises OverlappingStatements, TransactionEnded, TransactionFailed, TransactionControl, WrongLoop, and the errors
        of asyncpg.
        """
        if find_transaction_control(query):
            raise TransactionControl(
                f"{find_place()} sends {query!r}, but only UnitOfWork begins and ends transactions. Raise an error to "
                "roll back, return to commit, and use `async with nested()` for a savepoint."
            )
        return await self._run(query, args)

    async def execute(self, query: str) -> None:
        """Run a statement without arguments, as Piccolo does for savepoints. Raises as `fetch` does."""
        if find_transaction_control(query) == "savepoint":
            await self._run(query, ())
        else:
            await self.fetch(query)

    async def _run(self, query: str, args: tuple[Any, ...]) -> list[asyncpg.Record]:
        self._ensure_open(query)
        if self._lock.locked():
            self._note_overlap(query)
        async with self._lock:
            self._ensure_open(query)
            self._running = (query, _task())
            self.statements += 1
            try:
                return await self._connection.fetch(query, *args)
            except asyncpg.InFailedSQLTransactionError as error:
                raise TransactionFailed(
                    f"{find_place()} runs a statement after another one failed: {query} | failed before: "
                    f"{self.failure or 'a statement that was cancelled'}. Do not catch the error of a statement and go "
                    "on; to survive it, run the statement in `async with nested()`."
                ) from error
            except BaseException as error:
                self.failure = f"{query} at {find_place()}: {_describe(error)}"
                raise

    async def end(self) -> None:
        """Refuse further statements, and wait for the one that still runs."""
        self.ended = True
        if self._lock.locked():
            async with self._lock:
                pass

    def _ensure_open(self, query: str) -> None:
        if self.ended:
            raise TransactionEnded(
                f"{find_place()} ({_task()}) runs a statement after the end of its transaction: {query}. Read all rows "
                "before the use case returns, await the tasks that it starts, and run later work in its own use case."
            )
        running = asyncio.get_running_loop()
        if running is not self._loop:
            raise WrongLoop(
                f"{find_place()} runs a statement on another event loop than its transaction: {query}. The transaction "
                f"is on {_loop(self._loop)}, the statement on {_loop(running)}. Await the statement in the use case."
            )

    def _note_overlap(self, query: str) -> None:
        first, first_task = self._running
        self.overlaps += 1
        if self._overlap == "raise":
            raise OverlappingStatements(
                f"Two statements ran at the same time in one transaction; await them one after another. "
                f"{first_task} runs: {first} | {_task()} wants: {query}"
            )
        log.warning("overlapping_statements", running=first, by=first_task, queued=query, wanted_by=_task())


def _describe(error: BaseException) -> str:
    """Name an error. Messages of PostgreSQL may quote stored values, so only its code is shown."""
    name = type(error).__name__
    return f"{name} (SQLSTATE {error.sqlstate})" if isinstance(error, asyncpg.PostgresError) else name


def _loop(loop: asyncio.AbstractEventLoop) -> str:
    return f"{loop!r} at {id(loop):#x}"


def _task() -> str:
    task = asyncio.current_task()
    return f"task {task.get_name()}" if task else "no task"
