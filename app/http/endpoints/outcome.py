"""GET /interviews/{interview_id}/outcome."""

from starlette.requests import Request
from starlette.responses import Response

from app.domain.interview import Language
from app.domain.permissions import Permission
from app.export.flowchart import render_bpmn
from app.export.outcome_documents import outcome_json, render_outcome_csv, render_outcome_markdown
from app.http.content_negotiation import BPMN, CSV, JSON, MARKDOWN, require_media_type
from app.http.documents import document, find_outcome, render
from app.http.endpoint import Endpoint
from app.http.envelope import success
from app.http.request import path_uuid
from app.use_cases.export_interview import export_interview

_DOCUMENTS = {
    MARKDOWN: ("md", render_outcome_markdown),
    CSV: ("csv", render_outcome_csv),
    BPMN: ("bpmn", render_bpmn),
}
_OFFERED = (JSON, *_DOCUMENTS)


class OutcomeEndpoint(Endpoint):
    """/interviews/{interview_id}/outcome."""

    async def get(self, request: Request) -> Response:
        """Return the outcome of an interview as JSON, Markdown, CSV or BPMN."""
        caller = await self.authorize(request, Permission.READ)
        media_type = require_media_type(request, _OFFERED)
        interview_id = path_uuid(request, "interview_id")
        export = await self.unit_of_work.read_replica(export_interview, interview_id, caller)
        known = await self.find_known(request, caller)
        outcome = await find_outcome(interview_id, export, known, self.services, self._deadline.when)
        guide = self.services.guides.find(export.guide).texts(Language(export.language))
        if media_type == JSON:
            data = await render(export, outcome_json, outcome, guide)
            meta = {"interview_id": interview_id, "language": export.language}
            return success("Outcome retrieved successfully", data, meta)
        extension, render_document = _DOCUMENTS[media_type]
        text = await render(export, render_document, outcome, guide)
        return document(text, f"outcome-{interview_id}.{extension}", media_type, export.language)
