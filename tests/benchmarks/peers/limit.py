"""The limit: a bare ASGI callable on asyncpg, without routing, authentication or validation.

Transactions begin with the service's BEGIN and time limits, but do not query the transaction's id. The callers are
constants.
"""

import itertools
import os
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import orjson
from starlette.types import Receive, Scope, Send

from app.database.database import Database
from app.settings import Settings
from tests.benchmarks.peers import limit_reads, limit_writes
from tests.benchmarks.peers.bare import read_body, send_response
from tests.benchmarks.peers.wire import HEALTH
from tests.benchmarks.rows import STARTERS

_PREFIX = "/api/v1/interviews"


class _Connection(asyncpg.Connection):
    """A connection that returns to the pool without a round trip, like the service's."""

    def get_reset_query(self) -> str:
        return ""


class Limit:
    """The callable and its connection pool."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._begin_read = Database(str(settings.database_url), settings).begin_read
        self._begin_write = f"BEGIN ISOLATION LEVEL READ COMMITTED;{self._begin_read.partition(';')[2]}"
        self._starters = itertools.cycle(STARTERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "lifespan":
            await self._run_lifespan(receive, send)
            return
        status, content = await self._serve(scope["method"], scope["path"], receive)
        await send_response(send, status, orjson.dumps(content, default=str))

    async def _serve(self, method: str, path: str, receive: Receive) -> tuple[int, object]:
        place = path[len(_PREFIX) + 1 :]
        if method == "GET":
            if path == "/api/v1/health":
                return 200, HEALTH
            if not place:
                return await self.read(limit_reads.list_interviews)
            return await self.read(limit_reads.get_interview, place)
        body = orjson.loads(await read_body(receive))
        if method == "PATCH":
            return await self.write(limit_writes.change_status, place, body)
        if place == "start":
            return await limit_writes.start(self, next(self._starters), body)
        if place == "continue":
            return await limit_writes.continue_interview(self, body)
        return await self.read(limit_reads.export, body["interview_id"])

    async def read(self, work: Callable[..., Awaitable[Any]], *arguments: object) -> Any:
        """Run `work(connection, *arguments)` in a read transaction."""
        return await self._run(self._begin_read, work, *arguments)

    async def write(self, work: Callable[..., Awaitable[Any]], *arguments: object) -> Any:
        """Run `work(connection, *arguments)` in a write transaction."""
        return await self._run(self._begin_write, work, *arguments)

    async def _run(self, begin: str, work: Callable[..., Awaitable[Any]], *arguments: object) -> Any:
        connection = await self._pool.acquire()
        try:
            await connection.execute(begin)
            try:
                result = await work(connection, *arguments)
            except BaseException:
                await connection.execute("ROLLBACK")
                raise
            await connection.execute("COMMIT")
            return result
        finally:
            await self._pool.release(connection)

    async def _run_lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        self._pool: asyncpg.Pool = await asyncpg.create_pool(
            self._settings.database_url,
            min_size=0,
            max_size=self._settings.pool_max_size,
            connection_class=_Connection,
            server_settings={"timezone": "UTC"},
        )
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._pool.close()
        await send({"type": "lifespan.shutdown.complete"})


def create_app() -> Limit:
    """Create the application for the database of DATABASE_URL."""
    return Limit(Settings(database_url=os.environ["DATABASE_URL"]))
