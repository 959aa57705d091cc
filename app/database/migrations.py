"""Bring a database up to the tables: Piccolo's migrations, all or none, and by one process at a time.

Piccolo commits a migration and notes it in a second transaction: killed between the two, it would trip over its own
tables from then on. So everything that is missing is applied and noted in one transaction, on one connection.
"""

import asyncio
import contextlib
import importlib
import re
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import piccolo
from piccolo.apps.migrations.tables import Migration

from app.database.dialect import POSTGRESQL, dialect_of, dsn_of, spoken
from app.database.failures import CONFLICTS, MigrationFailed, translating
from app.database.outcome import APPLICATION_NAME
from app.database.statement import query

OLDEST_POSTGRESQL = 14
_ADVISORY_LOCK = 0x696E7465727669  # "intervi": any number will do, as long as all our processes use the same
_LOCK_TIMEOUT = "60s"
_ATTEMPTS, _PAUSE = 10, 1.0
"""How often what is in conflict with another process is tried, and seconds between two tries: it may take a while."""

_MADE_BY_ANOTHER = (*CONFLICTS, asyncpg.DuplicateTableError, asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError)
_FOLDERS = (
    ("user", Path(piccolo.__file__).parent / "apps/user/piccolo_migrations"),
    ("interviews", Path(__file__).parent.parent.parent / "tables/piccolo_migrations"),
)
"""Piccolo's apps, those that others depend on first, and where their migrations are."""

APPLIED = query(lambda: Migration.select(Migration.app_name, Migration.name))

_ID = re.compile(r'^ID = "([^"]+)"$', re.MULTILINE)


async def migrate(url: str) -> list[str]:
    """Apply what is missing and return its names, oldest first; nothing where all is there.

    Processes that start at once wait for one another on an advisory lock, a minute at the most. CockroachDB has none:
    there whoever comes second finds itself in conflict, and looks again.
    Raises MigrationFailed, and DatabaseUnavailable.
    """
    if dialect_of(url) is POSTGRESQL:
        async with _connected(url) as connection, connection.transaction():
            await _lock(connection)
            return await _apply(connection)
    for _ in range(_ATTEMPTS - 1):
        with contextlib.suppress(_InConflict):
            return await _migrate_unlocked(url)
        await asyncio.sleep(_PAUSE)
    return await _migrate_unlocked(url)


async def pending(url: str) -> list[str]:
    """The names of the migrations that the database lacks. Raises MigrationFailed and DatabaseUnavailable."""
    async with _connected(url) as connection, connection.transaction():
        return await _missing(connection)


def expected() -> list[str]:
    """The names of all migrations, in the order in which they are applied."""
    return [f"{app}/{name}" for app, folder in _FOLDERS for name in _ids(folder)]


async def applied_migrations() -> set[str]:
    """Return the names of the migrations that were applied, in the form of `expected`. Run it as a use case."""
    return {f"{row['app_name']}/{row['name']}" for row in await APPLIED.all()}


class _InConflict(MigrationFailed):
    """Another process makes, or has just made, the same tables."""


async def _lock(connection: asyncpg.Connection) -> None:
    await connection.execute(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'")
    try:
        await connection.execute(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
    except asyncpg.LockNotAvailableError as error:
        raise MigrationFailed("another process has been migrating this database for a minute") from error


async def _apply(connection: asyncpg.Connection) -> list[str]:
    missing = await _missing(connection)
    if missing:
        await importlib.import_module("app.database.applying").apply_missing(connection)
    return missing


async def _migrate_unlocked(url: str) -> list[str]:
    async with _connected(url) as connection:
        with contextlib.suppress(asyncpg.UndefinedObjectError):  # versions before 24.1 know no other way than "off"
            await connection.execute("SET autocommit_before_ddl = off")
        try:
            async with connection.transaction(isolation="serializable"):
                return await _apply(connection)
        except (*_MADE_BY_ANOTHER, MigrationFailed) as error:
            cause = error.__cause__ if isinstance(error, MigrationFailed) else error
            if isinstance(cause, _MADE_BY_ANOTHER):
                raise _InConflict(f"another process may be migrating this database; try again: {cause}") from error
            raise


def _ids(folder: Path) -> list[str]:
    """The ID that each file of a folder gives itself, in order, without running any of them."""
    found = (_ID.search(path.read_text(encoding="utf-8")) for path in folder.glob("*.py"))
    return sorted(match[1] for match in found if match)


@contextlib.asynccontextmanager
async def _connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    with translating():
        connection = await asyncpg.connect(
            dsn_of(url),
            timeout=10,
            statement_cache_size=0,  # a pooler may give each transaction another backend
            server_settings={"application_name": APPLICATION_NAME},
        )
    try:
        _ensure_suitable(connection, url)
        with translating(connection):
            yield connection
    finally:
        await connection.close()


def _ensure_suitable(connection: asyncpg.Connection, url: str) -> None:
    dialect = spoken(connection)
    if dialect is not dialect_of(url):
        raise MigrationFailed(f"the server is {dialect.name}; its URL should begin with {dialect.scheme}")
    version = connection.get_server_version().major
    if dialect is POSTGRESQL and version < OLDEST_POSTGRESQL:
        raise MigrationFailed(f"PostgreSQL {version} is too old; {OLDEST_POSTGRESQL} or newer is needed")


async def _missing(connection: asyncpg.Connection) -> list[str]:
    done: set[str] = set()
    if await connection.fetchval("SELECT to_regclass('migration')"):
        rows = await connection.fetch("SELECT app_name, name FROM migration")
        done = {f"{row['app_name']}/{row['name']}" for row in rows}
    return [name for name in expected() if name not in done]
