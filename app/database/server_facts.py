"""What a database server says of itself, for those who look whether all is well."""

from dataclasses import dataclass

import asyncpg

from app.database.dialect import COCKROACHDB, dsn_of, spoken
from app.database.failures import translating
from app.domain.errors import DatabaseUnavailable


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """name: the server's, with its version. connections: how many it allows; None where it sets no limit.

    pooled: whether somebody else, such as PgBouncer, answers connections in its place. follows: whether it replicates.
    """

    name: str
    connections: int | None = None
    pooled: bool = False
    follows: bool = False


async def server_facts(url: str) -> ServerFacts:
    """Ask the server of a URL. Raises DatabaseUnavailable."""
    with translating():
        connection = await asyncpg.connect(dsn_of(url), timeout=10, statement_cache_size=0)
    try:
        if spoken(connection) is COCKROACHDB:
            version: str = connection.get_settings().crdb_version
            return ServerFacts(version.partition(" (")[0])
        with translating(connection):
            async with connection.transaction():  # through a pooler too, all are asked of one backend
                row = await connection.fetchrow(
                    "SELECT current_setting('server_version') AS version, pg_backend_pid() AS pid, "
                    "current_setting('max_connections')::int AS connections, pg_is_in_recovery() AS follows"
                )
        if row is None:
            raise DatabaseUnavailable("it does not say what it is")
        pooled = connection.get_server_pid() != row["pid"]
        return ServerFacts(f"PostgreSQL {row['version']}", row["connections"], pooled, row["follows"])
    finally:
        await connection.close()
