"""A service on a PostgreSQL that passes for CockroachDB; tests look at the database directly."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from tests.support.cluster import create_empty_database, drop_database, execute
from tests.support.fake_cockroach import SETUP_STATEMENTS, FakeCockroach
from tests.support.service import Service


@pytest.fixture(scope="module")
async def direct_url() -> AsyncIterator[str]:
    """A database without tables."""
    url = await create_empty_database()
    await execute(url, *SETUP_STATEMENTS)
    yield url
    await drop_database(url)


@pytest.fixture(scope="module")
def stand_in(direct_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeCockroach]:
    """The way by which services reach it. Fails at the end where one said what CockroachDB does not know."""
    stand_in = FakeCockroach(direct_url, tmp_path_factory.mktemp("stand-in")).start()
    yield stand_in
    stand_in.stop()


@pytest.fixture(scope="module")
def service(
    direct_url: str, stand_in: FakeCockroach, key_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """A service on it, which has migrated it."""
    folder = tmp_path_factory.mktemp("service")
    with Service(folder, DATABASE_URL=direct_url, JWT_KEY_DIR=str(key_dir), OVERLAP="raise") as service:
        yield service


@pytest.fixture
async def observer(direct_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection past the stand-in."""
    connection = await asyncpg.connect(direct_url)
    yield connection
    await connection.close()
