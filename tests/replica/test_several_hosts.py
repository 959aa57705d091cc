"""A URL with several hosts: the service finds the primary, and believes no server that has ceased to be it."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from urllib.parse import urlsplit

import asyncpg
import pytest

from app.database.commit_status import ReportedTransaction, look_up
from app.database.connections import open_connection
from app.database.connector import Connector
from app.database.database import Database, _Connection
from app.database.errors import ConnectionLost
from app.database.unit_of_work import UnitOfWork
from app.domain.errors import CommitStatusUnknown
from app.settings import Settings
from tests.database.support import sql
from tests.support.cluster import database_name
from tests.support.command_line import run_subprocess
from tests.support.proxy import Proxy
from tests.support.standby import Standby

Serve = Callable[[str], Awaitable[Proxy]]


@pytest.fixture
def standby_url(standby: Standby, replicated_url: str) -> str:
    """Return the URL of the test's database on the replica."""
    return standby.url(database_name(replicated_url))


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Return a function that starts a proxy to a URL."""
    async with AsyncExitStack() as stack:
        yield lambda url: stack.enter_async_context(Proxy(url))


def _url(*proxies: Proxy, role: str = "read-write") -> str:
    """Return a URL with the hosts of several proxies."""
    parts = urlsplit(proxies[0].url)
    user = parts.netloc.rpartition("@")[0]
    hosts = ",".join(f"127.0.0.1:{proxy.port}" for proxy in proxies)
    return f"postgresql://{user}@{hosts}{parts.path}?sslmode=disable&target_session_attrs={role}"


async def test_the_host_with_the_role_is_found(replicated_url: str, standby_url: str, serve: Serve) -> None:
    proxies = [await serve(replicated_url), await serve(standby_url)]

    for role, in_recovery in (("read-write", False), ("primary", False), ("standby", True), ("read-only", True)):
        for hosts in (proxies, proxies[::-1]):
            async with open_connection(_url(*hosts, role=role)) as connection:
                assert await connection.fetchval("SELECT pg_is_in_recovery()") is in_recovery, role


async def test_a_silent_host_does_not_use_up_the_time_limit(
    replicated_url: str, standby_url: str, serve: Serve
) -> None:
    silent, primary = await serve(standby_url), await serve(replicated_url)
    silent.silent_after = 0
    connector = Connector(_url(silent, primary))

    began = time.monotonic()
    first = await connector(timeout=5)
    waited = time.monotonic() - began
    second = await connector(timeout=5)  # the host that fitted comes first

    assert 0.25 <= waited < 2
    assert await second.fetchval("SELECT NOT pg_is_in_recovery()")
    assert silent.forwarded == 0
    first.terminate()
    second.terminate()


async def test_the_error_names_the_fault_of_each_host(standby_url: str, serve: Serve) -> None:
    standby, rejecting = await serve(standby_url), await serve(standby_url)
    rejecting.rejecting = True

    with pytest.raises(ConnectionLost) as raised:
        await Connector(_url(standby, rejecting))(timeout=5)

    assert raised.value.explanation.startswith(f"no host can be used (127.0.0.1 port {standby.port}: it is a standby; ")
    assert f"127.0.0.1 port {rejecting.port}: " in raised.value.explanation
    assert "@" not in raised.value.explanation


async def test_no_attempt_is_left_if_the_caller_gives_up(replicated_url: str, serve: Serve) -> None:
    silent = [await serve(replicated_url), await serve(replicated_url)]
    for proxy in silent:
        proxy.silent_after = 0
    before = asyncio.all_tasks()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.4):
            await Connector(_url(*silent))(timeout=5)

    names = {task.get_name() for task in asyncio.all_tasks() - before if "Connector" in repr(task)}
    assert names == set()


@pytest.mark.parametrize("kind", ["read", "write"])
async def test_an_open_connection_is_given_up_if_its_server_has_become_a_standby(
    replicated_url: str, standby_url: str, serve: Serve, kind: str
) -> None:
    """A pooler keeps the connections of its clients if its server becomes a standby."""
    primary, standby = await serve(replicated_url), await serve(standby_url)
    settings = Settings(database_url=_url(primary, standby), pool_max_size=1)
    database = Database(str(settings.database_url), settings)
    connector = database._connect
    opened = await asyncpg.connect(standby_url, connection_class=_Connection)

    async def reach_the_standby_once(*_: object) -> asyncpg.Connection:
        del connector._connect
        return opened

    connector._connect = reach_the_standby_once
    await database.open()
    try:
        in_recovery = await getattr(UnitOfWork(database), kind)(sql, "SELECT pg_is_in_recovery() AS answer")
    finally:
        await database.close()

    assert in_recovery == [{"answer": False}]
    assert opened.is_closed()


async def test_the_commit_status_is_unknown_if_a_standby_was_promoted(standby: Standby, standby_url: str) -> None:
    connection = await asyncpg.connect(standby_url)
    with pytest.raises(asyncpg.FeatureNotSupportedError):
        await look_up(connection, ReportedTransaction("3", time.time(), "00000001"))
    await connection.close()
    await standby.promote()

    async with open_connection(standby_url) as promoted:
        other = await promoted.fetchval("SELECT pg_current_xact_id()::text")
        began = await promoted.fetchval("SELECT extract(epoch FROM now())::float8")

        assert await look_up(promoted, ReportedTransaction(other, began, "00000002")) == "committed"
        with pytest.raises(CommitStatusUnknown, match="another server took over"):
            await look_up(promoted, ReportedTransaction(other, began, "00000001"))
        assert await look_up(promoted, ReportedTransaction(str(int(other) + 1000), began, "00000001")) == "aborted"


async def test_commands_use_the_primary_of_several_hosts(
    replicated_url: str, standby_url: str, serve: Serve, key_dir: object
) -> None:
    standby, primary = await serve(standby_url), await serve(replicated_url)
    url = _url(standby, primary)
    settings = {"DATABASE_URL": url, "REPLICA_URL": _url(primary, standby, role="standby"), "JWT_KEY_DIR": str(key_dir)}

    migrate = await asyncio.to_thread(run_subprocess, "migrate", **settings)
    doctor = await asyncio.to_thread(run_subprocess, "doctor", **settings)

    assert migrate.returncode == 0, migrate.stderr
    hosts = f"127.0.0.1 port {standby.port}, 127.0.0.1 port {primary.port}"
    assert f"database: {database_name(replicated_url)} on {hosts}: PostgreSQL 18" in doctor.stdout
    assert "replica: PostgreSQL 18" in doctor.stdout
    assert (doctor.returncode, "BAD" in doctor.stdout) == (0, False), doctor.stdout
    assert str(urlsplit(replicated_url).password) not in doctor.stdout + doctor.stderr + migrate.stdout
