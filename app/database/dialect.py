"""PostgreSQL, or CockroachDB, which speaks its protocol: what differs between the two, chosen by the scheme of a URL.

The statements are the same: they keep to what both know. What CockroachDB says of itself here is from its documentation
(PostgreSQL compatibility, transactions, transaction retry errors, known limitations).
"""

from typing import Any, Literal, NamedTuple

from app.database import outcome


class Dialect(NamedTuple):
    """How one of the two is spoken.

    engine: Piccolo's name of it. reading, writing: how BEGIN goes on. announce: the statement that makes the answer to
    BEGIN tell the transaction's id, by which a COMMIT without answer is looked up; "" where nobody can be asked.
    """

    name: str
    scheme: str
    engine: Literal["postgres", "cockroach"]
    reading: str
    writing: str
    announce: str


POSTGRESQL = Dialect(
    name="PostgreSQL",
    scheme="postgresql://",
    engine="postgres",
    reading="ISOLATION LEVEL REPEATABLE READ READ ONLY",
    writing="ISOLATION LEVEL READ COMMITTED",
    announce=outcome.ANNOUNCE,
)

COCKROACHDB = Dialect(
    name="CockroachDB",
    scheme="cockroachdb://",
    engine="cockroach",
    reading="ISOLATION LEVEL SERIALIZABLE READ ONLY",  # the one level that no cluster setting can take away
    writing="ISOLATION LEVEL SERIALIZABLE",
    announce="",
)


def dialect_of(url: str | None) -> Dialect:
    """CockroachDB for `cockroachdb://…`, PostgreSQL for everything else."""
    return COCKROACHDB if url is not None and url.startswith(COCKROACHDB.scheme) else POSTGRESQL


def spoken(connection: Any) -> Dialect:
    """What the server of an asyncpg connection speaks, whatever its URL says: CockroachDB names its version."""
    return COCKROACHDB if hasattr(connection.get_settings(), "crdb_version") else POSTGRESQL


def dsn_of(url: str) -> str:
    """The URL as asyncpg takes it: it knows `postgresql://` alone."""
    if dialect_of(url) is POSTGRESQL:
        return url
    return POSTGRESQL.scheme + url.removeprefix(COCKROACHDB.scheme)
