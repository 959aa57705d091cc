"""List interviews, newest first, a page at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg
from piccolo.columns import Column
from piccolo.custom_types import Combinable
from piccolo.query.methods.select import Select
from piccolo.querystring import QueryString

from app.database.statement import Statement, compiled
from app.domain.access import Caller
from app.domain.interview import Language, Status
from app.use_cases.cursor import LAST_ID, Cursor
from app.use_cases.documents import INTERVIEW
from tables.interview import Interview

_EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Filters:
    """Which interviews to list; None leaves a filter out. The dates bound `started_at`, both included."""

    status: Status | None = None
    language: Language | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page: a JSON array, and where it stands.

    total: interviews on all pages; with a cursor, those up to here and one more where there is more. next: where the
    page after this one begins; None where there is none.
    """

    json: bytes
    number: int
    total: int
    next: Cursor | None


async def list_interviews(caller: Caller, filters: Filters, page: int, page_size: int) -> Page:
    """The interviews of one page, and how many there are on all (requirement 2).

    The caller's own, or those of the whole organization where the caller reads it. One statement brings page and
    total; only past the last page, where no row could carry the total, a second one counts.
    """
    statements, values = _asked(caller, filters, Cursor.beginning())
    rows = await statements.page.rows(**values, limit=page_size, offset=(page - 1) * page_size)
    if not rows:
        counted = await statements.count.one(**values) if page > 1 else {"total": 0}
        return Page(b"[]", page, counted["total"], None)
    total, listed = rows[0]["total"], (page - 1) * page_size + len(rows)
    here = Cursor(rows[0]["started_at"], rows[0]["id_interview"], page, listed - len(rows))
    return Page(_array(rows), page, total, _next(here, rows) if listed < total else None)


async def list_from(cursor: Cursor, caller: Caller, filters: Filters, page_size: int) -> Page:
    """The interviews behind a cursor. It costs as much as the page is long, however many interviews there are."""
    statements, values = _asked(caller, filters, cursor)
    found = await statements.behind.rows(**values, limit=page_size + 1)
    rows, more = found[:page_size], len(found) > page_size
    total = cursor.before + len(rows) + more
    return Page(_array(rows), cursor.page, total, _next(cursor, rows) if more else None)


def _asked(caller: Caller, filters: Filters, cursor: Cursor) -> tuple["_Statements", dict[str, Any]]:
    behind = (cursor.started_at, cursor.interview_id)
    moment, id_ = min(behind, (filters.end_date, LAST_ID)) if filters.end_date else behind
    values = {
        "organization_id": caller.organization_id,
        "employee_id": caller.employee_id,
        "status": filters.status,
        "language": filters.language,
        "since": filters.start_date or _EARLIEST,
        "moment": moment,
        "id_": id_,
    }
    return OF_ORGANIZATION if caller.reads_organization else OWN, values


def _array(rows: Sequence[asyncpg.Record]) -> bytes:
    return b"[%b]" % b",".join(row["document"].encode() for row in rows)


def _next(here: Cursor, rows: Sequence[asyncpg.Record]) -> Cursor:
    return here.after(rows[-1]["started_at"], rows[-1]["id_interview"], len(rows))


def _optional(column: Column, value: Any) -> QueryString:
    """A filter that lets every row by where its value is NULL."""
    return QueryString("({}::text IS NULL OR {} = {})", value, column, value)


def _filtered(
    query: Select[Interview], status: Any, language: Any, since: Any, moment: Any, id_: Any
) -> Select[Interview]:
    """The latest moment is a comparison of rows, even where there is no cursor.

    Two plain bounds of one column are guessed to leave a two-hundredth of it, whatever they are, and then PostgreSQL
    sorts a whole organization rather than taking a page from its index.
    """
    return query.where(
        _optional(Interview.status, status),
        _optional(Interview.language, language),
        Interview.started_at >= since,
        QueryString("({}, {}) < ({}, {})", Interview.started_at, Interview.id_interview, moment, id_),
    )


class _Statements:
    """The statements of a scope; `owner` says which interviews it holds, from the caller's two ids.

    The total is a subquery of its own, not `count(*) OVER ()`: an index alone answers it, where a window would read
    every row of every page.
    """

    def __init__(self, owner: Callable[[Any, Any], Combinable]) -> None:
        self._owner = owner
        self.count: Statement = compiled(
            lambda organization_id, employee_id, status, language, since, moment, id_: self._counted(
                organization_id, employee_id, (status, language, since, moment, id_)
            )
        )
        self.page: Statement = compiled(
            lambda organization_id, employee_id, status, language, since, moment, id_, limit, offset: self._paged(
                organization_id, employee_id, (status, language, since, moment, id_), limit, offset
            )
        )
        self.behind: Statement = compiled(
            lambda organization_id, employee_id, status, language, since, moment, id_, limit: self._listed(
                organization_id, employee_id, (status, language, since, moment, id_), limit
            )
        )

    def _counted(self, organization_id: Any, employee_id: Any, filters: tuple[Any, ...]) -> Select[Interview]:
        query = Interview.select(QueryString("count(*) AS total")).where(self._owner(organization_id, employee_id))
        return _filtered(query, *filters)

    def _listed(
        self, organization_id: Any, employee_id: Any, filters: tuple[Any, ...], limit: Any, *more: QueryString
    ) -> Select[Interview]:
        query = Interview.select(INTERVIEW, Interview.started_at, Interview.id_interview, *more)
        newest_first = query.order_by(Interview.started_at, Interview.id_interview, ascending=False).limit(limit)
        return _filtered(newest_first.where(self._owner(organization_id, employee_id)), *filters)

    def _paged(
        self, organization_id: Any, employee_id: Any, filters: tuple[Any, ...], limit: Any, offset: Any
    ) -> Select[Interview]:
        counted = self._counted(organization_id, employee_id, filters).querystrings[0]
        total = QueryString("({}) AS total", counted)
        return self._listed(organization_id, employee_id, filters, limit, total).offset(offset)


OWN = _Statements(
    lambda organization_id, employee_id: (
        (Interview.organization_id == organization_id) & (Interview.employee_id == employee_id)
    )
)
OF_ORGANIZATION = _Statements(lambda organization_id, _: Interview.organization_id == organization_id)
