"""Bring a database up to the tables: Piccolo's migrations, all or none, and by one process at a time.

Piccolo commits a migration and notes it in a second transaction: killed between the two, it would trip over its own
tables from then on. So everything that is missing is applied and noted in one transaction, on one connection.
"""

import contextlib
import io
from collections.abc import AsyncIterator, Iterator

import asyncpg
from piccolo.apps.migrations.commands.base import BaseMigrationManager
from piccolo.apps.migrations.commands.forwards import run_forwards
from piccolo.conf.apps import Finder
from piccolo.engine.postgres import PostgresTransaction

from app.database.engine import ENGINE
from app.database.failures import translated, translating
from app.database.outcome import APPLICATION_NAME

OLDEST_POSTGRESQL = 14
_ADVISORY_LOCK = 0x696E7465727669  # "intervi": any number will do, as long as all our processes use the same
_LOCK_TIMEOUT = "60s"


class MigrationFailed(Exception):
    """The database cannot be brought up to date, and is as it was; says why in one line."""


async def migrate(url: str) -> list[str]:
    """Apply what is missing and return its names, oldest first; nothing where all is there.

    Processes that start at once wait for one another on an advisory lock, a minute at the most.
    Raises MigrationFailed, and DatabaseUnavailable.
    """
    async with _connected(url) as connection, connection.transaction():
        await connection.execute(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'")
        try:
            await connection.execute(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
        except asyncpg.LockNotAvailableError as error:
            raise MigrationFailed("another process has been migrating this database for a minute") from error
        missing = await _missing(connection)
        if missing:
            with _piccolo_on(connection):
                await _run_missing()
        return missing


async def pending(url: str) -> list[str]:
    """The names of the migrations that the database lacks. Raises MigrationFailed and DatabaseUnavailable."""
    async with _connected(url) as connection:
        return await _missing(connection)


def expected() -> list[str]:
    """The names of all migrations, in the order in which they are applied."""
    finder = Finder()
    manager = BaseMigrationManager()
    return [
        f"{name}/{migration}"
        for name in manager.get_sorted_app_names()
        for migration in sorted(
            manager.get_migration_ids(
                manager.get_migration_modules(finder.get_app_config(name).resolved_migrations_folder_path)
            )
        )
    ]


@contextlib.asynccontextmanager
async def _connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    with translating():
        connection = await asyncpg.connect(url, timeout=10, server_settings={"application_name": APPLICATION_NAME})
    try:
        version = connection.get_server_version().major
        if version < OLDEST_POSTGRESQL:
            raise MigrationFailed(f"PostgreSQL {version} is too old; {OLDEST_POSTGRESQL} or newer is needed")
        with translating(connection):
            yield connection
    finally:
        await connection.close()


@contextlib.contextmanager
def _piccolo_on(connection: asyncpg.Connection) -> Iterator[None]:
    """Let Piccolo run everything on this connection, in the transaction that is open on it."""
    transaction = PostgresTransaction(ENGINE)
    transaction.connection = connection
    token = ENGINE.current_transaction.set(transaction)
    try:
        yield
    finally:
        ENGINE.current_transaction.reset(token)


async def _missing(connection: asyncpg.Connection) -> list[str]:
    done: set[str] = set()
    if await connection.fetchval("SELECT to_regclass('migration')"):
        rows = await connection.fetch("SELECT app_name, name FROM migration")
        done = {f"{row['app_name']}/{row['name']}" for row in rows}
    return [name for name in expected() if name not in done]


async def _run_missing() -> None:
    progress = io.StringIO()  # Piccolo prints as it goes
    try:
        with contextlib.redirect_stdout(progress):
            result = await run_forwards(app_name="all")
    except asyncpg.PostgresError as error:
        if translated(error) is not None:
            raise
        raise MigrationFailed(str(error)) from error
    if not result.success:
        raise MigrationFailed(result.message or progress.getvalue().strip().replace("\n", " "))
