"""The PostgreSQL of a test run: one server, one migrated template, and a new database for each caller."""

import asyncio
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from uuid import uuid4

import asyncpg

from app.database.dialect import asyncpg_url
from app.database.engine import ENGINE
from app.database.migrations import migrate
from app.embedded_postgres import EmbeddedPostgres, find_running_url
from app.embedded_postgres.locks import exclusive_lock
from tests.support import fake_cockroach, pgbouncer
from tests.support.connections import connection_settings
from tests.support.fake_cockroach import FakeCockroach
from tests.support.pgbouncer import PgBouncer

SERVER_URL = "TEST_SERVER_URL"
"""Environment variable with the URL of the run's server, once it runs."""

RUN_FOLDER = "TEST_RUN_FOLDER"
"""Environment variable with the folder that the processes of a test run share."""

TEMPLATE = "interviews_template"

_FAST_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "400",
    "autovacuum": "off",
}


class Cluster:
    """A server with a migrated template, for all processes of a test run.

    The processes share a folder. The first that needs the server starts it. TEST_DATABASE_URL names another server.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._embedded = EmbeddedPostgres(folder, settings=_FAST_SETTINGS)
        self._proxy: PgBouncer | FakeCockroach | None = None

    def start(self) -> str:
        """Start the server and make the template, or join them if another process has. Return the server's URL."""
        url = os.environ.get("TEST_DATABASE_URL") or self._embedded.start()
        for variable, proxy in ((pgbouncer.VARIABLE, PgBouncer), (fake_cockroach.VARIABLE, FakeCockroach)):
            if variable in os.environ:
                self._proxy_folder = Path(tempfile.mkdtemp(prefix="proxy-"))
                self._proxy = proxy(url, self._proxy_folder).start()
        made = self._folder / "template"
        with exclusive_lock(self._folder / "template.lock"), ThreadPoolExecutor(1) as thread:
            if not made.exists():
                thread.submit(asyncio.run, _create_template(url)).result()  # the caller may run an event loop
                made.touch()
        os.environ[SERVER_URL] = url
        return url

    def stop(self) -> None:
        """Stop the server if a process of the run has started it, and remove its files."""
        os.environ.pop(SERVER_URL, None)
        try:
            if self._proxy is not None:
                self._proxy.stop()
                shutil.rmtree(self._proxy_folder, ignore_errors=True)
        finally:
            if find_running_url(self._folder):
                self._embedded.start()
                self._embedded.stop_server("fast")
                home = self._embedded.data_dir.parent
                self._embedded.stop()
                shutil.rmtree(home, ignore_errors=True)
            shutil.rmtree(self._folder, ignore_errors=True)


@cache
def shared_cluster() -> Cluster:
    """Return this process's handle on the cluster of the run."""
    return Cluster(Path(os.environ[RUN_FOLDER]))


@contextmanager
def cluster_outside_pytest() -> Iterator[None]:
    """Provide a cluster to a program that pytest does not run; within a test run, provide the cluster of the run."""
    if RUN_FOLDER in os.environ:
        yield
        return
    os.environ[RUN_FOLDER] = tempfile.mkdtemp(prefix="interviews-")
    try:
        yield
    finally:
        shared_cluster().stop()
        shared_cluster.cache_clear()
        del os.environ[RUN_FOLDER]


def server_url() -> str:
    """Return the URL of the run's server. Start the server if this process is the first to ask."""
    return os.environ.get(SERVER_URL) or shared_cluster().start()


def build_url(database: str, server: str | None = None) -> str:
    """Return the URL of a database on `server`, by default the run's."""
    return re.sub(r"(?<=[^/])/[^/?]*(?=\?|$)", f"/{database}", server or server_url(), count=1)


def database_name(url: str) -> str:
    """Return the name of the database in a URL."""
    return url.partition("?")[0].rpartition("/")[2]


async def create_empty_database() -> str:
    """Create a database without tables and return its URL."""
    url = await create_database("template1")
    if fake_cockroach.VARIABLE in os.environ:
        await execute(url, *fake_cockroach.SETUP_STATEMENTS)
    return url


async def create_database(template: str = TEMPLATE) -> str:
    """Create a database with every table and no rows, and return its URL."""
    name = f"test_{uuid4().hex}"
    # Faster than the default, which writes each page to the log.
    await execute(server_url(), f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
    return build_url(name)


async def drop_database(url: str) -> None:
    """Drop a database of `create_database` and close the connections to it."""
    await execute(server_url(), f'DROP DATABASE IF EXISTS "{database_name(url)}" WITH (FORCE)')


async def execute(url: str, *statements: str) -> None:
    """Run statements on a new connection, outside a transaction."""
    connection = await asyncpg.connect(asyncpg_url(url))
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def _create_template(server: str) -> None:
    template = build_url(TEMPLATE, server)
    await execute(server, f'DROP DATABASE IF EXISTS "{TEMPLATE}" WITH (FORCE)', f'CREATE DATABASE "{TEMPLATE}"')
    if fake_cockroach.VARIABLE in os.environ:
        await execute(template, *fake_cockroach.SETUP_STATEMENTS)
    armed, ENGINE._armed = ENGINE._armed, 0  # an application may already be up in this process
    # PgBouncer would keep its connection open, and PostgreSQL copies no database that is in use.
    url = template if pgbouncer.VARIABLE in os.environ else connection_settings(template)["DATABASE_URL"]
    try:
        await migrate(url)
    finally:
        ENGINE._armed = armed
