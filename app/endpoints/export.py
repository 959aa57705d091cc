"""POST /interviews/export."""

from uuid import UUID

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from app.domain.permissions import Permission
from app.endpoints.endpoint import Endpoint
from app.envelope import Envelope, RawJSON, success
from app.exports.comma_separated import comma_separated
from app.exports.markdown import markdown
from app.inputs.accepting import CSV, JSON, MARKDOWN, acceptable
from app.inputs.reading import read_body
from app.inputs.requests import ExportRequest
from app.use_cases.export_interview import Export, export_interview
from app.use_cases.moments import iso, now

_FILES = {MARKDOWN: ("md", markdown), CSV: ("csv", comma_separated)}
_OFFERED = (JSON, *_FILES)


class ExportEndpoint(Endpoint):
    """An interview to take away."""

    async def post(self, request: Request) -> Response:
        """export_interview."""
        caller = await self.authorize(request, Permission.EXPORT)
        media_type = acceptable(request, _OFFERED)
        wanted = await read_body(request, ExportRequest)
        export = await self.database.viewing(export_interview, wanted.interview_id, caller)
        if media_type == JSON:
            return _enveloped(export, wanted.interview_id)
        return _file(export, wanted.interview_id, media_type)


def _enveloped(export: Export, interview_id: UUID) -> Envelope:
    data = b'%b,"conversation_history":%b}' % (to_json(export.facts)[:-1], export.transcript)
    return success(
        "Interview data exported successfully",
        RawJSON(data),
        {
            "interview_id": interview_id,
            "export_date": iso(now()),
            "language": export.language,
            "technical_level": export.technical_level,
            "data_source": "database",
            "process_references_count": 0,
        },
    )


def _file(export: Export, interview_id: UUID, media_type: str) -> Response:
    extension, written = _FILES[media_type]
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="interview-{interview_id}.{extension}"',
        "Content-Language": export.language,
        "X-Content-Type-Options": "nosniff",
    }
    return Response(written(export), media_type=media_type, headers=headers)
