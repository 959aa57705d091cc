"""What a database server says about itself, for `doctor`."""

from dataclasses import dataclass

import asyncpg

from app.database.connections import open_connection, transaction
from app.database.dialect import dialect_of_server, server_version
from app.database.privileges import Missing, fetch_missing_privileges
from app.domain.errors import DatabaseUnavailable


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """name: of the server, with its version. connections: the maximum; None if the server has no limit.

    pooled: a pooler such as PgBouncer accepts the connections. in_recovery: the server is a replica.
    missing: the privileges and tables that the role lacks.
    """

    name: str
    missing: Missing
    connections: int | None = None
    pooled: bool = False
    in_recovery: bool = False


async def read_server_facts(url: str, *, accounts: bool) -> ServerFacts:
    """Connect to the database and return the facts. accounts: as of `find_missing_privileges`.

    Raises DatabaseUnavailable.
    """
    async with open_connection(url) as connection, transaction(connection):  # a pooler then uses one backend
        return await _read(connection, accounts=accounts)


async def _read(connection: "asyncpg.Connection[asyncpg.Record]", *, accounts: bool) -> ServerFacts:
    name = server_version(connection)
    missing = await fetch_missing_privileges(connection, accounts=accounts)
    if not dialect_of_server(connection).system_views:
        return ServerFacts(name, missing)
    row = await connection.fetchrow(
        "SELECT pg_backend_pid() AS pid, current_setting('max_connections')::int AS connections, "
        "pg_is_in_recovery() AS in_recovery"
    )
    if row is None:
        raise DatabaseUnavailable("the server does not answer a query about itself")
    pooled = connection.get_server_pid() != row["pid"]
    return ServerFacts(name, missing, row["connections"], pooled, row["in_recovery"])
