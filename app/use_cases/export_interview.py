"""Export one interview: its conversation and what is known around it."""

from dataclasses import dataclass
from uuid import UUID

from app.database.statement import compiled
from app.domain.access import Caller, ensure_can_access
from app.domain.interview import Status, question_number
from app.use_cases.documents import TRANSCRIPT
from app.use_cases.moments import iso
from app.use_cases.ownership import OwnedRow, found
from tables.interview import Interview

READ = compiled(
    lambda interview_id: Interview.select(
        Interview.employee_id,
        Interview.organization_id,
        Interview.user_name,
        Interview.organization_name,
        Interview.roles,
        Interview.language,
        Interview.technical_level,
        Interview.status,
        Interview.total_messages,
        Interview.started_at,
        Interview.completed_at,
        TRANSCRIPT,
    ).where(Interview.id_interview == interview_id)
)


@dataclass(frozen=True, slots=True)
class Export:
    """What an export holds: `facts` around the `transcript`, which is JSON, and what the meta names."""

    facts: dict[str, object]
    transcript: bytes
    language: str
    technical_level: str


async def export_interview(interview_id: UUID, caller: Caller) -> Export:
    """The interview to export. Raises InterviewNotFound and AccessDenied (requirement 1)."""
    row = found(await READ.row(interview_id=interview_id))
    ensure_can_access(row, caller)
    return Export(_facts(interview_id, row), row["transcript"].encode(), row["language"], row["technical_level"])


def _facts(interview_id: UUID, row: OwnedRow) -> dict[str, object]:
    roles: list[str] = row["roles"]
    messages: int = row["total_messages"]
    questions = question_number(messages)
    return {
        "session_id": None,
        "user_id": row.employee_id,
        "user_name": row["user_name"],
        "user_role": roles[0] if roles else "",
        "organization": row["organization_name"],
        "interview_id": interview_id,
        "interview_date": iso(row["started_at"]),
        "interview_duration_minutes": _minutes(row),
        "total_questions": questions,
        "total_user_responses": messages - questions,
        "is_complete": row["status"] == Status.COMPLETED,
        "processes_referenced": [],
        "context_used": {
            "employee_name": row["user_name"],
            "organization_name": row["organization_name"],
            "roles": roles,
            "existing_processes_count": 0,
        },
    }


def _minutes(row: OwnedRow) -> int | None:
    """Whole minutes from start to completion; None while not completed."""
    if row["completed_at"] is None:
        return None
    return int((row["completed_at"] - row["started_at"]).total_seconds() // 60)
