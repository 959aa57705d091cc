"""Export one interview: its conversation and the facts around it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from pydantic_core import from_json

from app.database.statement import sql
from app.domain.access import Caller, require_access
from app.domain.interview import Status, question_number
from app.use_cases.interview_json import TRANSCRIPT, format_timestamp

READ = sql(f"""
    SELECT
        employee_id, organization_id, user_name, organization_name, roles, language, technical_level, guide, status,
        processes_count, processes_referenced::text AS processes_referenced,
        total_messages, started_at, completed_at, {TRANSCRIPT} AS transcript
    FROM interview
    WHERE id_interview = :interview_id
""")  # noqa: S608 - composed only of constants


@dataclass(frozen=True, slots=True)
class Export:
    """facts: the values around the transcript. transcript: JSON. language, technical_level: for the meta.

    guide: the name of the guide that the interview follows. references: the number of processes that it refers to.
    """

    facts: dict[str, object]
    transcript: bytes
    language: str
    technical_level: str
    guide: str
    references: int


async def export_interview(interview_id: UUID, caller: Caller) -> Export:
    """Return the interview to export. Raises InterviewNotFound and AccessDenied (requirement 1)."""
    row = await READ.first(interview_id=interview_id)
    row = require_access(row, caller)
    facts = _facts(interview_id, row)
    return Export(
        facts=facts,
        transcript=row["transcript"].encode(),
        language=row["language"],
        technical_level=row["technical_level"],
        guide=row["guide"],
        references=len(facts["processes_referenced"]),
    )


def _facts(interview_id: UUID, row: asyncpg.Record) -> dict[str, Any]:
    roles: list[str] = row["roles"]
    messages: int = row["total_messages"]
    questions = question_number(messages)
    return {
        "session_id": None,
        "user_id": row["employee_id"],
        "user_name": row["user_name"],
        "user_role": roles[0] if roles else "",
        "organization": row["organization_name"],
        "interview_id": interview_id,
        "interview_date": format_timestamp(row["started_at"]),
        "interview_duration_minutes": _whole_minutes(row["started_at"], row["completed_at"]),
        "total_questions": questions,
        "total_user_responses": messages - questions,
        "is_complete": row["status"] == Status.COMPLETED,
        "processes_referenced": from_json(row["processes_referenced"]),
        "context_used": {
            "employee_name": row["user_name"],
            "organization_name": row["organization_name"],
            "roles": roles,
            "existing_processes_count": row["processes_count"],
        },
    }


def _whole_minutes(started_at: datetime, completed_at: datetime | None) -> int | None:
    """Return how long the interview took, in whole minutes; None if it is not completed."""
    return None if completed_at is None else int((completed_at - started_at).total_seconds() // 60)
