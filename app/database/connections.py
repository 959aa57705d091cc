"""A connection outside the pool, for commands. Connecting, each statement and closing have time limits."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from app.database.commit_status import APPLICATION_NAME
from app.database.connector import Connector
from app.database.errors import translate_errors

CONNECT_TIMEOUT = 10.0
STATEMENT_TIMEOUT = 10.0
COMMIT_TIMEOUT = 30.0
CLOSE_TIMEOUT = 2.0
"""Seconds. A database that does not answer within them counts as lost."""


@asynccontextmanager
async def open_connection(
    url: str, *, statement_timeout: float = STATEMENT_TIMEOUT
) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    """Yield a connection, and close it after the block. statement_timeout: seconds that one statement may take.

    If the block raises, the connection is closed immediately, even while a statement runs, and PostgreSQL rolls back:
    after a timeout asyncpg would wait without a limit before it sends ROLLBACK.
    Raises DatabaseUnavailable, also for what asyncpg raises in the block.
    """
    with translate_errors():
        async with asyncio.timeout(CONNECT_TIMEOUT):
            connection = await Connector(url)(
                timeout=CONNECT_TIMEOUT,
                command_timeout=statement_timeout,
                statement_cache_size=0,  # a pooler may use another backend for each transaction
                server_settings={"application_name": APPLICATION_NAME},
            )
    try:
        with translate_errors(connection):
            yield connection
    except BaseException:
        connection.terminate()
        raise
    await _close(connection)


@asynccontextmanager
async def transaction(connection: "asyncpg.Connection[asyncpg.Record]", options: str = "") -> AsyncIterator[None]:
    """Run the block in a transaction on a connection of `open_connection`, which rolls back if the block raises.

    options: of BEGIN.
    """
    await connection.execute(f"BEGIN {options}", timeout=STATEMENT_TIMEOUT)
    yield
    await connection.execute("COMMIT", timeout=COMMIT_TIMEOUT)


async def _close(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    try:
        async with asyncio.timeout(CLOSE_TIMEOUT):
            await connection.close()
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
        connection.terminate()
