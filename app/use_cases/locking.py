"""The interview that a writing use case is about to change, locked until its transaction ends."""

from typing import Any
from uuid import UUID

from piccolo.querystring import QueryString

from app.database.statement import compiled
from app.domain.access import Caller, ensure_can_access
from app.use_cases.ownership import OwnedRow, found
from tables.interview import Interview


def locking(interview_id: Any) -> QueryString:
    """The query that finds the row and locks it; the first half of a statement that writes at once.

    NO KEY UPDATE: other writers wait, while messages that refer to the row may still be inserted.
    """
    return (
        Interview.select(
            Interview.employee_id,
            Interview.organization_id,
            Interview.status,
            Interview.completed_at,
            Interview.total_messages,
        )
        .where(Interview.id_interview == interview_id)
        .lock_rows("NO KEY UPDATE")
        .querystrings[0]
    )


def permitted(organization_id: Any, reach: Any) -> QueryString:
    """Whether the caller may touch the row that was found; `reach` as Caller.scope.

    It asks what ensure_can_access is going to ask, so that nothing of what is going to be refused is written before.
    """
    return QueryString(
        "found.organization_id = {} AND ({}::uuid IS NULL OR found.employee_id = {})", organization_id, reach, reach
    )


LOCK = compiled(locking)


async def locked_interview(interview_id: UUID, caller: Caller) -> OwnedRow:
    """The row, locked. Raises InterviewNotFound and AccessDenied."""
    row = found(await LOCK.row(interview_id=interview_id))
    ensure_can_access(row, caller)
    return row
