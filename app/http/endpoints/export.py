"""POST /interviews/export."""

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from app.domain.interview import Language
from app.domain.permissions import Permission
from app.export.markdown import render_markdown
from app.export.messages import render_csv
from app.export.outcome_documents import outcome_json
from app.http.content_negotiation import CSV, JSON, MARKDOWN, require_media_type
from app.http.documents import document, find_outcome, render
from app.http.endpoint import Endpoint
from app.http.envelope import Envelope, RawJSON, success
from app.http.request import read_body
from app.http.schemas import ExportRequest
from app.use_cases.export_interview import Export, export_interview
from app.use_cases.interview_json import format_timestamp

_EXTENSIONS = {MARKDOWN: "md", CSV: "csv"}
_OFFERED = (JSON, *_EXTENSIONS)


class ExportEndpoint(Endpoint):
    """/interviews/export."""

    async def post(self, request: Request) -> Response:
        """Export an interview as JSON, Markdown or CSV."""
        caller = await self.authorize(request, Permission.EXPORT)
        media_type = require_media_type(request, _OFFERED)
        body = await read_body(request, ExportRequest)
        export = await self.unit_of_work.read_replica(export_interview, body.interview_id, caller)
        if media_type == CSV:
            text = await render(export, render_csv, export)
        else:
            known = await self.find_known(request, caller)
            outcome = await find_outcome(body.interview_id, export, known, self.services, self._deadline.when)
            guide = self.services.guides.find(export.guide).texts(Language(export.language))
            if media_type == JSON:
                return _envelope(export, body.interview_id, await render(export, outcome_json, outcome, guide))
            text = await render(export, render_markdown, export, outcome, guide)
        return document(text, f"interview-{body.interview_id}.{_EXTENSIONS[media_type]}", media_type, export.language)


def _envelope(export: Export, interview_id: UUID, outcome: Mapping[str, object]) -> Envelope:
    facts = to_json({**export.facts, "outcome": outcome})
    data = b'%b,"conversation_history":%b}' % (facts[:-1], export.transcript)
    return success(
        "Interview data exported successfully",
        RawJSON(data),
        {
            "interview_id": interview_id,
            "export_date": format_timestamp(datetime.now(UTC)),
            "language": export.language,
            "technical_level": export.technical_level,
            "data_source": "database",
            "process_references_count": export.references,
        },
    )
