"""Read one interview with its messages."""

from uuid import UUID

from app.database.statement import sql
from app.domain.access import Caller, require_access
from app.use_cases.interview_json import INTERVIEW_WITH_MESSAGES

READ = sql(f"""
    SELECT employee_id, organization_id, {INTERVIEW_WITH_MESSAGES} AS document
    FROM interview
    WHERE id_interview = :interview_id
""")  # noqa: S608 - composed only of constants


async def get_interview(interview_id: UUID, caller: Caller) -> bytes:
    """Return the interview as JSON. Raises InterviewNotFound and AccessDenied (requirement 3)."""
    row = await READ.first(interview_id=interview_id)
    row = require_access(row, caller)
    document: str = row["document"]
    return document.encode()
