"""Rows of the interview table: check that the caller may access one, and lock one before a write."""

from uuid import UUID

import asyncpg

from app.database.statement import query
from app.domain.access import Caller, ensure_can_access
from app.domain.errors import InterviewNotFound
from tables.interview import Interview

LOCKED = """
    SELECT employee_id, organization_id, status, completed_at, total_messages
    FROM interview
    WHERE id_interview = :interview_id
    FOR NO KEY UPDATE
"""
"""The first part of a statement that locks a row and writes it in one round trip.

NO KEY UPDATE makes other writers wait, but lets messages that refer to the row be inserted.
"""

CAN_ACCESS = "organization_id = :organization_id AND (:scope::uuid IS NULL OR employee_id = :scope)"
"""What `require_access` checks, as a condition on the locked row: nothing is written that is then denied."""

LOCK = query(
    lambda interview_id: (
        Interview.select(Interview.employee_id, Interview.organization_id)
        .where(Interview.id_interview == interview_id)
        .lock_rows("NO KEY UPDATE")
    )
)


def require_access(row: asyncpg.Record | None, caller: Caller) -> asyncpg.Record:
    """Return the row of an interview, which has `organization_id` and `employee_id`.

    Raises InterviewNotFound if there is no row, and AccessDenied if the caller may not access the interview.
    """
    if row is None:
        raise InterviewNotFound
    ensure_can_access(caller, row["organization_id"], row["employee_id"])
    return row


async def lock_interview(interview_id: UUID, caller: Caller) -> None:
    """Lock the interview until the transaction ends. Raises InterviewNotFound and AccessDenied."""
    require_access(await LOCK.first(interview_id=interview_id), caller)
