"""Change the status of an interview."""

from dataclasses import dataclass
from uuid import UUID

from piccolo.querystring import QueryString

from app.database.statement import compiled
from app.domain.access import Caller
from app.domain.interview import Status
from app.use_cases.documents import INTERVIEW
from app.use_cases.locking import locked_interview
from app.use_cases.moments import now
from tables.interview import Interview

CHANGE = compiled(
    lambda interview_id, status, completed_at, updated_at: QueryString(
        "{} RETURNING {}",
        Interview.update(
            {Interview.status: status, Interview.completed_at: completed_at, Interview.updated_at: updated_at}
        )
        .where(Interview.id_interview == interview_id)
        .querystrings[0],
        INTERVIEW,
    )
)


@dataclass(frozen=True, slots=True)
class ChangedStatus:
    """The interview after the change as JSON, and the names of the fields that were set."""

    json: bytes
    updated_fields: list[str]


async def change_status(interview_id: UUID, status: Status, caller: Caller) -> ChangedStatus:
    """Set the status; any may follow any. Completing sets `completed_at`, leaving completed clears it (requirement 4).

    Raises InterviewNotFound and AccessDenied.
    """
    interview = await locked_interview(interview_id, caller)
    moment = now()
    completed_at = (interview["completed_at"] or moment) if status is Status.COMPLETED else None
    row = await CHANGE.one(interview_id=interview_id, status=status, completed_at=completed_at, updated_at=moment)
    changed = ["status"] if completed_at == interview["completed_at"] else ["status", "completed_at"]
    return ChangedStatus(row["document"].encode(), changed)
