"""List interviews, newest first, a page at a time."""

from collections.abc import Callable
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

_NO_TOTAL = QueryString("")
_NEWEST_FIRST = QueryString("ORDER BY started_at DESC, id_interview DESC")
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

    The caller's own, or those of the whole organization where the caller reads it.
    """
    before = (page - 1) * page_size
    statements, values = _asked(caller, filters, Cursor.beginning())
    row = await statements.page.one(**values, size=page_size, wanted=page_size, offset=before)
    more = row["found"] > 0 and before + row["found"] < row["total"]
    return Page(_array(row), page, row["total"], _behind(page, before, row) if more else None)


async def list_from(cursor: Cursor, caller: Caller, filters: Filters, page_size: int) -> Page:
    """The interviews behind a cursor. It costs as much as the page is long, however many interviews there are."""
    statements, values = _asked(caller, filters, cursor)
    row = await statements.behind.one(**values, size=page_size, wanted=page_size + 1)
    more = row["found"] > page_size
    total = cursor.before + row["found"]
    return Page(_array(row), cursor.page, total, _behind(cursor.page, cursor.before, row) if more else None)


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


def _array(row: asyncpg.Record) -> bytes:
    return b"[%b]" % (row["documents"] or "").encode()


def _behind(page: int, before: int, row: asyncpg.Record) -> Cursor:
    """Where the page after this one begins."""
    here = Cursor(row["started_at"], row["id_interview"], page, before)
    return here.after(here.started_at, here.interview_id, row["listed"])


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

    The page comes as one row, for decoding eighty values took as long here as finding them did there. It is cut out
    before its JSON is made, so that none is made of rows that OFFSET skips. The total is a subquery of its own, not
    `count(*) OVER ()`: an index alone answers it, where a window would read every row of every page.
    """

    def __init__(self, owner: Callable[[Any, Any], Combinable]) -> None:
        self._owner = owner
        self.page: Statement = compiled(
            lambda organization_id, employee_id, status, language, since, moment, id_, size, wanted, offset: self._page(
                self._cut(organization_id, employee_id, (status, language, since, moment, id_), wanted).offset(offset),
                size,
                self._total(organization_id, employee_id, (status, language, since, moment, id_)),
            )
        )
        self.behind: Statement = compiled(
            lambda organization_id, employee_id, status, language, since, moment, id_, size, wanted: self._page(
                self._cut(organization_id, employee_id, (status, language, since, moment, id_), wanted), size
            )
        )

    def _cut(self, organization_id: Any, employee_id: Any, filters: tuple[Any, ...], wanted: Any) -> Select[Interview]:
        newest_first = Interview.select().order_by(Interview.started_at, Interview.id_interview, ascending=False)
        return _filtered(newest_first.limit(wanted).where(self._owner(organization_id, employee_id)), *filters)

    def _total(self, organization_id: Any, employee_id: Any, filters: tuple[Any, ...]) -> QueryString:
        query = Interview.select(QueryString("count(*)")).where(self._owner(organization_id, employee_id))
        return QueryString(", ({}) AS total", _filtered(query, *filters).querystrings[0])

    def _page(self, cut: Select[Interview], size: Any, total: QueryString = _NO_TOTAL) -> QueryString:
        """The first `size` rows of a cut, in its order; `found`: how many it has, `listed`: how many of them count."""
        return QueryString(
            "SELECT array_to_string(array_remove(documents, documents[listed + 1]), ',') AS documents, found, listed, "
            "ids[listed] AS id_interview, moments[listed] AS started_at{} FROM ("
            "SELECT array_agg(document::text {}) AS documents, array_agg(id_interview {}) AS ids, "
            "array_agg(started_at {}) AS moments, count(*) AS found, least(count(*), {})::int AS listed "
            "FROM (SELECT {}, id_interview, started_at FROM ({}) AS interview) AS each) AS page",
            total,
            _NEWEST_FIRST,
            _NEWEST_FIRST,
            _NEWEST_FIRST,
            size,
            INTERVIEW,
            cut.querystrings[0],
        )


OWN = _Statements(
    lambda organization_id, employee_id: (
        (Interview.organization_id == organization_id) & (Interview.employee_id == employee_id)
    )
)
OF_ORGANIZATION = _Statements(lambda organization_id, _: Interview.organization_id == organization_id)
