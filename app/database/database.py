"""One application's pool of connections: opened on one event loop, bounded in every wait, told apart when it fails."""

import asyncio
import traceback
from typing import Any

import asyncpg
import structlog

from app.database.engine import ENGINE
from app.database.failures import PooledConnection, is_dead, translated, translating
from app.domain.errors import DatabaseUnavailable, OutcomeUnknown
from app.settings import Settings

log = structlog.get_logger(__name__)

APPLICATION_NAME = "interview-system"
_SETTLING_PAUSE = 0.1


class WrongLoop(RuntimeError):
    """The pool belongs to another event loop, which is alive (requirement 7)."""


class _Connection(asyncpg.Connection):
    """A connection that goes back without a round trip: each use is one transaction, and leaves nothing to reset."""

    def get_reset_query(self) -> str:
        return ""


class Database:
    """The pool of one application and what its transactions need to know of it."""

    def __init__(self, url: str, settings: Settings) -> None:
        """url: as asyncpg takes it. Nothing is connected here; after `open`, connections are made when needed."""
        self.url = url
        self.settings = settings
        self.overlap = settings.overlap
        limits = "; ".join(
            f"SET LOCAL {name} = {round(seconds * 1000)}"
            for name, seconds in (
                ("statement_timeout", settings.statement_timeout),
                ("lock_timeout", settings.lock_timeout),
                ("idle_in_transaction_session_timeout", settings.idle_in_transaction_timeout),
            )
        )
        self.begin_reading = f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {limits}"
        # application_name is a parameter that PostgreSQL reports back unasked, so that the transaction's id, by which a
        # COMMIT of unknown outcome is looked up, comes with BEGIN's answer and costs no round trip of its own.
        self.begin_writing = (
            f"BEGIN ISOLATION LEVEL READ COMMITTED; {limits}; "
            f"SELECT set_config('application_name', '{APPLICATION_NAME}/' || pg_current_xact_id(), true)"
        )

    async def open(self) -> None:
        """Make the pool on the running loop, and arm the engine. A database out of reach is no error yet."""
        self._opened_at = "".join(traceback.format_list(traceback.extract_stack(limit=6)[:-1]))
        self._loop = asyncio.get_running_loop()
        self._pool = await self._make_pool()
        ENGINE.arm()

    async def close(self) -> None:
        """Close every connection, those in use too after a grace of their statement timeout, and disarm the engine."""
        ENGINE.disarm()
        try:
            async with asyncio.timeout(self.settings.statement_timeout):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()

    async def acquire(self) -> PooledConnection:
        """A connection of the pool, within `pool_acquire_timeout`.

        Raises DatabaseUnavailable, and WrongLoop where the pool belongs to another loop that is alive.
        """
        if asyncio.get_running_loop() is not self._loop:
            await self._move_to_running_loop()
        try:
            # Not acquire(timeout=…): asyncpg would time the release with it too.
            async with asyncio.timeout(self.settings.pool_acquire_timeout):
                with translating():
                    return await self._pool.acquire()
        except TimeoutError as error:
            raise DatabaseUnavailable("no connection became free in time") from error

    async def release(self, connection: PooledConnection) -> None:
        """Give a connection back, dead or alive."""
        try:
            await self._pool.release(connection)
        except Exception:
            log.warning("connection_not_released_cleanly", exc_info=True)
            if not is_dead(connection):
                connection.terminate()

    async def committed(self, transaction_id: str) -> bool:
        """Whether a transaction whose COMMIT got no answer was committed, by its id (PostgreSQL's pg_xact_status).

        Asks until the database knows, at most `request_timeout` seconds; raises OutcomeUnknown after that.
        """
        try:
            async with asyncio.timeout(self.settings.request_timeout):
                while True:
                    status = await self._transaction_status(transaction_id)
                    if status in ("committed", "aborted"):
                        log.warning("commit_outcome_settled", transaction_id=transaction_id, status=status)
                        return status == "committed"
                    await asyncio.sleep(_SETTLING_PAUSE)
        except TimeoutError as error:
            raise OutcomeUnknown("the connection was lost during COMMIT") from error

    async def _transaction_status(self, transaction_id: str) -> str | None:
        try:
            connection = await self._pool.acquire()
            try:
                status: str | None = await connection.fetchval("SELECT pg_xact_status($1::text::xid8)", transaction_id)
            finally:
                await self.release(connection)
        except Exception as error:
            if translated(error) is None:
                raise
            return None
        return status

    async def _make_pool(self) -> "asyncpg.Pool[Any]":
        return await asyncpg.create_pool(
            self.url,
            min_size=0,
            max_size=self.settings.pool_max_size,
            connection_class=_Connection,
            timeout=self.settings.connect_timeout,
            server_settings={"application_name": APPLICATION_NAME, "timezone": "UTC"},
        )

    async def _move_to_running_loop(self) -> None:
        """Open the pool anew where its loop is closed; never take it from a loop that is alive."""
        running = asyncio.get_running_loop()
        log.error("pool_on_another_loop", opened_on=repr(self._loop), running=repr(running), opened_at=self._opened_at)
        if not self._loop.is_closed():
            raise WrongLoop(
                f"The pool was opened on {self._loop!r} and used on {running!r}; opened at:\n{self._opened_at}"
            )
        self._loop, self._pool = running, await self._make_pool()
