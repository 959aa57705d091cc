"""Fill a database with many interviews of one employee, or a few interviews with many messages."""

from tests.benchmarks.rows import OWNER, add, add_messages, open_connection

LONG = range(2_000_001, 2_000_041)
"""The numbers of the interviews with many messages."""

_CHUNK = 100_000


async def delete_rows(url: str) -> None:
    """Delete all rows."""
    async with open_connection(url) as connection:
        await connection.execute("TRUNCATE interview, interview_message, idempotency_record CASCADE")


async def add_interviews(url: str, numbers: range) -> None:
    """Add interviews of 3 messages, all of one employee, so that the list contains every interview."""
    async with open_connection(url) as connection:
        for first in range(numbers.start, numbers.stop, _CHUNK):
            chunk = range(first, min(first + _CHUNK, numbers.stop))
            await add(connection, chunk, messages=3, employee=f"'{OWNER}'")
        await connection.execute("VACUUM ANALYZE interview, interview_message")
        await connection.execute("CHECKPOINT")


async def lengthen(url: str, have: int, want: int) -> None:
    """Extend each interview of LONG from `have` to `want` messages. If `have` is 0, create it."""
    async with open_connection(url) as connection:
        if have == 0:
            await add(connection, LONG, messages=want, employee=f"'{OWNER}'")
        else:
            await add_messages(connection, LONG, range(have + 1, want + 1))
    await shorten(url, want)
    async with open_connection(url) as connection:
        await connection.execute("VACUUM ANALYZE interview, interview_message")
        await connection.execute("CHECKPOINT")


async def shorten(url: str, messages: int) -> None:
    """Delete all but the first `messages` messages of each interview of LONG, and reopen it."""
    async with open_connection(url) as connection:
        await connection.execute("DELETE FROM interview_message WHERE sequence_number > $1", messages)
        await connection.execute(
            "UPDATE interview SET total_messages = $1, status = 'in_progress', completed_at = NULL", messages
        )
