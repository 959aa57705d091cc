"""The interview that a writing use case is about to change, locked until its transaction ends."""

from uuid import UUID

from app.database.statement import compiled
from app.domain.access import Caller, ensure_may_touch
from app.use_cases.ownership import OwnedRow, found
from tables.interview import Interview

LOCK = compiled(
    lambda interview_id: (
        Interview.select(
            Interview.employee_id,
            Interview.organization_id,
            Interview.status,
            Interview.completed_at,
            Interview.total_messages,
        )
        .where(Interview.id_interview == interview_id)
        .lock_rows("NO KEY UPDATE")
    )
)


async def locked_interview(interview_id: UUID, caller: Caller) -> OwnedRow:
    """The row, locked. Raises InterviewNotFound and AccessDenied.

    NO KEY UPDATE: other writers wait, while messages that refer to the row may still be inserted.
    """
    row = found(await LOCK.row(interview_id=interview_id))
    ensure_may_touch(row, caller)
    return row
