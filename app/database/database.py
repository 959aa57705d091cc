"""The pool of connections of one application. It belongs to one event loop, and every wait for it has a limit."""

import asyncio
import traceback
from contextlib import suppress
from typing import Any

import asyncpg
import structlog

from app.database.commit_status import (
    APPLICATION_NAME,
    CommitStatus,
    ReportedTransaction,
    look_up,
    parse_reported,
)
from app.database.connector import Connector
from app.database.dialect import dialect_of
from app.database.engine import ENGINE
from app.database.errors import WrongLoop, translate_errors
from app.database.leases import Leases, PooledConnection
from app.database.transaction import RequestTransaction
from app.domain.errors import CommitStatusUnknown, DatabaseNotOpen, DatabaseUnavailable
from app.settings import Settings

log = structlog.get_logger(__name__)

RESPONSE_GRACE = 2.0
"""Seconds after the statement timeout. A database that has not responded by then counts as lost."""

LOOK_UP_MARGIN = 5.0
"""Seconds after the request's deadline in which a COMMIT without a reply is still looked up.

So a response takes at most REQUEST_TIMEOUT + STATEMENT_TIMEOUT + RESPONSE_GRACE + LOOK_UP_MARGIN: COMMIT is sent
before the deadline, and counts as lost after STATEMENT_TIMEOUT + RESPONSE_GRACE.
"""

_LOOK_UP_PAUSE = 0.1
_STATEMENT_CACHE_SIZE = 100  # asyncpg's own default


class _Connection(asyncpg.Connection):
    """A connection that is not reset on release, which saves a round trip: a transaction leaves nothing to reset."""

    def get_reset_query(self) -> str:
        return ""


