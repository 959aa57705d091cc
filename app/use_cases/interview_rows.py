"""Lock a row of the interview table before it is written."""

from uuid import UUID

from app.database.statement import query
from app.domain.access import Caller, require_access
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


async def lock_interview(interview_id: UUID, caller: Caller) -> None:
    """Lock the interview until the transaction ends. Raises InterviewNotFound and AccessDenied."""
    require_access(await LOCK.first(interview_id=interview_id), caller)
