"""What became of a transaction whose COMMIT got no answer: PostgreSQL can be asked, by the transaction's id.

The id is known beforehand. `application_name` is a parameter that PostgreSQL reports back unasked, so that an id put
there comes with the answer to BEGIN and costs no round trip of its own.

A crash takes ids back: those that had not reached the disk are handed out again, and "committed" may then be said of
somebody else's transaction. PostgreSQL starts its statistics anew after a crash (and only then, or when told to), so
that it counts for nothing where these are younger than the transaction.
"""

import re
from typing import Literal, NamedTuple

import asyncpg

from app.database.failures import PooledConnection
from app.domain.errors import CommitStatusUnknown

APPLICATION_NAME = "interview-system"

ANNOUNCE = (
    f"SELECT set_config('application_name', '{APPLICATION_NAME}/' || pg_current_xact_id() || '/' || "  # noqa: S608
    "extract(epoch FROM transaction_timestamp()), true)"
)
"""Run with BEGIN: makes application_name the transaction's id and moment, until its end."""

_ASK = """
SELECT pg_xact_status($1::text::xid8) AS status, to_timestamp($2::float8) <= stats_reset AS crashed
FROM pg_stat_archiver
"""

_ANNOUNCED = re.compile(rf"{APPLICATION_NAME}/(\d+)/(\d+\.\d+)")

Outcome = Literal["committed", "aborted", "in progress"]


class Announced(NamedTuple):
    """A transaction as PostgreSQL knows it: its id, and its begin in seconds of 1970 on the server's clock."""

    id: str
    began: float


def announced(application_name: str) -> Announced:
    """The transaction that was announced. Raises CommitStatusUnknown where none was: a proxy may keep it to itself."""
    found = _ANNOUNCED.fullmatch(application_name)
    if found is None:
        raise CommitStatusUnknown("the connection was lost during COMMIT, and the transaction's id never came")
    return Announced(found[1], float(found[2]))


async def ask(connection: PooledConnection, transaction: Announced) -> Outcome:
    """What PostgreSQL knows of the transaction now. Raises CommitStatusUnknown where a crash made it forget."""
    try:
        async with connection.transaction():  # a pooler may ask two backends what is outside of one
            row = await connection.fetchrow(_ASK, *transaction)
    except asyncpg.InvalidParameterValueError:
        return "aborted"  # an id of the future: a crash took it back, and nobody has it again yet
    if row is None or row["status"] is None or (row["status"] == "committed" and row["crashed"]):
        raise CommitStatusUnknown("the database crashed during COMMIT")
    status: Outcome = row["status"]
    return status
