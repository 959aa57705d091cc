"""A streaming replica for reads that may be `replica_max_lag` seconds old, while everybody sees their own writes.

Two rules, and no clock but each process's own:

- A process notes, several times in that span, how far the primary's log (WAL) has come. A read is served by the replica
  only where that has replayed what was noted at most `replica_max_lag` ago; the replica tells in the answer to BEGIN.
- An answer to a write waits until the replica has replayed it, and at the most `replica_max_lag`: from then on no
  process takes the replica without it for fresh enough, whichever it is, and whatever it knows of the write.

So it makes no difference whether the primary idles, the replica pauses, is promoted, or another process is asked next.
Whoever is left without the replica reads from the primary.
"""

import asyncio
import re
import time
from collections import deque
from contextlib import suppress
from typing import NamedTuple

import asyncpg
import structlog

from app.database.database import Database
from app.database.failures import CONFLICTS, PooledConnection, translating
from app.database.outcome import APPLICATION_NAME
from app.domain.errors import DatabaseUnavailable

log = structlog.get_logger(__name__)

_NOTES = 4
"""How often in `replica_max_lag` the primary is asked how far it has come."""

_FIRST_LOOK, _LONGEST_LOOK = 0.001, 0.05
"""Seconds between two looks whether the replica has replayed a write; each is twice as long as the one before."""

_WRITTEN = "SELECT pg_current_wal_insert_lsn()::text"
_REPLAYED = "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() END::text"
_TELL = (
    f"BEGIN READ ONLY; SELECT set_config('application_name', '{APPLICATION_NAME}/' || "
    "CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() END::text, false); COMMIT; "
)
"""Before BEGIN, in a transaction of its own: what is replayed by now is visible in whatever begins later."""

_TOLD = re.compile(rf"{APPLICATION_NAME}/([0-9A-F]+/[0-9A-F]+)")

Position = int
"""A place in the write-ahead log, as a number: later ones are greater."""


class _Note(NamedTuple):
    at: float
    position: Position


class Stale(Exception):
    """The replica is further behind than a read may be, or is none any more."""


class Replica:
    """The replica of one primary. `database` is its pool; its reading transactions tell how far it is."""

    def __init__(self, primary: Database, database: Database) -> None:
        """Nothing is connected before `open`."""
        self.database = database
        database.begin_reading = _TELL + database.begin_reading
        self._primary = primary
        self._max_lag = primary.settings.replica_max_lag
        self._notes: deque[_Note] = deque()
        self._left_until = 0.0
        self._noting: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Make its pool, and begin to note how far the primary comes. Out of reach is no error."""
        await self.database.open()
        self._noting = asyncio.create_task(self._note_forever(), name="replica notes")

    async def close(self) -> None:
        """Close its pool, and note no more."""
        if self._noting is not None:
            self._noting.cancel()
            with suppress(asyncio.CancelledError):
                await self._noting
        await self.database.close()

    @property
    def usable(self) -> bool:
        """Whether to try it: something was noted lately, and it has not failed just now."""
        return bool(self._notes) and time.monotonic() >= self._left_until

    def ensure_fresh(self, connection: PooledConnection) -> None:
        """Raise Stale unless the transaction that has begun on `connection` shows what a read has to show."""
        told = _TOLD.fullmatch(getattr(connection.get_settings(), "application_name", ""))
        needed = self._needed()
        if told is None or needed is None or _position(told[1]) < needed:
            raise Stale

    def pause(self, error: Exception) -> None:
        """Try it no more for a while: it could not serve."""
        self._left_until = time.monotonic() + self._max_lag
        log.warning("replica_left", why=type(error).__name__, seconds=self._max_lag)

    async def wait_until_replayed(self) -> None:
        """Wait until what is committed by now is shown to whoever reads from here on; never raises for a failure."""
        ends_at = time.monotonic() + self._max_lag
        pause = _FIRST_LOOK
        written: Position | None = None
        while (left := ends_at - time.monotonic()) > 0:
            with suppress(DatabaseUnavailable, asyncpg.PostgresError, OSError, TimeoutError):
                async with asyncio.timeout(left):
                    written = written or await _asked(self._primary, _WRITTEN)
                    if written and self.usable and (await _asked(self.database, _REPLAYED) or 0) >= written:
                        return
            await asyncio.sleep(min(pause, max(0.0, ends_at - time.monotonic())))
            pause = min(2 * pause, _LONGEST_LOOK)

    def _needed(self) -> Position | None:
        """What the replica has to have replayed: the earliest note that is recent enough, which asks least of it."""
        oldest = time.monotonic() - self._max_lag
        while self._notes and self._notes[0].at < oldest:
            self._notes.popleft()
        return self._notes[0].position if self._notes else None

    async def _note_forever(self) -> None:
        while True:
            at = time.monotonic()
            try:
                position = await _asked(self._primary, _WRITTEN)
            except Exception as error:  # noqa: BLE001 - whatever it is: without notes everybody reads from the primary
                log.warning("primary_not_noted", why=type(error).__name__)
            else:
                if position is not None:
                    self._notes.append(_Note(at, position))
            self._needed()
            await asyncio.sleep(self._max_lag / _NOTES)


UNFIT = (Stale, DatabaseUnavailable, *CONFLICTS)
"""Why a read goes to the primary instead: CONFLICTS too, for replay cancels what stands in its way."""


async def _asked(database: Database, query: str) -> Position | None:
    """The answer to a query for a position. Raises DatabaseUnavailable."""
    connection = await database.acquire()
    try:
        with translating(connection):
            found: str | None = await connection.fetchval(query)
    except BaseException:
        database.discard(connection)
        raise
    database.release(connection)
    return None if found is None else _position(found)


def _position(written: str) -> Position:
    high, _, low = written.partition("/")
    return (int(high, 16) << 32) + int(low, 16)
