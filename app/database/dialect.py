"""The differences between PostgreSQL and CockroachDB, which speaks its protocol. The scheme of the URL chooses.

The statements of the service are the same on both. What a Dialect says about CockroachDB comes from its documentation:
PostgreSQL compatibility, transactions, transaction retry errors, known limitations.
"""

from typing import Any, Literal, NamedTuple

from piccolo.engine.cockroach import CockroachTransaction
from piccolo.engine.postgres import PostgresTransaction

from app.database.commit_status import REPORT_TRANSACTION


class Dialect(NamedTuple):
    """How to talk to one kind of database.

    engine, transaction: Piccolo's name for it, and Piccolo's transaction.
    begin_read, begin_write: the options of BEGIN.
    report_transaction: runs with BEGIN and reports the transaction's id, to look up a COMMIT that gets no reply. Empty
    if the database cannot look it up.
    oldest_version: of the server. before_migrations: a statement to run first, if the server knows it.
    advisory_locks: migrations wait for each other. Without them, they conflict and try again.
    system_views: the server describes itself as PostgreSQL does.
    """

    name: str
    scheme: str
    engine: Literal["postgres", "cockroach"]
    transaction: type[PostgresTransaction]
    begin_read: str
    begin_write: str
    report_transaction: str
    oldest_version: int
    before_migrations: str
    advisory_locks: bool
    system_views: bool


POSTGRESQL = Dialect(
    name="PostgreSQL",
    scheme="postgresql://",
    engine="postgres",
    transaction=PostgresTransaction,
    begin_read="ISOLATION LEVEL REPEATABLE READ READ ONLY",
    begin_write="ISOLATION LEVEL READ COMMITTED",
    report_transaction=REPORT_TRANSACTION,
    oldest_version=14,
    before_migrations="",
    advisory_locks=True,
    system_views=True,
)

COCKROACHDB = Dialect(
    name="CockroachDB",
    scheme="cockroachdb://",
    engine="cockroach",
    transaction=CockroachTransaction,
    begin_read="ISOLATION LEVEL SERIALIZABLE READ ONLY",  # no cluster setting can disable this level
    begin_write="ISOLATION LEVEL SERIALIZABLE",
    report_transaction="",
    oldest_version=0,
    before_migrations="SET autocommit_before_ddl = off",  # versions before 24.1 always behave like this
    advisory_locks=False,
    system_views=False,
)


def dialect_of(url: str | None) -> Dialect:
    """Return CockroachDB for `cockroachdb://…`, PostgreSQL for every other URL and for None."""
    return COCKROACHDB if url is not None and url.startswith(COCKROACHDB.scheme) else POSTGRESQL


def dialect_of_server(connection: Any) -> Dialect:
    """Return the dialect of the server of an asyncpg connection, for any URL."""
    return COCKROACHDB if hasattr(connection.get_settings(), "crdb_version") else POSTGRESQL


def server_version(connection: Any) -> str:
    """Return name and version of the server of an asyncpg connection."""
    reported: str | None = getattr(connection.get_settings(), "crdb_version", None)
    return reported.partition(" (")[0] if reported else f"PostgreSQL {connection.get_settings().server_version}"


def asyncpg_url(url: str) -> str:
    """Return the URL with a scheme that asyncpg knows."""
    if dialect_of(url) is POSTGRESQL:
        return url
    return POSTGRESQL.scheme + url.removeprefix(COCKROACHDB.scheme)
