"""A service whose interviews are locked, so that each request for them keeps its connection.

Start it like `python -m app serve`. It creates a database on the server of DATABASE_URL and drops it at the end.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from app.cli.environment import database_url
from app.database.dialect import COCKROACHDB, asyncpg_url, dialect_of
from app.database.migrations import migrate
from app.settings import Settings
from tests.support.cluster import execute
from tests.support.fake_cockroach import SETUP_STATEMENTS


@contextmanager
def _create_database(url: str) -> Iterator[str]:
    name = f"exhausted_{os.getpid()}"
    asyncio.run(execute(url, f"CREATE DATABASE {name}"))
    own = urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    if dialect_of(url) is COCKROACHDB:
        asyncio.run(execute(own, *SETUP_STATEMENTS))
    try:
        asyncio.run(migrate(own))
        yield own
    finally:
        asyncio.run(execute(url, f"DROP DATABASE {name} WITH (FORCE)"))


@asynccontextmanager
async def _lock_interviews(url: str) -> AsyncIterator[None]:
    connection = await asyncpg.connect(asyncpg_url(url))
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE interview IN ACCESS EXCLUSIVE MODE")
            yield
    finally:
        await connection.close()


async def _serve(url: str) -> int:
    environment = {**os.environ, "DATABASE_URL": url}
    async with _lock_interviews(url):
        service = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "app", "serve", *sys.argv[1:], env=environment
        )
        try:
            return await service.wait()
        finally:
            if service.returncode is None:
                service.kill()
                await service.wait()


def _main() -> int:
    with database_url(Settings()) as url, _create_database(url) as own:
        return asyncio.run(_serve(own))


if __name__ == "__main__":
    sys.exit(_main())
