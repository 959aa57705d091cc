"""The servers of a benchmark: each in a process of its own, on a free port of the loopback, on one database."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.support.cluster import cluster_outside_pytest, create_database, drop_database
from tests.support.service import Service

OURS = "ours"
PEERS = ("limit", "fastapi", "litestar")
_BOUNDED = ("-m", "tests.benchmarks.bounded")


@contextmanager
def fresh_database() -> Iterator[str]:
    """A migrated database without rows; its URL. A test run's server is used where there is one."""
    with ExitStack() as stack:
        stack.enter_context(cluster_outside_pytest())
        url = asyncio.run(create_database())
        stack.callback(lambda: asyncio.run(drop_database(url)))
        yield url


def server(name: str, url: str, folder: Path, *, workers: int = 1) -> Service:
    """A server that is not started yet. name: "ours", or one of tests.benchmarks.peers. folder: keys, and its log."""
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
def running(names: Iterable[str], url: str, folder: Path) -> Iterator[dict[str, Service]]:
    """Servers by name, all of them ready."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(server(name, url, folder)) for name in names}


def pid(service: Service) -> int:
    """The server's process."""
    assert service.process is not None
    return service.process.pid
