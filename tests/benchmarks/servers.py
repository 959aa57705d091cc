"""The servers of a benchmark: one process each, on a free loopback port, on one database."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.support.cluster import cluster_outside_pytest, create_database, drop_database
from tests.support.service import Service

OURS = "ours"
PEERS = ("limit", "fastapi", "litestar")
_BOUNDED = ("-m", "tests.benchmarks.child")


@contextmanager
def fresh_database() -> Iterator[str]:
    """Create a migrated database without rows and yield its URL. The server of a test run is used if it exists."""
    with ExitStack() as stack:
        stack.enter_context(cluster_outside_pytest())
        url = asyncio.run(create_database())
        stack.callback(lambda: asyncio.run(drop_database(url)))
        yield url


def create_server(name: str, url: str, folder: Path, *, workers: int = 1) -> Service:
    """Create a server without starting it.

    `name` is "ours" or one of tests.benchmarks.peers. `folder` has the keys, and gets the log.
    """
    home = folder / f"{name}-{workers}"
    home.mkdir()
    module = ("app", "serve") if name == OURS else ("tests.benchmarks.peers", name)
    return Service(
        home,
        module=(*_BOUNDED, *module),
        workers=workers,
        DATABASE_URL=url,
        JWT_KEY_DIR=str(folder / "keys"),
        LOG_LEVEL="error",
    )


@contextmanager
def run_servers(names: Iterable[str], url: str, folder: Path) -> Iterator[dict[str, Service]]:
    """Start the servers. Yield them by name when all are ready."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(create_server(name, url, folder)) for name in names}


def server_pid(service: Service) -> int:
    """Return the process id of the server."""
    assert service.process is not None
    return service.process.pid
