"""Bring a database up to the tables: Piccolo's migrations, run by one process at a time."""

import contextlib
import io
from collections.abc import AsyncIterator

import asyncpg
from piccolo.apps.migrations.commands.base import BaseMigrationManager
from piccolo.apps.migrations.commands.forwards import run_forwards
from piccolo.conf.apps import Finder

from app.database.database import APPLICATION_NAME
from app.database.engine import ENGINE
from app.database.failures import translating

OLDEST_POSTGRESQL = 14
_ADVISORY_LOCK = 0x696E7465727669  # "intervi": any number will do, as long as all our processes use the same
_LOCK_TIMEOUT = "60s"


class MigrationFailed(Exception):
    """The database cannot be brought up to date; says why in one line."""


async def migrate(url: str) -> list[str]:
    """Apply what is missing and return its names, oldest first; nothing where all is there.

    Processes that start at once wait for one another on an advisory lock, a minute at the most.
    Raises MigrationFailed, and DatabaseUnavailable.
    """
    async with _connected(url) as connection:
        await connection.execute(f"SET lock_timeout = '{_LOCK_TIMEOUT}'")
        try:
            await connection.execute(f"SELECT pg_advisory_lock({_ADVISORY_LOCK})")
        except asyncpg.LockNotAvailableError as error:
            raise MigrationFailed("another process has been migrating this database for a minute") from error
        missing = await _missing(connection)
        if missing:
            await _run_missing(url)
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
        yield connection
    finally:
        await connection.close()


async def _missing(connection: asyncpg.Connection) -> list[str]:
    done: set[str] = set()
    if await connection.fetchval("SELECT to_regclass('migration')"):
        rows = await connection.fetch("SELECT app_name, name FROM migration")
        done = {f"{row['app_name']}/{row['name']}" for row in rows}
    return [name for name in expected() if name not in done]


async def _run_missing(url: str) -> None:
    configured = ENGINE.config
    ENGINE.config = {"dsn": url}
    progress = io.StringIO()  # Piccolo prints as it goes
    try:
        with contextlib.redirect_stdout(progress):
            result = await run_forwards(app_name="all")
    finally:
        ENGINE.config = configured
    if not result.success:
        raise MigrationFailed(result.message or progress.getvalue().strip().replace("\n", " "))
