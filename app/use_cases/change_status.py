"""Change the status of an interview."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from app.database.statement import sql
from app.domain.access import Caller, require_access
from app.domain.interview import Status
from app.use_cases.interview_json import INTERVIEW
from app.use_cases.interview_rows import CAN_ACCESS, LOCKED

CHANGE = sql(f"""
    WITH locked AS ({LOCKED}), changed AS (
        UPDATE interview
        SET status = :status::text,
            completed_at = CASE WHEN :status::text = 'completed' THEN coalesce(completed_at, :now::timestamptz) END,
            updated_at = :now
        WHERE id_interview = :interview_id AND EXISTS (SELECT 1 FROM locked WHERE {CAN_ACCESS})
        RETURNING completed_at, {INTERVIEW} AS document
    )
    SELECT
        locked.employee_id,
        locked.organization_id,
        locked.completed_at IS DISTINCT FROM changed.completed_at AS completed_at_changed,
        changed.document
    FROM locked LEFT JOIN changed ON true
""")  # noqa: S608 - composed only of constants


@dataclass(frozen=True, slots=True)
class ChangedStatus:
    """json: the interview after the change. updated_fields: the names of the fields that were set."""

    json: bytes
    updated_fields: list[str]


async def change_status(interview_id: UUID, status: Status, caller: Caller) -> ChangedStatus:
    """Set the status; any status may follow any other.

    Completing sets `completed_at`, leaving completed clears it (requirement 4).
    Raises InterviewNotFound and AccessDenied.
    """
    row = await CHANGE.first(
        interview_id=interview_id,
        organization_id=caller.organization_id,
        scope=caller.scope,
        status=status,
        now=datetime.now(UTC),
    )
    row = require_access(row, caller)
    updated_fields = ["status", "completed_at"] if row["completed_at_changed"] else ["status"]
    return ChangedStatus(row["document"].encode(), updated_fields)
