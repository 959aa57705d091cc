"""A scratch database for the tests of transactions, and pools on it with any settings."""

from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import pytest

from app.database.database import Database
from app.database.unit_of_work import UnitOfWork
from app.settings import Settings
from tests.support.cluster import create_database, drop_database
from tests.support.proxy import Proxy

MakeDatabase = Callable[..., Awaitable[UnitOfWork]]

_TABLES = """
CREATE TABLE note (text text NOT NULL);
CREATE TABLE tally (id integer PRIMARY KEY, value integer NOT NULL);
INSERT INTO tally VALUES (1, 0), (2, 0);
CREATE TABLE unique_at_commit (n text, UNIQUE (n) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE slow_at_commit (seconds double precision);
CREATE FUNCTION be_slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(NEW.seconds); RETURN NULL; END';
CREATE CONSTRAINT TRIGGER slow_at_commit AFTER INSERT ON slow_at_commit
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION be_slow();
CREATE TABLE conflict_at_commit (n integer);
CREATE FUNCTION conflict() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN RAISE ''in conflict'' USING ERRCODE = ''serialization_failure''; END';
CREATE CONSTRAINT TRIGGER conflict_at_commit AFTER INSERT ON conflict_at_commit
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION conflict();
"""


@pytest.fixture(scope="session")
async def scratch_url() -> AsyncIterator[str]:
    """Create a database with the tables above, which only tests/database uses."""
    url = await create_database()
    connection = await asyncpg.connect(url)
    await connection.execute(_TABLES)
    await connection.close()
    yield url
    await drop_database(url)


@pytest.fixture(scope="session")
async def observer(scratch_url: str) -> AsyncIterator[asyncpg.Connection]:
    """Connect outside every pool, to inspect the database and to interfere with it."""
    connection = await asyncpg.connect(scratch_url, server_settings={"application_name": "observer"})
    yield connection
    await connection.close()


@pytest.fixture
async def make_database(scratch_url: str) -> AsyncIterator[MakeDatabase]:
    """Return a function that opens a pool, of two connections unless `settings` say otherwise."""
    opened: list[Database] = []

    async def make_database(url: str = scratch_url, **settings: object) -> UnitOfWork:
        database = Database(url, Settings(**{"database_url": url, "overlap": "raise", "pool_max_size": 2, **settings}))
        await database.open()
        opened.append(database)
        return UnitOfWork(database)

    yield make_database
    for database in opened:
        await database.close()


@pytest.fixture
async def database(make_database: MakeDatabase) -> UnitOfWork:
    """Open a pool of two connections."""
    return await make_database()


@pytest.fixture
async def proxy(scratch_url: str) -> AsyncIterator[Proxy]:
    """Start a proxy to the database whose connections can be cut."""
    async with Proxy(scratch_url) as proxy:
        yield proxy
