"""List interviews, newest first, one page at a time."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import asyncpg

from app.database.statement import Statement, sql
from app.domain.access import Caller
from app.domain.interview import Language, Status
from app.use_cases.cursor import LAST_ID, Cursor
from app.use_cases.interview_json import INTERVIEW

_EARLIEST = datetime.min.replace(tzinfo=UTC)

# The upper bound compares rows, with and without a cursor. For two plain bounds on one column PostgreSQL estimates
# 1/200 of the rows, for any bounds, and sorts a whole organization instead of reading one page of the index.
_MATCHES = """
    (:status::text IS NULL OR status = :status)
    AND (:language::text IS NULL OR language = :language)
    AND started_at >= :since::timestamptz
    AND (started_at, id_interview) < (:before::timestamptz, :before_id::uuid)
"""


def _page(scope: str, limit: str, total: str = "") -> Statement:
    """Return the statement that reads one page of the interviews in a scope.

    found: how many rows the limit let through. listed: how many of them are on the page.

    The page is one row: decoding eighty values in Python takes as long as finding them in the database. The innermost
    query cuts the page before any JSON is rendered, so that none is rendered for the rows that OFFSET skips.
    """
    return sql(f"""
        SELECT
            array_to_string(array_remove(documents, documents[listed + 1]), ',') AS documents,
            found,
            listed,
            ids[listed] AS last_id,
            moments[listed] AS last_started_at
            {total}
        FROM (
            SELECT
                array_agg(document::text ORDER BY started_at DESC, id_interview DESC) AS documents,
                array_agg(id_interview ORDER BY started_at DESC, id_interview DESC) AS ids,
                array_agg(started_at ORDER BY started_at DESC, id_interview DESC) AS moments,
                count(*) AS found,
                least(count(*), :page_size::int)::int AS listed
            FROM (
                SELECT {INTERVIEW} AS document, id_interview, started_at
                FROM (
                    SELECT * FROM interview
                    WHERE {scope} AND {_MATCHES}
                    ORDER BY started_at DESC, id_interview DESC
                    {limit}
                ) AS interview
            ) AS each
        ) AS page
    """)  # noqa: S608 - composed only of constants


def _numbered_page(scope: str) -> Statement:
    """Return the statement for a page by its number, with the total.

    The total is a subquery, not `count(*) OVER ()`: an index-only scan answers it, while a window reads every row.
    """
    total = f", (SELECT count(*) FROM interview WHERE {scope} AND {_MATCHES}) AS total"  # noqa: S608 - constants
    return _page(scope, "LIMIT :page_size OFFSET :offset", total)


def _page_after_cursor(scope: str) -> Statement:
    """Return the statement for the page after a cursor. It reads one row more, to know whether another page follows."""
    return _page(scope, "LIMIT :page_size + 1")


_OWN = "organization_id = :organization_id AND employee_id = :employee_id"
_ORGANIZATION = "organization_id = :organization_id"

OWN_PAGE = _numbered_page(_OWN)
OWN_PAGE_AFTER_CURSOR = _page_after_cursor(_OWN)
ORGANIZATION_PAGE = _numbered_page(_ORGANIZATION)
ORGANIZATION_PAGE_AFTER_CURSOR = _page_after_cursor(_ORGANIZATION)


@dataclass(frozen=True, slots=True)
class Filters:
    """Which interviews to list; None means any. The dates bound `started_at`, both included.

    employee_id: ignored unless the caller can access the whole organization.
    """

    status: Status | None = None
    language: Language | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None
    employee_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page. json: an array of interviews. next: the cursor of the next page, None on the last one.

    total: the interviews on all pages. With a cursor: those up to this page, and one more if there is another page.
    """

    json: bytes
    number: int
    total: int
    next: Cursor | None


async def list_interviews(caller: Caller, filters: Filters, page: int, page_size: int) -> Page:
    """Return the interviews on one page, and how many there are on all pages (requirement 2).

    They are the caller's own, or the organization's if the caller may read it.
    """
    values = {**_values(caller, filters, Cursor.beginning()), "page_size": page_size}
    offset = (page - 1) * page_size
    statement = ORGANIZATION_PAGE if _employee(caller, filters) is None else OWN_PAGE
    row = await statement.one(**values, offset=offset)
    more = row["found"] > 0 and offset + row["found"] < row["total"]
    return Page(_array(row), page, row["total"], _next(page, offset, row) if more else None)


async def list_after_cursor(cursor: Cursor, caller: Caller, filters: Filters, page_size: int) -> Page:
    """Return the page after a cursor. Its cost depends on the page's size, not on the number of interviews."""
    values = {**_values(caller, filters, cursor), "page_size": page_size}
    statement = ORGANIZATION_PAGE_AFTER_CURSOR if _employee(caller, filters) is None else OWN_PAGE_AFTER_CURSOR
    row = await statement.one(**values)
    more = row["found"] > page_size
    total = cursor.before + row["found"]
    return Page(_array(row), cursor.page, total, _next(cursor.page, cursor.before, row) if more else None)


def _employee(caller: Caller, filters: Filters) -> UUID | None:
    """Return the employee whose interviews are listed, or None for the whole organization."""
    return filters.employee_id if caller.reads_organization else caller.employee_id


def _values(caller: Caller, filters: Filters, cursor: Cursor) -> dict[str, object]:
    """Return the values of the parameters that a scope's statements share."""
    after = (cursor.started_at, cursor.interview_id)
    before, before_id = min(after, (filters.end_date, LAST_ID)) if filters.end_date else after
    scope = {"organization_id": caller.organization_id}
    if (employee := _employee(caller, filters)) is not None:
        scope["employee_id"] = employee
    return {
        **scope,
        "status": filters.status,
        "language": filters.language,
        "since": filters.start_date or _EARLIEST,
        "before": before,
        "before_id": before_id,
    }


def _array(row: asyncpg.Record) -> bytes:
    return b"[%b]" % (row["documents"] or "").encode()


def _next(page: int, before: int, row: asyncpg.Record) -> Cursor:
    """Return the cursor of the page after this one. before: how many interviews come before this page."""
    return Cursor.after(row["last_started_at"], row["last_id"], page + 1, before + row["listed"])
