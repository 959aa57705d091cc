"""`prune`: interviews whose last change is old are deleted with any status, and with all that belongs to them."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from tests.support.cluster import create_database, drop_database
from tests.support.command_line import assert_one_line_error, run_subprocess

_ADD = """
INSERT INTO interview (id_interview, employee_id, organization_id, status, total_messages, started_at, completed_at,
                       created_at, updated_at)
SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), $1::text, 1, now() - interval '9 years',
       CASE WHEN $1::text = 'completed' THEN now() END, now() - interval '9 years', now() - $2::interval
FROM generate_series(1, $3)
RETURNING id_interview
"""
_ADD_MESSAGES = """
INSERT INTO interview_message (id_message, interview_id, role, content, sequence_number, created_at)
SELECT gen_random_uuid(), id_interview, 'assistant', 'Why?', 1, now() FROM interview
"""


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """A migrated database without interviews."""
    url = await create_database()
    yield url
    await drop_database(url)


@pytest.fixture
async def connection(url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection to the database."""
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()


async def _add(connection: asyncpg.Connection, status: str, age: str, number: int = 1) -> set[UUID]:
    rows = await connection.fetch(_ADD, status, timedelta(hours=int(age)), number)
    return {row[0] for row in rows}


async def _fetch_ids(connection: asyncpg.Connection) -> set[UUID]:
    return {row[0] for row in await connection.fetch("SELECT id_interview FROM interview")}


async def test_prune_deletes_by_last_change_and_a_dry_run_only_counts(url: str, connection: asyncpg.Connection) -> None:
    for status in ("in_progress", "completed", "cancelled"):
        await _add(connection, status, "8761")
    kept = await _add(connection, "completed", "8759") | await _add(connection, "in_progress", "0")
    await connection.execute(_ADD_MESSAGES)

    counted = run_subprocess("prune", "--older-than", "365d", "--dry-run", DATABASE_URL=url)
    assert (counted.returncode, counted.stdout, counted.stderr) == (0, "Would delete 3 interviews\n", "")
    assert len(await _fetch_ids(connection)) == 5

    deleted = run_subprocess("prune", "--older-than", "365d", DATABASE_URL=url)
    assert (deleted.returncode, deleted.stdout, deleted.stderr) == (0, "Deleted 3 interviews\n", "")
    assert await _fetch_ids(connection) == kept
    assert await connection.fetchval("SELECT count(*) FROM interview_message") == 2
    assert run_subprocess("prune", "--older-than", "52w", DATABASE_URL=url).stdout == "Deleted 1 interviews\n"


async def test_prune_reaches_every_batch(url: str, connection: asyncpg.Connection) -> None:
    await _add(connection, "completed", "100", 1500)
    kept = await _add(connection, "completed", "1", 1500)

    assert run_subprocess("prune", "--older-than", "50h", DATABASE_URL=url).stdout == "Deleted 1500 interviews\n"
    assert await _fetch_ids(connection) == kept


@pytest.mark.parametrize("age", ["365", "0d", "-1d", "1y", "d", "36500d", "999999w", "1.5d", ""])
def test_prune_refuses_an_age_that_it_does_not_understand(age: str) -> None:
    result = run_subprocess("prune", "--older-than", age, DATABASE_URL="postgresql://127.0.0.1:1/x")
    assert_one_line_error(result, naming="such as 12h, 365d or 52w")


def test_prune_needs_an_age() -> None:
    assert_one_line_error(run_subprocess("prune", DATABASE_URL="postgresql://127.0.0.1:1/x"), naming="--older-than")
