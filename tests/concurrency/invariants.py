"""Invariants of a stored interview, which hold after any concurrent requests."""

from uuid import UUID

from app.database.unit_of_work import UnitOfWork
from tests.support.interviews import fetch_interview, fetch_messages


async def assert_invariants(database: UnitOfWork, interview_id: UUID) -> list[str]:
    """Assert the invariants and return the stored answers in order."""
    interview = await fetch_interview(database, interview_id)
    messages = await fetch_messages(database, interview_id)
    assert [message["sequence_number"] for message in messages] == list(range(1, len(messages) + 1))
    roles = ["assistant" if number % 2 == 0 else "user" for number in range(len(messages))]
    assert [message["role"] for message in messages] == roles
    assert interview["total_messages"] == len(messages)
    assert len(messages) % 2 == 1
    assert (interview["completed_at"] is not None) == (interview["status"] == "completed")
    assert interview["started_at"] <= interview["updated_at"]
    return [str(message["content"]) for message in messages if message["role"] == "user"]
