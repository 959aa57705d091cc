"""Delete an interview, and with it its messages and the results stored under Idempotency-Keys."""

from uuid import UUID

from app.database.statement import sql
from app.domain.access import Caller, require_access
from app.use_cases.interview_rows import CAN_ACCESS, LOCKED

# Locking first makes the statement wait for a request that is writing to the interview.
DELETE = sql(f"""
    WITH locked AS ({LOCKED}), deleted AS (
        DELETE FROM interview
        WHERE id_interview = :interview_id AND EXISTS (SELECT 1 FROM locked WHERE {CAN_ACCESS})
        RETURNING id_interview
    )
    SELECT employee_id, organization_id FROM locked
""")  # noqa: S608 - composed only of constants


async def delete_interview(interview_id: UUID, caller: Caller) -> None:
    """Delete the interview with any status. Foreign keys cascade to everything that belongs to it.

    Raises InterviewNotFound and AccessDenied.
    """
    row = await DELETE.first(interview_id=interview_id, organization_id=caller.organization_id, scope=caller.scope)
    require_access(row, caller)
