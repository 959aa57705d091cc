"""Apply Piccolo's migrations: all or none of the missing ones, by one process at a time.

Piccolo commits a migration and records it in a second transaction. A process killed between the two leaves tables that
make the same migration fail from then on. So the service applies and records all missing migrations in one transaction.
"""

import asyncio
import contextlib
import importlib
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import piccolo
from piccolo.apps.migrations.tables import Migration

from app.database.connections import STATEMENT_TIMEOUT, open_connection, transaction
from app.database.dialect import dialect_of, dialect_of_server
from app.database.errors import CONFLICTS, MigrationFailed
from app.database.statement import query

_ADVISORY_LOCK = 0x696E7465727669  # "intervi"; all processes of the service use the same number
_LOCK_TIMEOUT, _LOCK_PAUSE = 60.0, 0.2
MIGRATION_TIMEOUT = 60.0
"""Seconds that one statement of a migration may take. A migration that needs longer belongs into a script."""

_ATTEMPTS, _PAUSE = 10, 1.0
"""How often migrations that conflict with another process are tried, and the seconds between two attempts."""

_MADE_BY_ANOTHER = (*CONFLICTS, asyncpg.DuplicateTableError, asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError)
_FOLDERS = (
    ("user", Path(piccolo.__file__).parent / "apps/user/piccolo_migrations"),
    ("interviews", Path(__file__).parent.parent.parent / "tables/piccolo_migrations"),
)
"""Piccolo's apps and the folders of their migrations. An app comes after those that it depends on."""

_ID = re.compile(r'^ID = "([^"]+)"$', re.MULTILINE)

APPLIED = query(lambda: Migration.select(Migration.app_name, Migration.name))


async def migrate(url: str) -> list[str]:
    """Apply the missing migrations, and return their names, oldest first.

    Processes that start at the same time wait for each other on an advisory lock, at most a minute. If the database has
    no advisory locks, they conflict, and all but one find nothing missing when they try again.
    Raises MigrationFailed and DatabaseUnavailable.
    """
    if dialect_of(url).advisory_locks:
        async with _connect(url) as connection, transaction(connection):
            await _lock(connection)
            return await _apply(connection)
    for _ in range(_ATTEMPTS - 1):
        with contextlib.suppress(_Conflict):
            return await _migrate_without_lock(url)
        await asyncio.sleep(_PAUSE)
    return await _migrate_without_lock(url)


async def pending(url: str) -> list[str]:
    """Return the names of the migrations that the database lacks. Raises MigrationFailed and DatabaseUnavailable."""
    async with _connect(url) as connection, transaction(connection):
        return await _missing(connection)


def expected() -> list[str]:
    """Return the names of all migrations, in the order in which they are applied."""
    return [f"{app}/{name}" for app, folder in _FOLDERS for name in _ids(folder)]


async def applied_migrations() -> set[str]:
    """Return the names of the migrations that were applied, in the form of `expected`. Run it as a use case."""
    return {f"{row['app_name']}/{row['name']}" for row in await APPLIED.all()}


class _Conflict(MigrationFailed):
    """Another process is creating the same tables, or has just created them."""


async def _lock(connection: asyncpg.Connection) -> None:
    """Wait for the lock by asking for it again and again, so that a database that has gone silent is noticed."""
    ends_at = time.monotonic() + _LOCK_TIMEOUT
    while not await _ask(connection, f"SELECT pg_try_advisory_xact_lock({_ADVISORY_LOCK})"):
        if time.monotonic() >= ends_at:
            raise MigrationFailed("another process has been migrating this database for a minute")
        await asyncio.sleep(_LOCK_PAUSE)


async def _ask(connection: asyncpg.Connection, statement: str) -> Any:
    """Return the value of a statement that takes no time. The timeout of the connection is that of a migration."""
    return await connection.fetchval(statement, timeout=STATEMENT_TIMEOUT)


async def _apply(connection: asyncpg.Connection) -> list[str]:
    missing = await _missing(connection)
    if missing:
        await importlib.import_module("app.database.apply_migrations").apply_missing(connection)
    return missing


async def _migrate_without_lock(url: str) -> list[str]:
    async with _connect(url) as connection:
        with contextlib.suppress(asyncpg.UndefinedObjectError):
            await connection.execute(dialect_of(url).before_migrations)
        try:
            async with transaction(connection, "ISOLATION LEVEL SERIALIZABLE"):
                return await _apply(connection)
        except (*_MADE_BY_ANOTHER, MigrationFailed) as error:
            cause = error.__cause__ if isinstance(error, MigrationFailed) else error
            if isinstance(cause, _MADE_BY_ANOTHER):
                raise _Conflict(f"another process may be migrating this database; try again: {cause}") from error
            raise


def _ids(folder: Path) -> list[str]:
    """Return the ID that each file of a folder contains, in order, without importing the files."""
    matches = (_ID.search(path.read_text(encoding="utf-8")) for path in folder.glob("*.py"))
    return sorted(match[1] for match in matches if match)


@contextlib.asynccontextmanager
async def _connect(url: str) -> AsyncIterator[asyncpg.Connection]:
    async with open_connection(url, statement_timeout=MIGRATION_TIMEOUT) as connection:
        _ensure_suitable(connection, url)
        yield connection


def _ensure_suitable(connection: asyncpg.Connection, url: str) -> None:
    dialect = dialect_of_server(connection)
    if dialect is not dialect_of(url):
        raise MigrationFailed(f"the server is {dialect.name}; its URL should begin with {dialect.scheme}")
    version = connection.get_server_version().major
    if version < dialect.oldest_version:
        raise MigrationFailed(f"{dialect.name} {version} is too old; {dialect.oldest_version} or newer is needed")


async def _missing(connection: asyncpg.Connection) -> list[str]:
    done: set[str] = set()
    if await _ask(connection, "SELECT to_regclass('migration')"):
        rows = await connection.fetch("SELECT app_name, name FROM migration", timeout=STATEMENT_TIMEOUT)
        done = {f"{row['app_name']}/{row['name']}" for row in rows}
    return [name for name in expected() if name not in done]
