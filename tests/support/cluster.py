"""The PostgreSQL of a test run: one server, one migrated template, a database of its own for whoever asks."""

import asyncio
import os
import re
import shutil
import tempfile
from pathlib import Path
from uuid import uuid4

import asyncpg

from app.database.dialect import dsn_of
from app.database.migrations import migrate
from app.embedded_postgres import EmbeddedPostgres
from tests.support import bouncer, stand_in
from tests.support.bouncer import Bouncer
from tests.support.reaching import reached
from tests.support.stand_in import StandIn

SERVER_URL = "TEST_SERVER_URL"
"""Environment variable that tells xdist's workers where the controller's server is."""

TEMPLATE = "interviews_template"

_FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "400",
    "autovacuum": "off",
}


class Cluster:
    """A server for the length of a test run; TEST_DATABASE_URL names another to use instead."""

    def __init__(self) -> None:
        self.embedded: EmbeddedPostgres | None = None
        self.before: Bouncer | StandIn | None = None

    def start(self) -> None:
        """Start it, make the template, and tell everybody in the environment."""
        given = os.environ.get("TEST_DATABASE_URL")
        if given:
            os.environ[SERVER_URL] = given
        else:
            self.state_dir = Path(tempfile.mkdtemp(prefix="interviews-"))
            self.embedded = EmbeddedPostgres(self.state_dir, settings=_FAST)
            os.environ[SERVER_URL] = self.embedded.start()
        for wanted, kind in ((bouncer.WANTED, Bouncer), (stand_in.WANTED, StandIn)):
            if wanted in os.environ:
                self.folder_before = Path(tempfile.mkdtemp(prefix="before-"))
                self.before = kind(os.environ[SERVER_URL], self.folder_before).start()
        asyncio.run(_make_template(os.environ[SERVER_URL]))

    def stop(self) -> None:
        """Stop it and leave nothing behind."""
        try:
            if self.before is not None:
                self.before.stop()
        finally:
            self._stop_server()

    def _stop_server(self) -> None:
        os.environ.pop(SERVER_URL, None)
        if self.before is not None:
            shutil.rmtree(self.folder_before, ignore_errors=True)
        if self.embedded is None:
            return
        home = self.embedded.data_dir.parent
        self.embedded.stop()
        shutil.rmtree(home, ignore_errors=True)
        shutil.rmtree(self.state_dir, ignore_errors=True)


def url_of(database: str) -> str:
    """The URL of a database on the run's server."""
    return re.sub(r"(?<=[^/])/[^/?]*(?=\?|$)", f"/{database}", os.environ[SERVER_URL], count=1)


def name_of(url: str) -> str:
    """The database that a URL names."""
    return url.partition("?")[0].rpartition("/")[2]


async def empty_database() -> str:
    """A new database without any table; its URL."""
    url = await new_database("template1")
    if stand_in.WANTED in os.environ:
        await execute(url, *stand_in.PREPARATION)
    return url


async def new_database(template: str = TEMPLATE) -> str:
    """A new database with every table and no row; its URL."""
    name = f"test_{uuid4().hex}"
    await execute(os.environ[SERVER_URL], f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return url_of(name)


async def drop_database(url: str) -> None:
    """Drop a database of `new_database`, whoever may still be connected."""
    await execute(os.environ[SERVER_URL], f'DROP DATABASE IF EXISTS "{name_of(url)}" WITH (FORCE)')


async def execute(url: str, *statements: str) -> None:
    """Run statements on a connection of their own, outside of any transaction."""
    connection = await asyncpg.connect(dsn_of(url))
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def _make_template(server_url: str) -> None:
    await execute(server_url, f'DROP DATABASE IF EXISTS "{TEMPLATE}" WITH (FORCE)', f'CREATE DATABASE "{TEMPLATE}"')
    if stand_in.WANTED in os.environ:
        await execute(url_of(TEMPLATE), *stand_in.PREPARATION)
    await migrate(reached(url_of(TEMPLATE))["DATABASE_URL"])
