"""POST /interviews/continue."""

from starlette.requests import Request
from starlette.responses import Response

from app.domain.interview import Role
from app.domain.permissions import Permission
from app.endpoints.endpoint import Endpoint
from app.endpoints.keyed import keyed, once
from app.inputs.reading import read_body
from app.inputs.requests import ContinueRequest
from app.interviewer.asking import ask, process_matches
from app.interviewer.protocol import Conversation, Turn
from app.use_cases.answer import Answer
from app.use_cases.continue_interview import FinishedTurn, OpenTurn, open_turn, record_turn

CONTINUED = "Question generated successfully"


class ContinueEndpoint(Endpoint):
    """The next turn of an interview."""

    async def post(self, request: Request) -> Response:
        """continue_interview. No transaction is open while the interviewer thinks."""
        caller = await self.authorize(request, Permission.CREATE)
        wanted = await read_body(request, ContinueRequest)
        key = keyed(request, "continue_interview", wanted, self.settings)
        opened = await self.database.reading(open_turn, wanted.interview_id, wanted.question_number, caller, key)
        if isinstance(opened, Answer):
            return once(CONTINUED, opened)
        turn = await self._think(opened, wanted)
        answer = await self.database.writing(record_turn, opened, turn, caller, key)
        return once(CONTINUED, answer)

    async def _think(self, opened: OpenTurn, wanted: ContinueRequest) -> FinishedTurn:
        """Let the interviewer answer. Raises InterviewerUnavailable; then nothing has been written."""
        language = wanted.language or opened.language
        history = (*opened.history, Turn(Role.USER, wanted.user_response))
        conversation = Conversation(language, history, opened.user_name)
        interviewer = self.services.interviewer
        return FinishedTurn(
            user_response=wanted.user_response,
            reply=await ask(interviewer, conversation, self.settings.interviewer_timeout),
            language=language,
            session_id=wanted.session_id,
            process_matches=await process_matches(interviewer, conversation),
            matches_processes=interviewer.matches_processes,
        )
