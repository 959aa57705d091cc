"""A streaming replica for reads that may be `replica_max_lag` seconds old. Clients still see their own writes.

Two rules, which need no clock that processes share:

- Each process regularly notes the primary's position in the write-ahead log (WAL). The replica serves a read only if it
  has replayed the position noted `replica_max_lag` ago or later. It reports its own position in the reply to BEGIN.
- The response to a write waits until the replica has replayed it, at most `replica_max_lag`. After that, no process
  considers the replica fresh enough without the write, whether or not that process knows of the write.

The rules hold if the primary is idle, and if the replica stops replaying or is promoted. If the replica cannot serve a
read, the primary does.
"""

import asyncio
import re
import time
from collections import deque
from contextlib import suppress
from typing import NamedTuple

import asyncpg
import structlog

from app.database.commit_status import APPLICATION_NAME
from app.database.database import Database
from app.database.errors import CONFLICTS, translate_errors
from app.database.leases import PooledConnection
from app.domain.errors import DatabaseUnavailable

log = structlog.get_logger(__name__)

_NOTES_PER_LAG = 4
"""How often in `replica_max_lag` seconds a process notes the primary's position."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.001, 0.05
"""Seconds between two checks whether the replica has replayed a write. The pause doubles each time."""

_WRITTEN = "SELECT pg_current_wal_insert_lsn()::text"
_REPLAYED = "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() END::text"
_REPORT_POSITION = (
    f"BEGIN READ ONLY; SELECT set_config('application_name', '{APPLICATION_NAME}/' || "
    "CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() END::text, false); COMMIT; "
)
"""Runs before BEGIN, in a transaction of its own: a later transaction sees everything replayed so far."""

_REPORTED = re.compile(rf"{APPLICATION_NAME}/([0-9A-F]+/[0-9A-F]+)")

Position = int
"""A position in the write-ahead log. Later positions are greater."""


class _Note(NamedTuple):
    at: float
    position: Position


class Stale(Exception):
    """The replica is too far behind for a read, or is no replica any more."""


class Replica:
    """The replica of a primary. database: its pool, whose read transactions report the replica's position."""

    def __init__(self, primary: Database, database: Database) -> None:
        """Nothing connects before `open`."""
        self.database = database
        database.begin_read = _REPORT_POSITION + database.begin_read
        self._primary = primary
        self._max_lag = primary.settings.replica_max_lag
        self._notes: deque[_Note] = deque()
        self._paused_until = 0.0
        self._noting: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Open the pool, and start to note the primary's position. An unreachable server is no error."""
        await self.database.open()
        self._noting = asyncio.create_task(self._note_forever(), name="replica notes")

    async def close(self) -> None:
        """Stop noting, and close the pool."""
        if self._noting is not None:
            self._noting.cancel()
            with suppress(asyncio.CancelledError):
                await self._noting
        await self.database.close()

    @property
    def usable(self) -> bool:
        """Whether to try the replica: there is a recent note, and the replica has not just failed."""
        return bool(self._notes) and time.monotonic() >= self._paused_until

    def ensure_fresh(self, connection: PooledConnection) -> None:
        """Raise Stale unless the transaction that has begun on `connection` is fresh enough for a read."""
        reported = _REPORTED.fullmatch(getattr(connection.get_settings(), "application_name", ""))
        required = self._required_position()
        if reported is None or required is None or _parse_position(reported[1]) < required:
            raise Stale

    def pause(self, error: Exception) -> None:
        """Do not try the replica for `replica_max_lag` seconds, after it failed to serve a read."""
        self._paused_until = time.monotonic() + self._max_lag
        log.warning("replica_paused", why=type(error).__name__, seconds=self._max_lag)

    async def wait_until_replayed(self) -> None:
        """Wait until the replica has replayed everything committed so far, at most `replica_max_lag` seconds.

        Never raises an error of the database.
        """
        ends_at = time.monotonic() + self._max_lag
        pause = _FIRST_PAUSE
        written: Position | None = None
        while (left := ends_at - time.monotonic()) > 0:
            with suppress(DatabaseUnavailable, asyncpg.PostgresError, OSError, TimeoutError):
                async with asyncio.timeout(left):
                    written = written or await _query_position(self._primary, _WRITTEN)
                    if written and self.usable and (await _query_position(self.database, _REPLAYED) or 0) >= written:
                        return
            await asyncio.sleep(min(pause, max(0.0, ends_at - time.monotonic())))
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _required_position(self) -> Position | None:
        """Return the position that the replica must have replayed: the oldest note that is recent enough."""
        oldest = time.monotonic() - self._max_lag
        while self._notes and self._notes[0].at < oldest:
            self._notes.popleft()
        return self._notes[0].position if self._notes else None

    async def _note_forever(self) -> None:
        while True:
            at = time.monotonic()
            try:
                position = await _query_position(self._primary, _WRITTEN)
            except Exception as error:  # noqa: BLE001 - after any error, reads go to the primary
                log.warning("primary_position_unknown", why=type(error).__name__)
            else:
                if position is not None:
                    self._notes.append(_Note(at, position))
            self._required_position()
            await asyncio.sleep(self._max_lag / _NOTES_PER_LAG)


UNFIT = (Stale, DatabaseUnavailable, *CONFLICTS)
"""Errors after which the primary serves a read. Conflicts are among them: replay cancels statements in its way."""


async def _query_position(database: Database, statement: str) -> Position | None:
    """Run a statement that returns a position. Raises DatabaseUnavailable."""
    connection = await database.acquire()
    try:
        with translate_errors(connection):
            text: str | None = await connection.fetchval(statement)
    except BaseException:
        database.discard(connection)
        raise
    database.release(connection)
    return None if text is None else _parse_position(text)


def _parse_position(text: str) -> Position:
    high, _, low = text.partition("/")
    return (int(high, 16) << 32) + int(low, 16)
