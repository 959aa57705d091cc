"""POST /interviews/export."""

from datetime import UTC, datetime
from uuid import UUID

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from app.domain.permissions import Permission
from app.export.markdown import render_markdown
from app.export.messages import render_csv
from app.http.content_negotiation import CSV, JSON, MARKDOWN, require_media_type
from app.http.endpoint import Endpoint
from app.http.envelope import Envelope, RawJSON, success
from app.http.request import read_body
from app.http.schemas import ExportRequest
from app.use_cases.export_interview import Export, export_interview
from app.use_cases.interview_json import format_timestamp

_DOCUMENTS = {MARKDOWN: ("md", render_markdown), CSV: ("csv", render_csv)}
_OFFERED = (JSON, *_DOCUMENTS)


class ExportEndpoint(Endpoint):
    """/interviews/export."""

    async def post(self, request: Request) -> Response:
        """Export an interview as JSON, Markdown or CSV."""
        caller = await self.authorize(request, Permission.EXPORT)
        media_type = require_media_type(request, _OFFERED)
        body = await read_body(request, ExportRequest)
        export = await self.unit_of_work.read_replica(export_interview, body.interview_id, caller)
        if media_type == JSON:
            return _envelope(export, body.interview_id)
        return _document(export, body.interview_id, media_type)


def _envelope(export: Export, interview_id: UUID) -> Envelope:
    data = b'%b,"conversation_history":%b}' % (to_json(export.facts)[:-1], export.transcript)
    return success(
        "Interview data exported successfully",
        RawJSON(data),
        {
            "interview_id": interview_id,
            "export_date": format_timestamp(datetime.now(UTC)),
            "language": export.language,
            "technical_level": export.technical_level,
            "data_source": "database",
            "process_references_count": 0,
        },
    )


def _document(export: Export, interview_id: UUID, media_type: str) -> Response:
    extension, render = _DOCUMENTS[media_type]
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="interview-{interview_id}.{extension}"',
        "Content-Language": export.language,
        "X-Content-Type-Options": "nosniff",
    }
    return Response(render(export), media_type=media_type, headers=headers)
