"""One application's pool of connections: opened on one event loop, bounded in every wait, told apart when it fails."""

import asyncio
import traceback
from contextlib import suppress
from typing import Any

import asyncpg
import structlog

from app.database import outcome
from app.database.dialect import dialect_of, dsn_of
from app.database.engine import ENGINE
from app.database.failures import PooledConnection, translating
from app.database.leases import Leases
from app.database.transaction import RequestTransaction
from app.domain.errors import CommitStatusUnknown, DatabaseUnavailable
from app.settings import Settings

log = structlog.get_logger(__name__)

ANSWER_GRACE = 2.0
"""Seconds beyond the statement timeout after which a database that says nothing is taken for gone."""

_SETTLING_PAUSE = 0.1
_STATEMENT_CACHE_SIZE = 100  # asyncpg's own default


class WrongLoop(RuntimeError):
    """The pool belongs to another event loop than the running one (requirement 7)."""


class _Connection(asyncpg.Connection):
    """A connection that goes back without a round trip: each use is one transaction, and leaves nothing to reset."""

    def get_reset_query(self) -> str:
        return ""


class Database:
    """The pool of one application and what its transactions need to know of it."""

    transaction: type[RequestTransaction] = RequestTransaction

    def __init__(self, url: str, settings: Settings) -> None:
        """url: `postgresql://…` or `cockroachdb://…`. Nothing is connected here; after `open`, connections are made
        when needed. Raises ValueError where the process began with a DATABASE_URL of the other kind.
        """
        dialect = dialect_of(url)
        if dialect.engine != ENGINE.engine_type:
            raise ValueError(f"To use {dialect.name}, name it in DATABASE_URL before the process starts.")
        self.url = dsn_of(url)
        self.settings = settings
        self.overlap = settings.overlap
        limits = "".join(
            f"SET LOCAL {name} = {round(seconds * 1000)}; "
            for name, seconds in (
                ("statement_timeout", settings.statement_timeout),
                ("lock_timeout", settings.lock_timeout),
                ("idle_in_transaction_session_timeout", settings.idle_in_transaction_timeout),
            )
        )
        self.begin_reading = f"BEGIN {dialect.reading}; {limits}"
        self.begin_writing = f"BEGIN {dialect.writing}; {limits}{dialect.announce}"

    async def open(self) -> None:
        """Make the pool on the running loop, and arm the engine. A database out of reach is no error yet."""
        await self._open_on_running_loop()
        ENGINE.arm()

    async def close(self) -> None:
        """Close every connection, those in use too after a grace of their statement timeout, and disarm the engine.

        Raises WrongLoop on another loop than the pool's.
        """
        try:
            if asyncio.get_running_loop() is not self._loop:
                raise self._wrong_loop()
            with suppress(TimeoutError):  # the pool terminates what is left
                async with asyncio.timeout(self.settings.statement_timeout):
                    await self._leases.close()
                    await self._pool.close()
        finally:
            ENGINE.disarm()

    async def acquire(self) -> PooledConnection:
        """A connection of the pool, within `pool_acquire_timeout`.

        Raises DatabaseUnavailable; and WrongLoop where the pool belongs to another loop. If that one is closed, the
        pool is open on the running loop from then on; from a loop that is alive it is never taken.
        """
        if asyncio.get_running_loop() is not self._loop:
            error = self._wrong_loop()
            if self._loop.is_closed():
                await self._open_on_running_loop()
            raise error
        connection = self._leases.parked()
        if connection is not None:
            return connection
        try:
            async with asyncio.timeout(self.settings.pool_acquire_timeout):
                with translating():
                    return await self._leases.take()
        except TimeoutError as error:
            raise DatabaseUnavailable("no connection could be had in time") from error

    def release(self, connection: PooledConnection) -> None:
        """Give a connection back that is outside any transaction; one that is dead by now is replaced."""
        self._leases.give(connection)

    def discard(self, connection: PooledConnection) -> None:
        """Give a connection back closed, at once and whatever state it is in; another one is opened in its place."""
        with suppress(asyncpg.InterfaceError):  # raised where the pool has dropped it already
            connection.terminate()
        self._leases.give(connection)

    def record_retry(self, *, writes: bool) -> None:
        """Called before a transaction is retried. Does nothing here: telemetry overrides it."""

    async def committed(self, announced: str) -> bool:
        """Whether a transaction was committed whose COMMIT got no answer; `announced`: its application_name.

        Asks until the database knows, at most `request_timeout` seconds. Raises CommitStatusUnknown after that, and if
        the database crashed in the meantime.
        """
        transaction = outcome.announced(announced)
        try:
            async with asyncio.timeout(self.settings.request_timeout):
                while True:
                    status = await self._ask(transaction)
                    if status != "in progress":
                        log.warning("commit_outcome_settled", transaction=announced, status=status)
                        return status == "committed"
                    await asyncio.sleep(_SETTLING_PAUSE)
        except TimeoutError as error:
            raise CommitStatusUnknown("the connection was lost during COMMIT") from error

    async def _ask(self, transaction: outcome.Announced) -> outcome.Outcome:
        try:
            connection = await self._leases.take()
            try:
                status = await outcome.ask(connection, transaction)
            except BaseException:
                self.discard(connection)
                raise
            self.release(connection)
        except CommitStatusUnknown:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, there is no better way than to ask again
            log.warning("commit_outcome_not_settled_yet", why=type(error).__name__)
            return "in progress"
        return status

    async def _open_on_running_loop(self) -> None:
        pool: asyncpg.Pool[Any] = await asyncpg.create_pool(
            self.url,
            min_size=0,
            max_size=self.settings.pool_max_size,
            connection_class=_Connection,
            statement_cache_size=_STATEMENT_CACHE_SIZE if self.settings.statement_cache else 0,
            timeout=self.settings.connect_timeout,
            command_timeout=self.settings.statement_timeout + ANSWER_GRACE,
            server_settings={"application_name": outcome.APPLICATION_NAME, "timezone": "UTC"},
        )
        self._loop, self._pool, self._leases = asyncio.get_running_loop(), pool, Leases(pool)
        self._opened_at = "".join(traceback.format_list(traceback.extract_stack(limit=7)[:-2]))

    def _wrong_loop(self) -> WrongLoop:
        owner, running = (f"{loop!r} at {id(loop):#x}" for loop in (self._loop, asyncio.get_running_loop()))
        log.error("pool_on_another_loop", opened_on=owner, running=running, opened_at=self._opened_at)
        return WrongLoop(f"The pool was opened on {owner} and used on {running}; opened at:\n{self._opened_at}")
