"""What a database server says of itself, for those who look whether all is well."""

from dataclasses import dataclass

import asyncpg

from app.database.failures import translating
from app.domain.errors import DatabaseUnavailable


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """version: as PostgreSQL writes it. connections: how many it allows.

    pooled: whether somebody else, such as PgBouncer, answers connections in its place. follows: whether it replicates.
    """

    version: str
    connections: int
    pooled: bool
    follows: bool


async def server_facts(url: str) -> ServerFacts:
    """Ask the server of a URL. Raises DatabaseUnavailable."""
    with translating():
        connection = await asyncpg.connect(url, timeout=10, statement_cache_size=0)
    try:
        with translating(connection):
            async with connection.transaction():  # through a pooler too, all are asked of one backend
                row = await connection.fetchrow(
                    "SELECT current_setting('server_version') AS version, pg_backend_pid() AS pid, "
                    "current_setting('max_connections')::int AS connections, pg_is_in_recovery() AS follows"
                )
        if row is None:
            raise DatabaseUnavailable("it does not say what it is")
        pooled = connection.get_server_pid() != row["pid"]
        return ServerFacts(row["version"], row["connections"], pooled, row["follows"])
    finally:
        await connection.close()
