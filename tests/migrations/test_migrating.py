"""Bringing a database up to date: all or nothing, by as many at once as like, and back again."""

import asyncio
import contextlib
import io
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

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
from tests.migrations.catalog import catalog
from tests.support.cluster import create_empty_database, drop_database
from tests.support.timeouts import TIMEOUT

PROJECT = Path(__file__).parents[2]
OURS = [name for name in expected() if name.startswith("interviews/")]
INDEXES = "interviews/2026-11-24T00:20:00:000000"

A_PROCESS = """
import asyncio, sys
from app.database.migrations import migrate
sys.stdin.readline()
print(*asyncio.run(migrate(sys.argv[1])), sep="\\n")
"""


pytestmark = pytest.mark.usefixtures("migrations_allowed")


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """An empty database."""
    url = await create_empty_database()
    yield url
    await drop_database(url)


@pytest.fixture
async def connection(url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection to the empty database."""
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()


async def test_what_is_missing_is_listed_applied_and_named_and_then_nothing_is_missing(url: str) -> None:
    assert len(OURS) >= 2
    assert await pending(url) == expected()

    assert await migrate(url) == expected()

    assert await pending(url) == []
    assert await migrate(url) == []


async def test_only_what_is_missing_is_applied(url: str, connection: asyncpg.Connection) -> None:
    await migrate(url)
    before = await catalog(connection)
    await connection.execute("DROP INDEX interview_by_employee, interview_by_organization")
    await connection.execute("DELETE FROM migration WHERE name = $1", INDEXES.partition("/")[2])

    assert await pending(url) == [INDEXES]
    assert await migrate(url) == [INDEXES]
    assert await catalog(connection) == before


async def test_a_database_that_is_ahead_of_us_is_left_alone(url: str, connection: asyncpg.Connection) -> None:
    await migrate(url)
    await connection.execute("INSERT INTO migration (name, app_name) VALUES ('of the future', 'interviews')")

    assert await pending(url) == []
    assert await migrate(url) == []


async def test_forwards_backwards_and_forwards_again_comes_to_the_same(
    url: str, connection: asyncpg.Connection
) -> None:
    await migrate(url)
    before = await catalog(connection)

    with apply_migrations.run_piccolo_on(connection), contextlib.redirect_stdout(io.StringIO()):
        result = await run_backwards("interviews", "all", auto_agree=True)

    assert result.success
    assert await pending(url) == OURS
    assert await connection.fetchval("SELECT to_regclass('interview')") is None
    assert await migrate(url) == OURS
    assert await catalog(connection) == before


async def test_each_migration_can_be_taken_back_and_applied_by_itself(url: str, connection: asyncpg.Connection) -> None:
    await migrate(url)
    before = await catalog(connection)
    for name in reversed(OURS):
        with apply_migrations.run_piccolo_on(connection), contextlib.redirect_stdout(io.StringIO()):
            await run_backwards("interviews", "1", auto_agree=True)
        assert (await pending(url))[0] == name

    assert await migrate(url) == OURS
    assert await catalog(connection) == before


async def test_ten_processes_at_once_on_a_fresh_database_all_succeed_and_each_migration_is_applied_once(
    url: str, connection: asyncpg.Connection
) -> None:
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            A_PROCESS,
            url,
            cwd=PROJECT,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        for _ in range(10)
    ]
    async with asyncio.timeout(TIMEOUT):
        said = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))

    assert [process.returncode for process in processes] == [0] * 10, [errors.decode() for _, errors in said]
    applied = [output.decode().split() for output, _ in said]
    assert sorted(applied) == [[]] * 9 + [expected()]
    rows = await connection.fetch("SELECT app_name, name FROM migration")
    assert sorted(f"{row['app_name']}/{row['name']}" for row in rows) == sorted(expected())


async def test_ten_at_once_in_one_process_all_succeed_and_one_of_them_applies(url: str) -> None:
    applied = await asyncio.gather(*(migrate(url) for _ in range(10)))

    assert sorted(applied) == [[]] * 9 + [expected()]


async def test_a_migration_that_fails_leaves_the_database_as_it_was(url: str, connection: asyncpg.Connection) -> None:
    await connection.execute("CREATE TABLE interview_message (in_the_way integer)")
    before = await catalog(connection)

    with pytest.raises(MigrationFailed, match='relation "interview_message" already exists'):
        await migrate(url)

    assert await catalog(connection) == before
    assert ENGINE.current_transaction.get() is None
    await connection.execute("DROP TABLE interview_message")
    assert await migrate(url) == expected()


async def test_waiting_for_another_process_has_an_end(
    url: str, connection: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "_LOCK_TIMEOUT", "50ms")
    await connection.execute(f"SELECT pg_advisory_lock({migrations._ADVISORY_LOCK})")

    with pytest.raises(MigrationFailed, match="another process"):
        await migrate(url)


async def test_a_postgresql_that_is_too_old_is_refused_by_name(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    newer = POSTGRESQL._replace(oldest_version=99)
    monkeypatch.setattr(migrations, "dialect_of", lambda _: newer)
    monkeypatch.setattr(migrations, "dialect_of_server", lambda _: newer)

    for operation in (migrate, pending):
        with pytest.raises(MigrationFailed, match=r"PostgreSQL \d+ is too old; 99 or newer is needed"):
            await operation(url)


@pytest.mark.parametrize("where", ["postgresql://nobody@127.0.0.1:1/nowhere", "the wrong database", "a dead server"])
async def test_a_database_out_of_reach_is_told_as_such(url: str, where: str) -> None:
    addresses = {
        "the wrong database": url.replace("test_", "never_made_"),
        "a dead server": "postgresql://nobody@/nowhere?host=/nowhere/at/all",
    }
    for operation in (migrate, pending):
        with pytest.raises(DatabaseUnavailable):
            await operation(addresses.get(where, where))


async def test_a_connection_lost_while_migrating_is_told_as_such_and_nothing_was_done(
    url: str, connection: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def killed_meanwhile(migrating: asyncpg.Connection) -> None:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await apply_missing(migrating)

    apply_missing = apply_migrations._apply_missing
    monkeypatch.setattr(apply_migrations, "_apply_missing", killed_meanwhile)
    with pytest.raises(DatabaseUnavailable):
        await migrate(url)

    assert await pending(url) == expected()


def test_the_names_of_all_migrations_are_piccolos_own_in_its_order() -> None:
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
