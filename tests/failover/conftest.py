"""A cluster for all tests of this folder, whole again before each, and services on a new database of it."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.failover.cluster import Cluster
from tests.failover.programs import find_missing
from tests.faults.conftest import owner, pytest_terminal_summary, tally  # noqa: F401
from tests.support.cluster import execute
from tests.support.service import Service

Start = Callable[..., Service]


@pytest.fixture(scope="session")
def running_cluster() -> Iterator[Cluster]:
    """Start the cluster. Skip the tests if a program is missing."""
    if reason := find_missing():
        pytest.skip(reason)
    try:
        cluster = Cluster()
    except LookupError as error:
        pytest.skip(str(error))
    with cluster:
        yield cluster


@pytest.fixture
def cluster(running_cluster: Cluster) -> Cluster:
    """Return the cluster with two nodes, one of which is a synchronous standby."""
    running_cluster.repair()
    return running_cluster


@pytest.fixture
async def database(cluster: Cluster) -> AsyncIterator[str]:
    """Create a database and return its name."""
    name = f"failover_{uuid4().hex}"
    await execute(cluster.url("postgres"), f'CREATE DATABASE "{name}"')
    yield name
    cluster.repair()
    await execute(cluster.url("postgres"), f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def start_service(tmp_path: Path, key_dir: Path) -> Iterator[Start]:
    """Return a function that starts services: `start_service(DATABASE_URL=…)`."""
    services: list[Service] = []

    def start(**settings: str) -> Service:
        folder = tmp_path / f"service-{len(services)}"
        folder.mkdir()
        services.append(Service(folder, **{"JWT_KEY_DIR": str(key_dir), "LOG_LEVEL": "warning", **settings}))
        return services[-1].start()

    yield start
    for service in services:
        service.__exit__(None, None, None)
