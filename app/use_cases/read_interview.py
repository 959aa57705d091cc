"""Read one interview with its messages."""

from uuid import UUID

from app.database.statement import compiled
from app.domain.access import Caller, ensure_can_access
from app.use_cases.answer import Document
from app.use_cases.documents import INTERVIEW_WITH_MESSAGES
from app.use_cases.ownership import found
from tables.interview import Interview

READ = compiled(
    lambda interview_id: Interview.select(
        Interview.employee_id, Interview.organization_id, INTERVIEW_WITH_MESSAGES
    ).where(Interview.id_interview == interview_id)
)


async def read_interview(interview_id: UUID, caller: Caller) -> Document:
    """The interview as JSON. Raises InterviewNotFound and AccessDenied (requirement 3)."""
    row = found(await READ.row(interview_id=interview_id))
    ensure_can_access(row, caller)
    return Document(row["document"].encode())
