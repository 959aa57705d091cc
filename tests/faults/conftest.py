"""A PostgreSQL server for the tests to break, and a service on a new database for each test."""

import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from app.database.migrations import migrate
from app.embedded_postgres import EmbeddedPostgres
from tests.support.actors import Actor
from tests.support.cluster import execute
from tests.support.pgbouncer import VARIABLE, PgBouncer
from tests.support.service import Service

_SETTINGS = {"fsync": "off", "max_connections": "200"}
"""Writes need not reach the disk: if PostgreSQL is killed, the operating system keeps them."""

Start = Callable[..., Service]
Tally = Callable[[str], None]


@pytest.fixture(scope="session")
def fault_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """Start the server that the tests break."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("breakable"), settings=_SETTINGS)
    server.start()
    home = server.data_dir.parent
    bouncer = PgBouncer(server.start_server(), tmp_path_factory.mktemp("bouncer"))
    if VARIABLE in os.environ:
        bouncer.start()
    yield server
    bouncer.stop()
    server.stop()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
async def faulty_database(fault_server: EmbeddedPostgres, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """Create a migrated database on the server, and drop it after the test."""
    administration = fault_server.start_server()
    name = f"faults_{abs(hash(request.node.nodeid))}"
    await execute(administration, f'CREATE DATABASE "{name}"')
    url = administration.replace("/interviews?", f"/{name}?")
    await migrate(url)
    yield url
    fault_server.start_server()
    await execute(administration, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def start_service(tmp_path: Path, faulty_database: str, key_dir: Path) -> Iterator[Start]:
    """Return a function that starts services on the test's database: `start_service(workers=2, POOL_MAX_SIZE="2")`."""
    services: list[Service] = []

    def start(**settings: object) -> Service:
        folder = tmp_path / f"service-{len(services)}"
        folder.mkdir()
        service = Service(
            folder, **{"DATABASE_URL": faulty_database, "JWT_KEY_DIR": str(key_dir), "LOG_LEVEL": "warning", **settings}
        )
        services.append(service)
        return service.start()

    yield start
    for service in services:
        service.__exit__(None, None, None)


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Tally:
    """Return a function that keeps a line about the test for the end of the run."""
    return lambda text: request.node.user_properties.append(("tally", text))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print every tally, of passed and failed tests."""
    reports = [report for group in terminalreporter.stats.values() for report in group if hasattr(report, "nodeid")]
    for report in reports:
        for name, text in getattr(report, "user_properties", []):
            if name == "tally" and report.when == "call":
                terminalreporter.write_line(f"{report.nodeid.rpartition('::')[2]}: {text}")


@pytest.fixture
def owner(key_dir: Path) -> Actor:
    """Return the owner of the interviews of the load, an administrator, who may delete them."""
    return Actor(key_dir, "admin")
