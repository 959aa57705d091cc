"""GET /interviews, GET /interviews/permissions, and GET, PATCH and DELETE /interviews/{interview_id}."""

from starlette.requests import Request
from starlette.responses import Response

from app.domain.access import ensure_permitted
from app.domain.permissions import DESCRIPTIONS, Permission
from app.http.endpoint import Endpoint
from app.http.envelope import RawJSON, no_content, success
from app.http.request import path_uuid, read_body, read_query
from app.http.schemas import ChangeStatusRequest, ListRequest
from app.use_cases.change_status import change_status
from app.use_cases.cursor import read_cursor
from app.use_cases.delete_interview import delete_interview
from app.use_cases.get_interview import get_interview
from app.use_cases.interview_json import format_timestamp
from app.use_cases.list_interviews import Filters, list_after_cursor, list_interviews

_PERMISSIONS = [{"name": name, "description": text} for name, text in DESCRIPTIONS.items()]


class InterviewsEndpoint(Endpoint):
    """/interviews."""

    async def get(self, request: Request) -> Response:
        """List the interviews that the caller can access, newest first."""
        caller = await self.authorize(request, Permission.READ)
        if "employee_id" in request.query_params:
            ensure_permitted(caller, Permission.READ_ALL)
        query = read_query(request, ListRequest)
        filters = Filters(query.status, query.language, query.start_date, query.end_date, query.employee_id)
        if query.cursor is None:
            page = await self.unit_of_work.read_replica(list_interviews, caller, filters, query.page, query.page_size)
        else:
            cursor = read_cursor(query.cursor)
            page = await self.unit_of_work.read_replica(list_after_cursor, cursor, caller, filters, query.page_size)
        return success(
            "Interviews retrieved successfully",
            RawJSON(page.json),
            {
                "pagination": {
                    "total_items": page.total,
                    "total_pages": -(-page.total // query.page_size),
                    "current_page": page.number,
                    "page_size": query.page_size,
                    "next_cursor": str(page.next) if page.next else None,
                },
                "filters": {
                    "status": query.status,
                    "language": query.language,
                    "start_date": format_timestamp(query.start_date) if query.start_date else None,
                    "end_date": format_timestamp(query.end_date) if query.end_date else None,
                    **({"employee_id": query.employee_id} if query.employee_id else {}),
                },
                "scope": "organization" if caller.reads_organization else "own",
                "employee_id": caller.employee_id,
            },
        )


class InterviewEndpoint(Endpoint):
    """/interviews/{interview_id}."""

    async def get(self, request: Request) -> Response:
        """Return one interview with its messages."""
        caller = await self.authorize(request, Permission.READ)
        interview_id = path_uuid(request, "interview_id")
        interview = await self.unit_of_work.read_replica(get_interview, interview_id, caller)
        return success(
            "Interview retrieved successfully",
            RawJSON(interview),
            {"interview_id": interview_id, "employee_id": caller.employee_id},
        )

    async def patch(self, request: Request) -> Response:
        """Change the status of an interview and return the interview."""
        caller = await self.authorize(request, Permission.UPDATE)
        body = await read_body(request, ChangeStatusRequest)
        interview_id = path_uuid(request, "interview_id")
        changed = await self.unit_of_work.write(change_status, interview_id, body.status, caller)
        return success(
            "Interview status updated successfully",
            RawJSON(changed.json),
            {
                "interview_id": interview_id,
                "employee_id": caller.employee_id,
                "updated_fields": changed.updated_fields,
            },
        )

    async def delete(self, request: Request) -> Response:
        """Delete an interview with its messages and its stored idempotency keys."""
        caller = await self.authorize(request, Permission.DELETE)
        interview_id = path_uuid(request, "interview_id")
        await self.unit_of_work.write(delete_interview, interview_id, caller)
        return no_content()


class PermissionsEndpoint(Endpoint):
    """/interviews/permissions."""

    async def get(self, request: Request) -> Response:  # noqa: ARG002 - every operation takes the request
        """List the permissions that a token can carry."""
        return success(
            "Permissions retrieved successfully",
            {"permissions": _PERMISSIONS},
            {"total_permissions": len(_PERMISSIONS)},
        )
