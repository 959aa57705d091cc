"""A primary, its streaming replica, and services that use both."""

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from app.embedded_postgres import EmbeddedPostgres
from tests.support.actors import Actor
from tests.support.cluster import database_name, execute
from tests.support.command_line import run_subprocess
from tests.support.service import Service
from tests.support.standby import Standby

MAX_LAG = 1.0

Start = Callable[..., Service]


@pytest.fixture(scope="module")
def primary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """Start a PostgreSQL server with a migrated database."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("primary"), settings={"fsync": "off"})
    server.start()
    home = server.data_dir.parent
    yield server
    server.stop()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
async def replicated_url(primary: EmbeddedPostgres) -> AsyncIterator[str]:
    """Create a migrated database on the primary for each test. Return its URL."""
    administration = primary.start_server()
    name = f"replicated_{uuid4().hex}"
    await execute(administration, f'CREATE DATABASE "{name}"')
    url = administration.replace("/interviews?", f"/{name}?")
    assert run_subprocess("migrate", DATABASE_URL=url).returncode == 0
    yield url
    await execute(administration, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def standby(primary: EmbeddedPostgres, replicated_url: str) -> Iterator[Standby]:
    """Start a replica, and wait until it has the database."""
    server = Standby(primary)
    server.start()
    yield server
    server.remove()


@pytest.fixture
def start_service(tmp_path: Path, replicated_url: str, standby: Standby, key_dir: Path) -> Iterator[Start]:
    """Return a function that starts services with the primary and the replica."""
    services: list[Service] = []

    def start(**settings: str) -> Service:
        folder = tmp_path / f"service-{len(services)}"
        folder.mkdir()
        options = {
            "DATABASE_URL": replicated_url, "REPLICA_URL": standby.url(database_name(replicated_url)),
            "REPLICA_MAX_LAG": str(MAX_LAG), "JWT_KEY_DIR": str(key_dir), "LOG_LEVEL": "warning", **settings,
        }  # fmt: skip
        services.append(Service(folder, **options))
        return services[-1].start()

    yield start
    for service in services:
        service.__exit__(None, None, None)


@pytest.fixture
def owner(key_dir: Path) -> Actor:
    """Return the employee who owns the interviews. The token also permits deletion."""
    return Actor(key_dir, "admin")
