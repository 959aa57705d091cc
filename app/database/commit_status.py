"""Look up whether a transaction was committed if its COMMIT got no reply. PostgreSQL knows it by the transaction's id.

The service learns the id before it needs it: PostgreSQL reports changes of the parameter `application_name`, so the id
comes with the reply to BEGIN, without a round trip of its own.

If a standby was promoted in the meantime, it hands out ids again that it has not heard of, so a "committed" of another
timeline may be about another transaction too.

A crash of PostgreSQL can lose ids that had not reached the disk, and hand them out again. "committed" may then be about
another transaction. PostgreSQL resets its statistics after a crash, and only then or on request, so the lookup does not
trust a transaction that is older than the statistics.
"""

import re
from typing import Literal, NamedTuple

import asyncpg

from app.database.leases import PooledConnection
from app.domain.errors import CommitStatusUnknown

APPLICATION_NAME = "interview-system"

_TIMELINE = "left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)"

REPORT_TRANSACTION = (
    f"SELECT set_config('application_name', '{APPLICATION_NAME}/' || pg_current_xact_id() || '/' || "  # noqa: S608
    f"extract(epoch FROM transaction_timestamp()) || '/' || {_TIMELINE}, true)"
)
"""Runs with BEGIN. Until the transaction ends, application_name contains its id, the time it began and the timeline."""

_LOOK_UP = f"""
SELECT pg_xact_status($1::text::xid8) AS status, to_timestamp($2::float8) <= stats_reset AS crashed,
    {_TIMELINE} <> $3 AS promoted
FROM pg_stat_archiver
"""  # noqa: S608

_REPORTED = re.compile(rf"{APPLICATION_NAME}/(\d+)/(\d+\.\d+)/([0-9A-F]{{8}})")

CommitStatus = Literal["committed", "aborted", "in progress"]


class ReportedTransaction(NamedTuple):
    """A transaction's id, the time it began in seconds since 1970 by the server's clock, and the server's timeline."""

    id: str
    began: float
    timeline: str


def parse_reported(application_name: str) -> ReportedTransaction:
    """Return the transaction that PostgreSQL reported.

    Raises CommitStatusUnknown if the name has none. A connection pooler may not pass it on.
    """
    match = _REPORTED.fullmatch(application_name)
    if match is None:
        raise CommitStatusUnknown("the connection was lost during COMMIT, and the transaction's id never came")
    return ReportedTransaction(match[1], float(match[2]), match[3])


async def look_up(connection: PooledConnection, transaction: ReportedTransaction) -> CommitStatus:
    """Return the status of the transaction. Raises CommitStatusUnknown if a crash or a failover has lost it."""
    # READ WRITE: a standby, which may not have heard of the transaction, refuses it.
    # Not connection.transaction(): after a timeout it would wait without a limit before it sends ROLLBACK.
    await connection.execute("BEGIN READ WRITE")  # outside a transaction a pooler may use two backends
    try:
        row = await connection.fetchrow(_LOOK_UP, *transaction)
    except asyncpg.InvalidParameterValueError:
        await connection.execute("ROLLBACK")
        return "aborted"  # the id is in the future: a crash lost it, and it was not handed out again
    await connection.execute("COMMIT")
    if row is None or row["status"] is None or (row["status"] == "committed" and row["crashed"]):
        raise CommitStatusUnknown("the database crashed during COMMIT")
    if row["status"] == "committed" and row["promoted"]:
        raise CommitStatusUnknown("another server took over during COMMIT")
    status: CommitStatus = row["status"]
    return status
