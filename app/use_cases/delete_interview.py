"""Forget an interview: the row, and with it its messages and the answers remembered under Idempotency-Keys."""

from uuid import UUID

from piccolo.querystring import QueryString

from app.database.statement import compiled
from app.domain.access import Caller, ensure_can_access
from app.use_cases.locking import locking, permitted
from app.use_cases.ownership import found
from tables.interview import Interview

# One round trip. What is found is locked first: who continues it at this moment is waited for, or finds it gone.
DELETE = compiled(
    lambda interview_id, organization_id, reach: QueryString(
        "WITH found AS ({}), gone AS ({} RETURNING id_interview) SELECT found.* FROM found LEFT JOIN gone ON true",
        locking(interview_id),
        Interview.delete()
        .where(
            Interview.id_interview == interview_id,
            QueryString("EXISTS (SELECT 1 FROM found WHERE {})", permitted(organization_id, reach)),
        )
        .querystrings[0],
    )
)


async def delete_interview(interview_id: UUID, caller: Caller) -> None:
    """Delete it, whatever its status; the tables' foreign keys take what belongs to it along.

    Raises InterviewNotFound and AccessDenied.
    """
    row = found(await DELETE.row(interview_id=interview_id, organization_id=caller.organization_id, reach=caller.scope))
    ensure_can_access(row, caller)
