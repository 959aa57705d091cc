"""GET /interviews."""

from starlette.requests import Request
from starlette.responses import Response

from app.domain.permissions import Permission
from app.endpoints.endpoint import Endpoint
from app.envelope import RawJSON, success
from app.inputs.reading import read_query
from app.inputs.requests import ListRequest
from app.use_cases.cursor import read_cursor
from app.use_cases.list_interviews import Filters, list_from, list_interviews
from app.use_cases.moments import iso


class InterviewsEndpoint(Endpoint):
    """All interviews that the caller reaches."""

    async def get(self, request: Request) -> Response:
        """list_interviews."""
        caller = await self.authorize(request, Permission.READ)
        wanted = read_query(request, ListRequest)
        filters = Filters(wanted.status, wanted.language, wanted.start_date, wanted.end_date)
        if wanted.cursor is None:
            page = await self.database.viewing(list_interviews, caller, filters, wanted.page, wanted.page_size)
        else:
            cursor = read_cursor(wanted.cursor)
            page = await self.database.viewing(list_from, cursor, caller, filters, wanted.page_size)
        return success(
            "Interviews retrieved successfully",
            RawJSON(page.json),
            {
                "pagination": {
                    "total_items": page.total,
                    "total_pages": -(-page.total // wanted.page_size),
                    "current_page": page.number,
                    "page_size": wanted.page_size,
                    "next_cursor": str(page.next) if page.next else None,
                },
                "filters": {
                    "status": wanted.status,
                    "language": wanted.language,
                    "start_date": iso(wanted.start_date) if wanted.start_date else None,
                    "end_date": iso(wanted.end_date) if wanted.end_date else None,
                },
                "scope": "organization" if caller.reads_organization else "own",
                "employee_id": caller.employee_id,
            },
        )
