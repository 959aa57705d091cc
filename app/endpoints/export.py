"""POST /interviews/export."""

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from app.domain.permissions import Permission
from app.endpoints.endpoint import Endpoint
from app.envelope import RawJSON, success
from app.inputs.reading import read_body
from app.inputs.requests import ExportRequest
from app.use_cases.export_interview import export_interview
from app.use_cases.moments import iso, now


class ExportEndpoint(Endpoint):
    """An interview to take away."""

    async def post(self, request: Request) -> Response:
        """export_interview."""
        caller = await self.authorize(request, Permission.EXPORT)
        wanted = await read_body(request, ExportRequest)
        export = await self.database.reading(export_interview, wanted.interview_id, caller)
        data = b'%b,"conversation_history":%b}' % (to_json(export.facts)[:-1], export.transcript)
        return success(
            "Interview data exported successfully",
            RawJSON(data),
            {
                "interview_id": wanted.interview_id,
                "export_date": iso(now()),
                "language": export.language,
                "technical_level": export.technical_level,
                "data_source": "database",
                "process_references_count": 0,
            },
        )
