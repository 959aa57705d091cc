"""Migrations apply completely or not at all, by concurrent processes, forwards and backwards."""

import asyncio
import contextlib
import io
import re
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import asyncpg
import pytest
from piccolo.apps.migrations.commands.backwards import run_backwards
from piccolo.apps.migrations.commands.base import BaseMigrationManager
from piccolo.conf.apps import Finder

from app.database import apply_migrations, migrations
from app.database.dialect import POSTGRESQL
from app.database.engine import ENGINE
from app.database.errors import MigrationFailed
from app.database.migrations import expected, migrate, pending
from app.domain.errors import DatabaseUnavailable
from tests.migrations.catalog import read_catalog
from tests.support.cluster import create_empty_database, drop_database
from tests.support.command_line import run_subprocess

MIGRATIONS = [name for name in expected() if name.startswith("interviews/")]
INDEXES = "interviews/2026-11-24T00:20:00:000000"

pytestmark = pytest.mark.usefixtures("migrations_allowed")


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """Create an empty database. Return its URL."""
    url = await create_empty_database()
    yield url
    await drop_database(url)


@pytest.fixture
async def connection(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Connect to the empty database."""
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()


async def test_migrate_applies_and_returns_all_pending_migrations(url: str) -> None:
    assert len(MIGRATIONS) >= 2
    assert await pending(url) == expected()

    assert await migrate(url) == expected()

    assert await pending(url) == []
    assert await migrate(url) == []


async def test_migrate_applies_only_pending_migrations(url: str, connection: asyncpg.Connection) -> None:
    await migrate(url)
    before = await read_catalog(connection)
    await connection.execute("DROP INDEX interview_by_employee, interview_by_organization")
    await connection.execute("DELETE FROM migration WHERE name = $1", INDEXES.partition("/")[2])

    assert await pending(url) == [INDEXES]
    assert await migrate(url) == [INDEXES]
    assert await read_catalog(connection) == before


async def test_migrate_does_not_change_a_newer_database(url: str, connection: asyncpg.Connection) -> None:
    await migrate(url)
    await connection.execute("INSERT INTO migration (name, app_name) VALUES ('newer', 'interviews')")

    assert await pending(url) == []
    assert await migrate(url) == []


async def test_forwards_backwards_and_forwards_gives_the_same_schema(url: str, connection: asyncpg.Connection) -> None:
    await migrate(url)
    before = await read_catalog(connection)

    with apply_migrations.run_piccolo_on(connection), contextlib.redirect_stdout(io.StringIO()):
        result = await run_backwards("interviews", "all", auto_agree=True)

    assert result.success
    assert await pending(url) == MIGRATIONS
    assert await connection.fetchval("SELECT to_regclass('interview')") is None
    assert await migrate(url) == MIGRATIONS
    assert await read_catalog(connection) == before


async def test_each_migration_runs_backwards_and_forwards_separately(url: str, connection: asyncpg.Connection) -> None:
    await migrate(url)
    before = await read_catalog(connection)
    for name in reversed(MIGRATIONS):
        with apply_migrations.run_piccolo_on(connection), contextlib.redirect_stdout(io.StringIO()):
            await run_backwards("interviews", "1", auto_agree=True)
        assert (await pending(url))[0] == name

    assert await migrate(url) == MIGRATIONS
    assert await read_catalog(connection) == before


async def test_ten_concurrent_processes_apply_each_migration_once(url: str, connection: asyncpg.Connection) -> None:
    with ThreadPoolExecutor(10) as threads:
        loop = asyncio.get_running_loop()
        command = partial(run_subprocess, "migrate", DATABASE_URL=url)
        results = await asyncio.gather(*(loop.run_in_executor(threads, command) for _ in range(10)))

    assert [(result.returncode, result.stderr) for result in results] == [(0, "")] * 10
    applied = [re.findall(r"^Applied: (.*)$", result.stdout, re.MULTILINE) for result in results]
    assert sorted(applied) == [[]] * 9 + [expected()]
    rows = await connection.fetch("SELECT app_name, name FROM migration")
    assert sorted(f"{row['app_name']}/{row['name']}" for row in rows) == sorted(expected())


async def test_ten_concurrent_calls_in_one_process_apply_each_migration_once(url: str) -> None:
    applied = await asyncio.gather(*(migrate(url) for _ in range(10)))

    assert sorted(applied) == [[]] * 9 + [expected()]


async def test_a_failed_migration_does_not_change_the_database(url: str, connection: asyncpg.Connection) -> None:
    await connection.execute("CREATE TABLE interview_message (other integer)")
    before = await read_catalog(connection)

    with pytest.raises(MigrationFailed, match='relation "interview_message" already exists'):
        await migrate(url)

    assert await read_catalog(connection) == before
    assert ENGINE.current_transaction.get() is None
    await connection.execute("DROP TABLE interview_message")
    assert await migrate(url) == expected()


async def test_migrate_fails_if_another_process_holds_the_lock_too_long(
    url: str, connection: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "_LOCK_TIMEOUT", 0.05)
    await connection.execute(f"SELECT pg_advisory_lock({migrations._ADVISORY_LOCK})")

    with pytest.raises(MigrationFailed, match="another process"):
        await migrate(url)


async def test_migrate_fails_if_postgresql_is_too_old(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    newer = POSTGRESQL._replace(oldest_version=99)
    monkeypatch.setattr(migrations, "dialect_of", lambda _: newer)
    monkeypatch.setattr(migrations, "dialect_of_server", lambda _: newer)

    for operation in (migrate, pending):
        with pytest.raises(MigrationFailed, match=r"PostgreSQL \d+ is too old; 99 or newer is needed"):
            await operation(url)


@pytest.mark.parametrize("address", ["postgresql://user@127.0.0.1:1/database", "missing database", "missing server"])
async def test_unavailable_if_the_database_is_unreachable_for_migrations(url: str, address: str) -> None:
    addresses = {
        "missing database": url.replace("test_", "never_made_"),
        "missing server": "postgresql://user@/database?host=/nowhere/at/all",
    }
    for operation in (migrate, pending):
        with pytest.raises(DatabaseUnavailable):
            await operation(addresses.get(address, address))


async def test_nothing_is_applied_if_the_connection_is_lost_during_migrate(
    url: str, connection: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def kill_backends(migrating_connection: asyncpg.Connection) -> None:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await apply_missing(migrating_connection)

    apply_missing = apply_migrations._apply_missing
    monkeypatch.setattr(apply_migrations, "_apply_missing", kill_backends)
    with pytest.raises(DatabaseUnavailable):
        await migrate(url)

    assert await pending(url) == expected()


def test_expected_returns_piccolos_migration_names_in_order() -> None:
    finder, manager = Finder(), BaseMigrationManager()
    known = [
        f"{name}/{migration}"
        for name in manager.get_sorted_app_names()
        for migration in sorted(
            manager.get_migration_ids(
                manager.get_migration_modules(finder.get_app_config(name).resolved_migrations_folder_path)
            )
        )
    ]

    assert expected() == known
