"""PgBouncer in transaction mode: each transaction may run on another backend, without any effect."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from app.database.commit_status import look_up, parse_reported
from app.database.database import Database
from app.database.migrations import expected, pending
from app.database.unit_of_work import UnitOfWork
from app.settings import Settings
from tables.interview import Interview
from tests.support.cluster import create_database, drop_database, execute
from tests.support.command_line import run_subprocess
from tests.support.connections import connection_settings
from tests.support.pgbouncer import MISSING, PgBouncer, find_program

pytestmark = pytest.mark.skipif(find_program() is None, reason=MISSING)

BACKENDS = 2


@pytest.fixture(scope="module")
async def direct_url(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """Create a database behind PgBouncer, and return the URL that bypasses PgBouncer."""
    url = await create_database()
    bouncer = PgBouncer(url, tmp_path_factory.mktemp("bouncer"), pool_size=BACKENDS).start()
    yield url
    bouncer.stop()
    await drop_database(url)


@pytest.fixture
async def pgbouncer_database(direct_url: str, key_dir: Path) -> AsyncIterator[Database]:
    """Open a pool of ten connections to PgBouncer."""
    settings = {name.lower(): value for name, value in connection_settings(direct_url).items()}
    database = Database(settings["database_url"], Settings(jwt_key_dir=key_dir, **settings))
    await database.open()
    yield database
    await database.close()


async def _find_backend() -> tuple[int, int]:
    """Return the transaction's backend and the number of interviews."""
    found = await Interview.raw("SELECT pg_backend_pid() AS pid")
    return found[0]["pid"], await Interview.count()


@pytest.mark.parametrize("writes", [False, True], ids=["read", "write"])
async def test_a_hundred_transactions_on_ten_connections_share_two_backends_of_pgbouncer(
    pgbouncer_database: Database, writes: bool
) -> None:
    unit_of_work = UnitOfWork(pgbouncer_database)
    run_one = unit_of_work.write if writes else unit_of_work.read

    found = await asyncio.gather(*(run_one(_find_backend) for _ in range(100)))

    assert {count for _, count in found} == {0}
    assert 1 <= len({pid for pid, _ in found}) <= BACKENDS


async def test_the_commit_status_of_a_transaction_is_found_through_pgbouncer(pgbouncer_database: Database) -> None:
    found = {}
    for end in ("COMMIT", "ROLLBACK"):
        connection = await pgbouncer_database.acquire()
        await connection.execute(pgbouncer_database.begin_write)
        found[end] = parse_reported(connection.get_settings().application_name)
        await connection.execute(end)
        pgbouncer_database.release(connection)

    connection = await pgbouncer_database.acquire()
    try:
        assert {end: await look_up(connection, reported) for end, reported in found.items()} == {
            "COMMIT": "committed",
            "ROLLBACK": "aborted",
        }
    finally:
        pgbouncer_database.release(connection)


async def test_timeouts_of_one_transaction_do_not_apply_to_the_next_one_on_pgbouncer(
    pgbouncer_database: Database, direct_url: str
) -> None:
    await UnitOfWork(pgbouncer_database).write(_find_backend)

    connection = await asyncpg.connect(connection_settings(direct_url)["DATABASE_URL"], statement_cache_size=0)
    try:
        found = {await connection.fetchval("SHOW statement_timeout") for _ in range(10)}
    finally:
        await connection.close()
    assert found == {"0"}


async def test_two_concurrent_migrate_commands_apply_the_migrations_once_through_pgbouncer(
    direct_url: str, tmp_path: Path
) -> None:
    name = "empty_behind_pgbouncer"
    await execute(direct_url, f"CREATE DATABASE {name}")
    url = connection_settings(direct_url)["DATABASE_URL"].rpartition("/")[0] + f"/{name}"
    try:
        assert await pending(url) == expected()
        processes = await asyncio.gather(
            *(asyncio.to_thread(run_subprocess, "migrate", DATABASE_URL=url) for _ in range(2))
        )
        assert [process.returncode for process in processes] == [0, 0]
        assert sum(expected()[-1] in process.stdout for process in processes) == 1
        assert await pending(url) == []
    finally:
        await execute(direct_url, f"DROP DATABASE {name} WITH (FORCE)")


def test_doctor_detects_pgbouncer_and_names_the_wrong_setting(direct_url: str, tmp_path: Path) -> None:
    url = connection_settings(direct_url)["DATABASE_URL"]

    correct = run_subprocess("doctor", DATABASE_URL=url, STATEMENT_CACHE="false", JWT_KEY_DIR=str(tmp_path))
    wrong = run_subprocess("doctor", DATABASE_URL=url, JWT_KEY_DIR=str(tmp_path))

    assert "ok   pooler: the database is behind a pooler" in correct.stdout
    assert (correct.returncode, wrong.returncode) == (0, 1)
    assert "BAD  pooler: the database is behind a pooler; set STATEMENT_CACHE=false" in wrong.stdout
