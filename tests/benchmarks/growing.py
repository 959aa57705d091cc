"""A database that grows: many interviews of one employee, or few interviews with many messages."""

from tests.benchmarks.rows import OWNER, add, add_messages, connected

LONG = range(2_000_001, 2_000_041)
"""Interviews that get many messages."""

_CHUNK = 100_000


async def empty(url: str) -> None:
    """Without rows."""
    async with connected(url) as connection:
        await connection.execute("TRUNCATE interview, interview_message, idempotency_record CASCADE")


async def add_interviews(url: str, numbers: range) -> None:
    """Interviews of 3 messages, all of one employee: so the list has as many as the table."""
    async with connected(url) as connection:
        for first in range(numbers.start, numbers.stop, _CHUNK):
            chunk = range(first, min(first + _CHUNK, numbers.stop))
            await add(connection, chunk, messages=3, employee=f"'{OWNER}'")
        await connection.execute("VACUUM ANALYZE interview, interview_message")
        await connection.execute("CHECKPOINT")


async def lengthen(url: str, have: int, want: int) -> None:
    """Bring each of LONG from so many messages to so many; from 0, make it."""
    async with connected(url) as connection:
        if have == 0:
            await add(connection, LONG, messages=want, employee=f"'{OWNER}'")
        else:
            await add_messages(connection, LONG, range(have + 1, want + 1))
    await shorten(url, want)
    async with connected(url) as connection:
        await connection.execute("VACUUM ANALYZE interview, interview_message")
        await connection.execute("CHECKPOINT")


async def shorten(url: str, messages: int) -> None:
    """Take from each of LONG what was added behind so many messages, and open it again."""
    async with connected(url) as connection:
        await connection.execute("DELETE FROM interview_message WHERE sequence_number > $1", messages)
        await connection.execute(
            "UPDATE interview SET total_messages = $1, status = 'in_progress', completed_at = NULL", messages
        )
