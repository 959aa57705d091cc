"""List interviews, newest first, a page at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from piccolo.columns import Column
from piccolo.custom_types import Combinable
from piccolo.query.methods.select import Select
from piccolo.querystring import QueryString

from app.database.statement import Statement, compiled
from app.domain.access import Caller
from app.domain.interview import Language, Status
from app.use_cases.answer import Document
from app.use_cases.documents import INTERVIEW
from tables.interview import Interview

_EARLIEST = datetime.min.replace(tzinfo=UTC)
_LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Filters:
    """Which interviews to list; None leaves a filter out. The dates bound `started_at`, both included."""

    status: Status | None = None
    language: Language | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None


async def list_interviews(caller: Caller, filters: Filters, page: int, page_size: int) -> Document:
    """The interviews of one page as a JSON array, and how many there are on all pages (requirement 2).

    The caller's own, or those of the whole organization where the caller reads it. One statement brings page and
    total; only past the last page, where no row could carry the total, a second one counts.
    """
    statements = OF_ORGANIZATION if caller.reads_organization else OWN
    values = {
        "organization_id": caller.organization_id,
        "employee_id": caller.employee_id,
        "status": filters.status,
        "language": filters.language,
        "start_date": filters.start_date or _EARLIEST,
        "end_date": filters.end_date or _LATEST,
    }
    rows = await statements.page.rows(**values, limit=page_size, offset=(page - 1) * page_size)
    if rows:
        return Document(b"[%b]" % b",".join(row["document"].encode() for row in rows), rows[0]["total"])
    if page == 1:
        return Document(b"[]", 0)
    counted = await statements.count.one(**values)
    return Document(b"[]", counted["total"])


def _optional(column: Column, value: Any) -> QueryString:
    """A filter that lets every row by where its value is NULL."""
    return QueryString("({}::text IS NULL OR {} = {})", value, column, value)


def _filtered(
    query: Select[Interview], status: Any, language: Any, start_date: Any, end_date: Any
) -> Select[Interview]:
    return query.where(
        _optional(Interview.status, status),
        _optional(Interview.language, language),
        Interview.started_at >= start_date,
        Interview.started_at <= end_date,
    )


class _Statements:
    """The two statements of a scope; `owner` says which interviews it holds, from the caller's two ids."""

    def __init__(self, owner: Callable[[Any, Any], Combinable]) -> None:
        self.page: Statement = compiled(
            lambda organization_id, employee_id, status, language, start_date, end_date, limit, offset: _filtered(
                Interview.select(INTERVIEW, QueryString("count(*) OVER () AS total"))
                .where(owner(organization_id, employee_id))
                .order_by(Interview.started_at, Interview.id_interview, ascending=False)
                .limit(limit)
                .offset(offset),
                status,
                language,
                start_date,
                end_date,
            )
        )
        self.count: Statement = compiled(
            lambda organization_id, employee_id, status, language, start_date, end_date: _filtered(
                Interview.select(QueryString("count(*) AS total")).where(owner(organization_id, employee_id)),
                status,
                language,
                start_date,
                end_date,
            )
        )


OWN = _Statements(
    lambda organization_id, employee_id: (
        (Interview.organization_id == organization_id) & (Interview.employee_id == employee_id)
    )
)
OF_ORGANIZATION = _Statements(lambda organization_id, _: Interview.organization_id == organization_id)
