"""A primary, a streaming replica of it, and services that read from both."""

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from app.embedded_postgres import EmbeddedPostgres
from tests.support.actors import Actor
from tests.support.cluster import execute
from tests.support.command_line import run_subprocess
from tests.support.service import Service
from tests.support.standby import Standby

MAX_LAG = 1.0

Start = Callable[..., Service]


@pytest.fixture(scope="module")
def primary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL with a database that is migrated."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("primary"), settings={"fsync": "off"})
    server.start()
    home = server.data_dir.parent
    yield server
    server.stop()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
async def replicated(primary: EmbeddedPostgres) -> AsyncIterator[str]:
    """A migrated database on it, of its own for each test; its URL."""
    administration = primary.start_server()
    name = f"replicated_{uuid4().hex}"
    await execute(administration, f'CREATE DATABASE "{name}"')
    url = administration.replace("/interviews?", f"/{name}?")
    assert run_subprocess("migrate", DATABASE_URL=url).returncode == 0
    yield url
    await execute(administration, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def standby(primary: EmbeddedPostgres, replicated: str) -> Iterator[Standby]:
    """A replica, which has that database."""
    server = Standby(primary)
    server.start()
    yield server
    server.remove()


@pytest.fixture
def start_service(tmp_path: Path, replicated: str, standby: Standby, key_dir: Path) -> Iterator[Start]:
    """Starts services that know both."""
    services: list[Service] = []

    def start(**settings: str) -> Service:
        folder = tmp_path / f"service-{len(services)}"
        folder.mkdir()
        told = {
            "DATABASE_URL": replicated, "REPLICA_URL": standby.url(replicated.partition("?")[0].rpartition("/")[2]),
            "REPLICA_MAX_LAG": str(MAX_LAG), "JWT_KEY_DIR": str(key_dir), "LOG_LEVEL": "warning", **settings,
        }  # fmt: skip
        services.append(Service(folder, **told))
        return services[-1].start()

    yield start
    for service in services:
        service.__exit__(None, None, None)


@pytest.fixture
def owner(key_dir: Path) -> Actor:
    """The employee whose interviews these are; its token lets it forget them too."""
    return Actor(key_dir, "admin")
