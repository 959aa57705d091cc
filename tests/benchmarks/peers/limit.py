"""The limit: a bare ASGI callable on asyncpg, without routing, authentication or validation.

UnitOfWork begin with the service's own BEGIN and its time limits, but for the transaction's id, which the service
asks for in addition. Whose requests they are is known beforehand.
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
from tests.benchmarks.peers.bare import answer, whole_body
from tests.benchmarks.peers.wire import HEALTH
from tests.benchmarks.rows import STARTERS

_PREFIX = "/api/v1/interviews"


class _Connection(asyncpg.Connection):
    """Goes back to the pool without a round trip, as the service's do."""

    def get_reset_query(self) -> str:
        return ""


class Limit:
    """The callable and its pool."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._begin_read = Database(str(settings.database_url), settings).begin_read
        self._begin_write = f"BEGIN ISOLATION LEVEL READ COMMITTED;{self._begin_read.partition(';')[2]}"
        self._starters = itertools.cycle(STARTERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        status, content = await self._serve(scope["method"], scope["path"], receive)
        await answer(send, status, orjson.dumps(content, default=str))

    async def _serve(self, method: str, path: str, receive: Receive) -> tuple[int, object]:
        place = path[len(_PREFIX) + 1 :]
        if method == "GET":
            if path == "/api/v1/health":
                return 200, HEALTH
            if not place:
                return await self.read(limit_reads.page)
            return await self.read(limit_reads.interview, place)
        body = orjson.loads(await whole_body(receive))
        if method == "PATCH":
            return await self.write(limit_writes.change_status, place, body)
        if place == "start":
            return await limit_writes.start(self, next(self._starters), body)
        if place == "continue":
            return await limit_writes.continue_interview(self, body)
        return await self.read(limit_reads.export, body["interview_id"])

    async def read(self, work: Callable[..., Awaitable[Any]], *arguments: object) -> Any:
        """Run `work(connection, *arguments)` in a transaction that reads."""
        return await self._run(self._begin_read, work, *arguments)

    async def write(self, work: Callable[..., Awaitable[Any]], *arguments: object) -> Any:
        """Run `work(connection, *arguments)` in a transaction that writes."""
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

    async def _live(self, receive: Receive, send: Send) -> None:
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
    """Make it, for the database of DATABASE_URL."""
    return Limit(Settings(database_url=os.environ["DATABASE_URL"]))
