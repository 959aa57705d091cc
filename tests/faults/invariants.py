"""Invariants of the database after every fault."""

import asyncio

import asyncpg

from tests.faults.load import Ledger
from tests.histories.linearizability import assert_linearizable

_BROKEN = """
    SELECT interview.id_interview FROM interview LEFT JOIN interview_message AS message
        ON message.interview_id = interview.id_interview
    GROUP BY interview.id_interview
    HAVING count(message.id_message) <> interview.total_messages
        OR count(DISTINCT message.sequence_number) <> interview.total_messages
        OR min(message.sequence_number) <> 1 OR max(message.sequence_number) <> interview.total_messages
        OR bool_or((message.role = 'assistant') <> (message.sequence_number % 2 = 1))
        OR (interview.status = 'completed') <> (interview.completed_at IS NOT NULL)
"""

_ANSWERS = """
    SELECT interview_id::text, content FROM interview_message WHERE role = 'user'
    ORDER BY interview_id, sequence_number
"""

_IDLE_IN_TRANSACTION = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND state LIKE 'idle in transaction%'
"""


async def assert_stored_equals_acknowledged(database_url: str, ledger: Ledger) -> None:
    """Assert that exactly the acknowledged answers are stored, once and in order, and no transaction is open.

    Every interview's history must be linearizable.
    """
    assert ledger.undocumented == []
    connection = await asyncpg.connect(database_url)
    try:
        assert await connection.fetch(_BROKEN) == []
        stored: dict[str, list[str]] = {}
        for row in await connection.fetch(_ANSWERS):
            stored.setdefault(row["interview_id"], []).append(row["content"])
        expected = {
            interview: [answers[k] for k in sorted(answers)] for interview, answers in ledger.acknowledged.items()
        }
        assert stored == {interview: answers for interview, answers in expected.items() if answers}
        interviews = await connection.fetchval("SELECT count(*) FROM interview")
        assert interviews == len(ledger.acknowledged)
        assert await connection.fetchval(_IDLE_IN_TRANSACTION) == 0
        await asyncio.to_thread(assert_linearizable, ledger.histories.calls)
    finally:
        await connection.close()
