"""Run use cases in transactions. Nothing else in the service begins, commits or rolls back one.

A transaction that loses a conflict, or its connection before COMMIT, runs again from its first statement. A transaction
whose COMMIT may have taken effect does not.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import ParamSpec, TypeVar

import structlog

from app.database.database import Database
from app.database.deadline import Deadline
from app.database.engine import ENGINE, outside_transaction
from app.database.errors import CONFLICTS, ConnectionLost
from app.database.replica import UNFIT, Replica, Stale
from app.domain.errors import DatabaseUnavailable, DomainError

log = structlog.get_logger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

_FIRST_PAUSE = 0.01
_LONGEST_PAUSE = 0.5


class UnitOfWork:
    """The transactions of one request or job. Each method runs one use case in one transaction.

    statements: how many statements have run, without BEGIN and COMMIT.
    overlaps: how many of them had to wait because another one was running.
    has_written: whether a write has been committed.
    """

    def __init__(self, database: Database, deadline: Deadline | None = None, replica: Replica | None = None) -> None:
        """deadline: the request's. It is lifted while a write commits, because a deadline that passes then would turn a
        committed effect into a 503, and holds again afterwards. Work after the end of the request has no deadline.
        replica: serves `read_replica`; None sends every read to the database.
        """
        self._database = database
        self._deadline = deadline
        self._replica = replica
        self.statements = 0
        self.overlaps = 0
        self.has_written = False

    async def read(self, use_case: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `use_case(*args)` in a READ ONLY, REPEATABLE READ transaction: everything it reads is consistent.

        Raises what the use case raises, and DatabaseUnavailable.
        """
        return await self._run_with_retries(partial(use_case, *args, **kwargs), writes=False)

    async def read_replica(self, use_case: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a use case as `read` does, on the replica if there is one and it is fresh enough.

        What it reads is at most `replica_max_lag` old, and includes every write that has been confirmed to a client.
        Raises what `read` raises.
        """
        replica = self._replica
        if replica is not None and replica.usable:
            try:
                return await self._run(partial(use_case, *args, **kwargs), replica.database, replica=replica)
            except Stale:
                pass
            except UNFIT as error:
                replica.pause(error)
        return await self.read(use_case, *args, **kwargs)

    async def write(self, use_case: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `use_case(*args)` in a READ COMMITTED transaction. Commits if it returns, rolls back if it raises.

        Raises what the use case raises, DatabaseUnavailable, and CommitStatusUnknown.
        """
        ends_at = self._deadline.when if self._deadline else None
        result = await self._run_with_retries(partial(use_case, *args, **kwargs), writes=True)
        self.has_written = True
        await self.wait_for_replica()
        self._move_deadline(ends_at)
        return result

    async def wait_for_replica(self) -> None:
        """Wait until the replica has replayed everything committed so far. Does nothing without a replica."""
        if self._replica is not None:
            await self._replica.wait_until_replayed()

    async def _run_with_retries(self, use_case: Callable[[], Awaitable[T]], *, writes: bool) -> T:
        ends_at = self._deadline.when if self._deadline else None
        attempts = self._database.settings.transaction_attempts
        for number in range(1, attempts + 1):
            try:
                return await self._run(use_case, self._database, writes=writes, ends_at=ends_at)
            except (*CONFLICTS, ConnectionLost) as error:
                log.warning("transaction_lost", attempt=number, of=attempts, why=type(error).__name__)
                if number == attempts:
                    raise _final_error(error) from error
                self._database.record_retry(writes=writes)
            self._move_deadline(ends_at)
            await asyncio.sleep(random.uniform(0, min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**number)))  # noqa: S311 - jitter, no secret
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _run(
        self,
        use_case: Callable[[], Awaitable[T]],
        database: Database,
        *,
        writes: bool = False,
        replica: Replica | None = None,
        ends_at: float | None = None,
    ) -> T:
        begin = database.begin_write if writes else database.begin_read
        async with database.transaction(database, begin, writes=writes) as transaction:
            if replica is not None:
                replica.ensure_fresh(transaction.raw)
            try:
                result = await use_case()
            finally:
                self.statements += transaction.guard.statements
                self.overlaps += transaction.guard.overlaps
            if writes:
                transaction.ends_at = ends_at
                self._move_deadline(None)
            return result

    def _move_deadline(self, when: float | None) -> None:
        if self._deadline is not None:
            self._deadline.move(when)


@asynccontextmanager
async def nested() -> AsyncIterator[None]:
    """Run a part of a use case in a savepoint, so that the use case survives an error in it.

        try:
            async with nested():
                await ADD.execute(...)
        except UniqueViolationError:
            ...

    If the block raises, its effects are undone and the error is raised. Raises OutsideTransaction.
    """
    transaction = ENGINE.current_transaction.get()
    if transaction is None:
        raise outside_transaction("nested()")
    savepoint = await transaction.savepoint()
    try:
        yield
    except Exception:
        await savepoint.rollback_to()  # type: ignore[no-untyped-call]
        raise
    await savepoint.release()  # type: ignore[no-untyped-call]


def _final_error(error: BaseException) -> DomainError:
    return error if isinstance(error, DatabaseUnavailable) else DatabaseUnavailable("too many transactions in conflict")
