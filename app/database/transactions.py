"""`reading` and `writing`: the one way to the database. Each runs one use case in one explicit transaction.

Nothing else in the service starts a transaction. A transaction that lost against another one, or lost its connection
before COMMIT, is run again from its first statement; one whose COMMIT may have taken effect never is.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from functools import partial
from typing import ParamSpec, TypeVar

import structlog

from app.database.database import Database
from app.database.failures import CONFLICTS, ConnectionLost
from app.database.replica import UNFIT, Replica, Stale
from app.domain.errors import DatabaseUnavailable, DomainError

log = structlog.get_logger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

_FIRST_PAUSE = 0.01
_LONGEST_PAUSE = 0.5


class Transactions:
    """The transactions of one request (or of one job).

    statements: how many statements they ran so far, BEGIN and COMMIT not counted.
    overlaps: how many of those came while another one ran, and had to wait.
    """

    def __init__(
        self, database: Database, deadline: asyncio.Timeout | None = None, replica: Replica | None = None
    ) -> None:
        """deadline: the request's, which is lifted when COMMIT of a writing transaction is sent.

        From there on the answer is the database's to give: a deadline must not turn a committed effect into a 503.
        replica: where reads go that may be a little old; None where all go to the database.
        """
        self._database = database
        self._deadline = deadline
        self._replica = replica
        self.statements = 0
        self.overlaps = 0

    async def reading(self, use_case: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `use_case(*args)` in a READ ONLY, REPEATABLE READ transaction: all it reads is of one moment.

        Raises what the use case raises, and DatabaseUnavailable.
        """
        return await self._repeated(partial(use_case, *args, **kwargs), writes=False)

    async def viewing(self, use_case: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """As `reading`, and what it reads may be `replica_max_lag` old: a replica serves it where there is one.

        Whatever the caller was told to be written is there all the same. Raises as `reading`.
        """
        replica = self._replica
        if replica is not None and replica.usable:
            try:
                return await self._once(partial(use_case, *args, **kwargs), replica.database, replica=replica)
            except Stale:
                pass
            except UNFIT as error:
                replica.leave(error)
        return await self.reading(use_case, *args, **kwargs)

    async def writing(self, use_case: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `use_case(*args)` in a READ COMMITTED transaction, committed where it returns, undone where it raises.

        Raises what the use case raises, DatabaseUnavailable, and CommitStatusUnknown.
        """
        result = await self._repeated(partial(use_case, *args, **kwargs), writes=True)
        await self.shown()
        return result

    async def shown(self) -> None:
        """Wait until nobody who reads from now on misses what is committed by now; at once where all read here."""
        if self._replica is not None:
            await self._replica.shown()

    async def _repeated(self, use_case: Callable[[], Awaitable[T]], *, writes: bool) -> T:
        ends_at = self._deadline.when() if self._deadline else None
        attempts = self._database.settings.transaction_attempts
        for number in range(1, attempts + 1):
            try:
                return await self._once(use_case, self._database, writes=writes)
            except (*CONFLICTS, ConnectionLost) as error:
                log.warning("transaction_lost", attempt=number, of=attempts, why=type(error).__name__)
                if number == attempts:
                    raise _gave_up(error) from error
                self._database.retried(writes=writes)
            if self._deadline:
                self._deadline.reschedule(ends_at)
            await asyncio.sleep(random.uniform(0, min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**number)))  # noqa: S311 - jitter, no secret
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _once(
        self,
        use_case: Callable[[], Awaitable[T]],
        database: Database,
        *,
        writes: bool = False,
        replica: Replica | None = None,
    ) -> T:
        begin = database.begin_writing if writes else database.begin_reading
        async with database.transaction(database, begin, writes=writes) as transaction:
            if replica is not None:
                replica.ensure_fresh(transaction.raw)
            try:
                result = await use_case()
            finally:
                self.statements += transaction.guard.statements
                self.overlaps += transaction.guard.overlaps
            if self._deadline and writes:
                self._deadline.reschedule(None)
            return result


def _gave_up(error: BaseException) -> DomainError:
    return error if isinstance(error, DatabaseUnavailable) else DatabaseUnavailable("too many transactions in conflict")