class Database:
    """The pool of one application, and the BEGIN statements of its transactions."""

    transaction: type[RequestTransaction] = RequestTransaction

    def __init__(self, url: str, settings: Settings) -> None:
        """Nothing connects here. After `open`, connections are made when they are needed.

        Raises ValueError if Piccolo's engine was built for another kind of database.
        """
        dialect = dialect_of(url)
        if dialect.engine != ENGINE.engine_type:
            raise ValueError(f"To use {dialect.name}, set DATABASE_URL before the process starts.")
        self._connect = Connector(url)
        self.requires_primary = self._connect.wants == "primary"
        self.settings = settings
        self._loop: asyncio.AbstractEventLoop | None = None
        self.overlap = settings.overlap
        limits = "".join(
            f"SET LOCAL {name} = {round(seconds * 1000)}; "
            for name, seconds in (
                ("statement_timeout", settings.statement_timeout),
                ("lock_timeout", settings.lock_timeout),
                ("idle_in_transaction_session_timeout", settings.idle_in_transaction_timeout),
            )
        )
        begin = "BEGIN READ WRITE; SET TRANSACTION" if self.requires_primary else "BEGIN"  # a standby refuses it
        self.begin_read = f"{begin} {dialect.begin_read}; {limits}"
        self.begin_write = f"BEGIN {dialect.begin_write}; {limits}{dialect.report_transaction}"

    async def open(self) -> None:
        """Open the pool on the running loop, and arm the engine. An unreachable database is no error yet."""
        await self._open_on_running_loop()
        ENGINE.arm()

    async def close(self) -> None:
        """Close every connection and disarm the engine. Connections in use get one statement timeout to finish.

        Raises WrongLoop on a loop other than the pool's.
        """
        try:
            if asyncio.get_running_loop() is not self._loop:
                raise self._wrong_loop()
            self._loop = None
            try:
                async with asyncio.timeout(self.settings.statement_timeout):
                    await self._leases.close()
                    await self._pool.close()
            except TimeoutError:
                self._pool.terminate()
        finally:
            ENGINE.disarm()

    async def acquire(self) -> PooledConnection:
        """Return a connection of the pool, within `pool_acquire_timeout` seconds.

        Raises DatabaseUnavailable, DatabaseNotOpen if the application's lifespan has not run, and WrongLoop if the pool
        belongs to another loop. If that loop is closed, the pool opens again on the running loop, for the calls that
        follow. A pool is never taken from a loop that is alive.
        """
        if asyncio.get_running_loop() is not self._loop:
            if self._loop is None:
                raise DatabaseNotOpen
            error = self._wrong_loop()
            if self._loop.is_closed():
                await self._open_on_running_loop()
            raise error
        connection = self._leases.acquire_idle()
        if connection is not None:
            return connection
        try:
            async with asyncio.timeout(self.settings.pool_acquire_timeout):
                with translate_errors():
                    return await self._leases.acquire()
        except TimeoutError as error:
            raise DatabaseUnavailable("no connection could be had in time") from error

    def release(self, connection: PooledConnection) -> None:
        """Return a connection to the pool, outside any transaction. The pool replaces it if it is closed."""
        self._leases.release(connection)

    def discard(self, connection: PooledConnection) -> None:
        """Close a connection immediately, in any state. The pool opens another one in its place."""
        with suppress(asyncpg.InterfaceError):  # the pool has dropped it
            connection.terminate()
        self._leases.release(connection)

    def record_retry(self, *, writes: bool) -> None:
        """Called before a transaction is retried. Does nothing here: telemetry overrides it."""

    async def was_committed(self, application_name: str, ends_at: float | None = None) -> bool:
        """Return whether a transaction was committed whose COMMIT got no reply.

        application_name: as PostgreSQL reported it during the transaction. ends_at: the deadline of the request, in the
        loop's time; without a request, `request_timeout` seconds from now.
        Asks until the database knows, at most until LOOK_UP_MARGIN after the deadline. Raises CommitStatusUnknown after
        that, and if the database crashed in the meantime.
        """
        transaction = parse_reported(application_name)
        now = asyncio.get_running_loop().time()
        last = max(now, now + self.settings.request_timeout if ends_at is None else ends_at) + LOOK_UP_MARGIN
        try:
            async with asyncio.timeout_at(last):
                while True:
                    status = await self._commit_status(transaction)
                    if status != "in progress":
                        log.warning("commit_status_known", transaction=application_name, status=status)
                        return status == "committed"
                    await asyncio.sleep(_LOOK_UP_PAUSE)
        except TimeoutError as error:
            raise CommitStatusUnknown("the connection was lost during COMMIT") from error

    async def _commit_status(self, transaction: ReportedTransaction) -> CommitStatus:
        try:
            connection = await self._leases.acquire()
            try:
                status = await look_up(connection, transaction)
            except BaseException:
                self.discard(connection)
                raise
            self.release(connection)
        except CommitStatusUnknown:
            raise
        except Exception as error:  # noqa: BLE001 - after any error the service can only ask again
            log.warning("commit_status_not_known_yet", why=type(error).__name__)
            return "in progress"
        return status

    async def _open_on_running_loop(self) -> None:
        pool: asyncpg.Pool[Any] = await asyncpg.create_pool(
            connect=self._connect,
            min_size=0,
            max_size=self.settings.pool_max_size,
            connection_class=_Connection,
            statement_cache_size=_STATEMENT_CACHE_SIZE if self.settings.statement_cache else 0,
            timeout=self.settings.connect_timeout,
            command_timeout=self.settings.statement_timeout + RESPONSE_GRACE,
            server_settings={"application_name": APPLICATION_NAME, "timezone": "UTC"},
        )
        self._loop, self._pool, self._leases = asyncio.get_running_loop(), pool, Leases(pool)
        self._opened_at = "".join(traceback.format_list(traceback.extract_stack(limit=7)[:-2]))

    def _wrong_loop(self) -> WrongLoop:
        owner, running = (f"{loop!r} at {id(loop):#x}" for loop in (self._loop, asyncio.get_running_loop()))
        log.error("pool_on_another_loop", opened_on=owner, running=running, opened_at=self._opened_at)
        return WrongLoop(f"The pool was opened on {owner} and used on {running}; opened at:\n{self._opened_at}")
