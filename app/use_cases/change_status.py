"""Change the status of an interview."""

from dataclasses import dataclass
from uuid import UUID

from piccolo.querystring import QueryString

from app.database.statement import compiled
from app.domain.access import Caller, ensure_can_access
from app.domain.interview import Status
from app.use_cases.documents import INTERVIEW
from app.use_cases.locking import locking, permitted
from app.use_cases.moments import now
from app.use_cases.ownership import found
from tables.interview import Interview

# One round trip instead of two. What is found is locked first: the condition of the update reads it.
CHANGE = compiled(
    lambda interview_id, organization_id, reach, status, moment: QueryString(
        "WITH found AS ({}), changed AS ({} RETURNING completed_at, {}) "
        "SELECT found.*, changed.completed_at AS now_completed_at, document FROM found LEFT JOIN changed ON true",
        locking(interview_id),
        Interview.update(
            {
                Interview.status: status,
                Interview.completed_at: QueryString(
                    "CASE WHEN {}::text = {} THEN coalesce(completed_at, {}::timestamptz) END",
                    status,
                    Status.COMPLETED.value,
                    moment,
                ),
                Interview.updated_at: moment,
            }
        )
        .where(
            Interview.id_interview == interview_id,
            QueryString("EXISTS (SELECT 1 FROM found WHERE {})", permitted(organization_id, reach)),
        )
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
    row = found(
        await CHANGE.row(
            interview_id=interview_id,
            organization_id=caller.organization_id,
            reach=caller.scope,
            status=status,
            moment=now(),
        )
    )
    ensure_can_access(row, caller)
    changed = ["status"] if row["now_completed_at"] == row["completed_at"] else ["status", "completed_at"]
    return ChangedStatus(row["document"].encode(), changed)
