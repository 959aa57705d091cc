"""The reads of the limit: from rows to dictionaries to the envelope."""

from datetime import UTC, datetime
from typing import Any

import asyncpg

from app.domain.interview import question_number
from app.use_cases.cursor import Cursor
from app.use_cases.interview_json import format_timestamp
from tests.benchmarks.peers import statements
from tests.benchmarks.peers.wire import NOT_FOUND
from tests.benchmarks.rows import ORGANIZATION, OWNER

Answer = tuple[int, dict[str, Any]]
Connection = asyncpg.Connection

PAGE_SIZE = 20
_NO_FILTERS = {"status": None, "language": None, "start_date": None, "end_date": None}


def success(message: str, data: object, meta: object) -> Answer:
    """Build the envelope of a 200."""
    return 200, {
        "status": "success", "code": 200, "message": message, "data": data, "errors": None, "meta": meta,
    }  # fmt: skip


async def get_interview(connection: Connection, interview_id: str) -> Answer:
    """Get."""
    row = await connection.fetchrow(statements.INTERVIEW, interview_id)
    if row is None:
        return 404, NOT_FOUND
    messages = await connection.fetch(statements.MESSAGES, interview_id)
    data = {**row, "messages": [dict(each) for each in messages]}
    meta = {"interview_id": interview_id, "employee_id": OWNER}
    return success("Interview retrieved successfully", data, meta)


async def list_interviews(connection: Connection) -> Answer:
    """Return the first page of the list."""
    rows = await connection.fetch(statements.PAGE, ORGANIZATION, OWNER, PAGE_SIZE, 0)
    total = await connection.fetchval(statements.COUNT, ORGANIZATION, OWNER)
    last = rows[-1]
    behind = Cursor.after(last["started_at"], last["id_interview"], 2, PAGE_SIZE)
    pagination = {
        "total_items": total,
        "total_pages": -(-total // PAGE_SIZE),
        "current_page": 1,
        "page_size": PAGE_SIZE,
        "next_cursor": str(behind),
    }
    meta = {"pagination": pagination, "filters": _NO_FILTERS, "scope": "own", "employee_id": OWNER}
    return success("Interviews retrieved successfully", [dict(row) for row in rows], meta)


async def export(connection: Connection, interview_id: str) -> Answer:
    """Export."""
    row = await connection.fetchrow(statements.EXPORT, interview_id)
    if row is None:
        return 404, NOT_FOUND
    messages = await connection.fetch(statements.EXPORTED_MESSAGES, interview_id)
    meta = {
        "interview_id": interview_id,
        "export_date": format_timestamp(datetime.now(UTC)),
        "language": row["language"],
        "technical_level": row["technical_level"],
        "data_source": "database",
        "process_references_count": 0,
    }
    return success("Interview data exported successfully", _build_export(interview_id, row, messages), meta)


def _build_export(interview_id: str, row: asyncpg.Record, messages: list[asyncpg.Record]) -> dict[str, Any]:
    finished, roles = row["completed_at"], row["roles"]
    questions = question_number(row["total_messages"])
    return {
        "session_id": None,
        "user_id": row["employee_id"],
        "user_name": row["user_name"],
        "user_role": roles[0] if roles else "",
        "organization": row["organization_name"],
        "interview_id": interview_id,
        "interview_date": row["started_at"],
        "interview_duration_minutes": int((finished - row["started_at"]).total_seconds() // 60) if finished else None,
        "total_questions": questions,
        "total_user_responses": row["total_messages"] - questions,
        "is_complete": row["status"] == "completed",
        "processes_referenced": [],
        "context_used": {
            "employee_name": row["user_name"],
            "organization_name": row["organization_name"],
            "roles": roles,
            "existing_processes_count": 0,
        },
        "conversation_history": [dict(each) for each in messages],
    }
