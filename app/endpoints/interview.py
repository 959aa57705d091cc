"""GET, PATCH and DELETE /interviews/{interview_id}."""

from starlette.requests import Request
from starlette.responses import Response

from app.domain.permissions import Permission
from app.endpoints.endpoint import Endpoint
from app.envelope import RawJSON, nothing, success
from app.inputs.reading import path_uuid, read_body
from app.inputs.requests import ChangeStatusRequest
from app.use_cases.change_status import change_status
from app.use_cases.delete_interview import delete_interview
from app.use_cases.read_interview import read_interview


class InterviewEndpoint(Endpoint):
    """One interview."""

    async def get(self, request: Request) -> Response:
        """get_interview."""
        caller = await self.authorize(request, Permission.READ)
        interview_id = path_uuid(request, "interview_id")
        document = await self.database.viewing(read_interview, interview_id, caller)
        return success(
            "Interview retrieved successfully",
            RawJSON(document.json),
            {"interview_id": interview_id, "employee_id": caller.employee_id},
        )

    async def patch(self, request: Request) -> Response:
        """change_status."""
        caller = await self.authorize(request, Permission.UPDATE)
        wanted = await read_body(request, ChangeStatusRequest)
        interview_id = path_uuid(request, "interview_id")
        changed = await self.database.writing(change_status, interview_id, wanted.status, caller)
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
        """delete_interview."""
        caller = await self.authorize(request, Permission.DELETE)
        interview_id = path_uuid(request, "interview_id")
        await self.database.writing(delete_interview, interview_id, caller)
        return nothing()
