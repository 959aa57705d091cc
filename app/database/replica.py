"""A streaming replica for reads that may be `replica_max_lag` seconds old. Clients still see their own writes.

Two rules, which need no clock that processes share:

- Each process regularly notes the primary's position in the write-ahead log (WAL). The replica serves a read only if it
  has replayed the position noted `replica_max_lag` ago or later. It reports its own position in the reply to BEGIN.
- The response to a write waits until the replica has replayed it, at most `replica_max_lag`. After that, no process
  considers the replica fresh enough without the write, whether or not that process knows of the write.

The rules hold if the primary is idle, and if the replica stops replaying or is promoted. If the replica cannot serve a
read, the primary does.

After a failover, positions of the new primary compare with those of a replica only if the replica follows it: the old
primary may hold a log of its own that reaches further. So each process compares the timelines first.
"""

import asyncio
import re
import time
from collections import deque
from contextlib import suppress
from typing import Any, NamedTuple

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

_WRITTEN = "SELECT left(pg_walfile_name(lsn), 8) || '/' || lsn FROM pg_current_wal_insert_lsn() AS lsn"
_FOLLOWED = """
SELECT greatest(
    (SELECT received_tli FROM pg_stat_wal_receiver),
    (SELECT timeline_id FROM pg_control_checkpoint()),
    (SELECT min_recovery_end_timeline FROM pg_control_recovery())
)
"""
"""The timeline that a replica follows. Roles with pg_read_all_stats see it immediately, others after a checkpoint."""

_REPLAYED = "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() END::text"
_REPORT_POSITION = (
    f"BEGIN READ ONLY; SELECT set_config('application_name', '{APPLICATION_NAME}/' || "
    "CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() END::text, false); COMMIT; "
)
"""Runs before BEGIN, in a transaction of its own: a later transaction sees everything replayed so far."""

_REPORTED = re.compile(rf"{APPLICATION_NAME}/([0-9A-F]+/[0-9A-F]+)")

Position = int
"""A position in the write-ahead log. Later positions are greater."""


class _Written(NamedTuple):
    timeline: int
    position: Position


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
        self._timeline = 0
        self._follows = False
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
        """Whether to try the replica: there is a recent note, it follows the primary, and it has not just failed."""
        return bool(self._notes) and self._follows and time.monotonic() >= self._paused_until

    def ensure_fresh(self, connection: PooledConnection) -> None:
        """Raise Stale unless the transaction that has begun on `connection` is fresh enough for a read."""
        reported = _REPORTED.fullmatch(getattr(connection.get_settings(), "application_name", ""))
        required = self._required_position()
        if reported is None:
            connection.terminate()  # It was promoted. Another host of the URL may be the replica now.
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
        written: _Written | None = None
        while (left := ends_at - time.monotonic()) > 0:
            with suppress(DatabaseUnavailable, asyncpg.PostgresError, OSError, TimeoutError):
                async with asyncio.timeout(left):
                    written = written or await self._query_written()
                    if (
                        self.usable
                        and written.timeline == self._timeline
                        and await self._has_replayed(written.position)
                    ):
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
                written = await self._query_written()
                await self._compare_timelines(written.timeline)
            except Exception as error:  # noqa: BLE001 - after any error, reads go to the primary
                log.warning("primary_position_unknown", why=type(error).__name__)
            else:
                self._notes.append(_Note(at, written.position))
            self._required_position()
            await asyncio.sleep(self._max_lag / _NOTES_PER_LAG)

    async def _compare_timelines(self, timeline: int) -> None:
        """Notice a new primary, and whether the replica follows it."""
        if timeline != self._timeline:
            self._timeline, self._follows = timeline, False
            self._notes.clear()
        if not self._follows:
            with suppress(DatabaseUnavailable):
                followed = await _query(self.database, _FOLLOWED)
                self._follows = followed == timeline and await self._has_replayed(0)

    async def _query_written(self) -> _Written:
        timeline, _, position = (await _query(self._primary, _WRITTEN)).partition("/")
        return _Written(int(timeline, 16), _parse_position(position))

    async def _has_replayed(self, position: Position) -> bool:
        replayed = await _query(self.database, _REPLAYED)
        return replayed is not None and _parse_position(replayed) >= position


UNFIT = (Stale, DatabaseUnavailable, *CONFLICTS)
"""Errors after which the primary serves a read. Conflicts are among them: replay cancels statements in its way."""


async def _query(database: Database, statement: str) -> Any:
    """Return the value of a statement; None: the server has no replayed position. Raises DatabaseUnavailable."""
    connection = await database.acquire()
    try:
        with translate_errors(connection):
            value = await connection.fetchval(statement)
    except BaseException:
        database.discard(connection)
        raise
    if value is None:
        database.discard(connection)  # It was promoted. Another host of the URL may be the replica now.
    else:
        database.release(connection)
    return value


def _parse_position(text: str) -> Position:
    high, _, low = text.partition("/")
    return (int(high, 16) << 32) + int(low, 16)
