"""A service on a PostgreSQL that acts as CockroachDB. The tests inspect the database directly."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from tests.support.cluster import create_empty_database, drop_database, execute
from tests.support.fake_cockroach import SETUP_STATEMENTS, FakeCockroach
from tests.support.service import Service


@pytest.fixture(scope="module")
async def direct_url() -> AsyncIterator[str]:
    """Create a database without tables. Return its URL."""
    url = await create_empty_database()
    await execute(url, *SETUP_STATEMENTS)
    yield url
    await drop_database(url)


@pytest.fixture(scope="module")
def fake_cockroach(direct_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeCockroach]:
    """Start the proxy for services. After the tests, fail if a service sent a statement that CockroachDB rejects."""
    fake_cockroach = FakeCockroach(direct_url, tmp_path_factory.mktemp("stand-in")).start()
    yield fake_cockroach
    fake_cockroach.stop()


@pytest.fixture(scope="module")
def service(
    direct_url: str, fake_cockroach: FakeCockroach, key_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """Start a service, which migrates the database."""
    folder = tmp_path_factory.mktemp("service")
    with Service(folder, DATABASE_URL=direct_url, JWT_KEY_DIR=str(key_dir), OVERLAP="raise") as service:
        yield service


@pytest.fixture
async def observer(direct_url: str) -> AsyncIterator[asyncpg.Connection]:
    """Connect to PostgreSQL without the proxy."""
    connection = await asyncpg.connect(direct_url)
    yield connection
    await connection.close()
