"""Through PgBouncer in transaction mode: each transaction may meet another backend, and none notices."""

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
    """A database of its own, whose services reach it through PgBouncer."""
    url = await create_database()
    bouncer = PgBouncer(url, tmp_path_factory.mktemp("bouncer"), pool_size=BACKENDS).start()
    yield url
    bouncer.stop()
    await drop_database(url)


@pytest.fixture
async def bounced(direct_url: str, key_dir: Path) -> AsyncIterator[Database]:
    """A pool of ten connections to it."""
    told = {name.lower(): value for name, value in connection_settings(direct_url).items()}
    database = Database(told["database_url"], Settings(jwt_key_dir=key_dir, **told))
    await database.open()
    yield database
    await database.close()


async def _backend() -> tuple[int, int]:
    """The backend of a transaction, and how many interviews there are."""
    found = await Interview.raw("SELECT pg_backend_pid() AS pid")
    return found[0]["pid"], await Interview.count()


@pytest.mark.parametrize("writes", [False, True], ids=["read", "write"])
async def test_a_hundred_transactions_on_ten_connections_share_two_backends(bounced: Database, writes: bool) -> None:
    transactions = UnitOfWork(bounced)
    run_one = transactions.write if writes else transactions.read

    found = await asyncio.gather(*(run_one(_backend) for _ in range(100)))

    assert {count for _, count in found} == {0}
    assert 1 <= len({pid for pid, _ in found}) <= BACKENDS


async def test_a_transaction_tells_its_id_through_it_and_can_be_asked_for_afterwards(bounced: Database) -> None:
    found = {}
    for end in ("COMMIT", "ROLLBACK"):
        connection = await bounced.acquire()
        await connection.execute(bounced.begin_write)
        found[end] = parse_reported(connection.get_settings().application_name)
        await connection.execute(end)
        bounced.release(connection)

    connection = await bounced.acquire()
    try:
        assert {end: await look_up(connection, told) for end, told in found.items()} == {
            "COMMIT": "committed",
            "ROLLBACK": "aborted",
        }
    finally:
        bounced.release(connection)


async def test_limits_of_one_transaction_do_not_reach_the_next(bounced: Database, direct_url: str) -> None:
    await UnitOfWork(bounced).write(_backend)

    plain = await asyncpg.connect(connection_settings(direct_url)["DATABASE_URL"], statement_cache_size=0)
    try:
        found = {await plain.fetchval("SHOW statement_timeout") for _ in range(10)}
    finally:
        await plain.close()
    assert found == {"0"}


async def test_migrations_are_applied_through_it_once_though_two_begin_at_once(direct_url: str, tmp_path: Path) -> None:
    name = "empty_behind_a_pooler"
    await execute(direct_url, f"CREATE DATABASE {name}")
    url = connection_settings(direct_url)["DATABASE_URL"].rpartition("/")[0] + f"/{name}"
    try:
        assert await pending(url) == expected()
        both = await asyncio.gather(*(asyncio.to_thread(run_subprocess, "migrate", DATABASE_URL=url) for _ in range(2)))
        assert [each.returncode for each in both] == [0, 0]
        assert sum(expected()[-1] in each.stdout for each in both) == 1
        assert await pending(url) == []
    finally:
        await execute(direct_url, f"DROP DATABASE {name} WITH (FORCE)")


def test_doctor_sees_it_and_says_which_setting_is_wrong(direct_url: str, tmp_path: Path) -> None:
    url = connection_settings(direct_url)["DATABASE_URL"]

    well = run_subprocess("doctor", DATABASE_URL=url, STATEMENT_CACHE="false", JWT_KEY_DIR=str(tmp_path))
    wrong = run_subprocess("doctor", DATABASE_URL=url, JWT_KEY_DIR=str(tmp_path))

    assert "ok   pooler: there is one before the database" in well.stdout
    assert (well.returncode, wrong.returncode) == (0, 1)
    assert "BAD  pooler: there is one before the database; set STATEMENT_CACHE=false" in wrong.stdout
