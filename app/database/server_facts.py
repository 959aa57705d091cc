"""What a database server says about itself, for `doctor`."""

from dataclasses import dataclass

import asyncpg

from app.database.dialect import asyncpg_url, dialect_of_server, server_version
from app.database.errors import translate_errors
from app.domain.errors import DatabaseUnavailable


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """name: of the server, with its version. connections: the maximum; None if the server has no limit.

    pooled: a pooler such as PgBouncer accepts the connections. in_recovery: the server is a replica.
    """

    name: str
    connections: int | None = None
    pooled: bool = False
    in_recovery: bool = False


async def read_server_facts(url: str) -> ServerFacts:
    """Connect to the database and return the facts. Raises DatabaseUnavailable."""
    with translate_errors():
        connection = await asyncpg.connect(asyncpg_url(url), timeout=10, statement_cache_size=0)
    try:
        if not dialect_of_server(connection).system_views:
            return ServerFacts(server_version(connection))
        with translate_errors(connection):
            async with connection.transaction():  # a pooler then uses one backend for everything
                row = await connection.fetchrow(
                    "SELECT pg_backend_pid() AS pid, current_setting('max_connections')::int AS connections, "
                    "pg_is_in_recovery() AS in_recovery"
                )
        if row is None:
            raise DatabaseUnavailable("the server does not answer a query about itself")
        pooled = connection.get_server_pid() != row["pid"]
        return ServerFacts(server_version(connection), row["connections"], pooled, row["in_recovery"])
    finally:
        await connection.close()
