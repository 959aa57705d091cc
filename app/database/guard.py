"""The connection that use cases work on: it belongs to one transaction, and runs one statement at a time.

A transaction lives in a context variable, which child tasks inherit. Without a guard, `asyncio.gather` in a transaction
fails with asyncpg's "another operation is in progress", and a task that outlives its transaction uses a connection that
another request may hold by then.
"""

import asyncio
from typing import Any, Literal

import asyncpg
import structlog

from app.database.errors import PooledConnection

log = structlog.get_logger(__name__)

Overlap = Literal["queue", "raise"]


class OverlappingStatements(RuntimeError):
    """Two statements ran at the same time in one transaction (requirements 1.3, 2.1, 6.2)."""


class TransactionEnded(RuntimeError):
    """A statement ran after the end of its transaction (requirement 6.4)."""


class GuardedConnection:
    """A connection for one transaction.

    overlap: what to do with a statement while another one runs: "queue" it and log a warning, or "raise".
    statements: how many have run. overlaps: how many were started while another one ran.
    """

    __slots__ = ("_connection", "_ended", "_lock", "_overlap", "_running", "overlaps", "statements")

    def __init__(self, connection: PooledConnection, overlap: Overlap) -> None:
        self._connection = connection
        self._overlap = overlap
        self._lock = asyncio.Lock()
        self._running = ("", "")
        self._ended = False
        self.statements = 0
        self.overlaps = 0

    async def fetch(self, query: str, *args: Any) -> list[asyncpg.Record]:
        """Run one statement and return its rows.

        Raises OverlappingStatements, TransactionEnded, and the errors of asyncpg.
        """
        self._ensure_open(query)
        if self._lock.locked():
            self._note_overlap(query)
        async with self._lock:
            self._ensure_open(query)
            self._running = (query, _task())
            self.statements += 1
            return await self._connection.fetch(query, *args)

    async def execute(self, query: str) -> None:
        """Run one statement without arguments, as Piccolo does for savepoints. Raises as `fetch` does."""
        await self.fetch(query)

    async def end(self) -> None:
        """Refuse further statements, and wait for the one that still runs."""
        self._ended = True
        if self._lock.locked():
            async with self._lock:
                pass

    def _ensure_open(self, query: str) -> None:
        if self._ended:
            raise TransactionEnded(f"{_task()} runs a statement after the end of its transaction: {query}")

    def _note_overlap(self, query: str) -> None:
        first, first_task = self._running
        self.overlaps += 1
        if self._overlap == "raise":
            raise OverlappingStatements(
                f"Two statements at once in one transaction; await them one after another. "
                f"{first_task} runs: {first} | {_task()} wants: {query}"
            )
        log.warning("overlapping_statements", running=first, by=first_task, queued=query, wanted_by=_task())


def _task() -> str:
    task = asyncio.current_task()
    return f"task {task.get_name()}" if task else "no task"
