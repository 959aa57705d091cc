"""POST /interviews/continue."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from app.domain.access import Caller
from app.domain.errors import DeadlinePassed
from app.domain.interview import Role
from app.domain.permissions import Permission
from app.endpoints.endpoint import Endpoint
from app.endpoints.events import told, wants_events, whole
from app.endpoints.keyed import keyed, once
from app.envelope import Envelope
from app.inputs.reading import read_body
from app.inputs.requests import ContinueRequest
from app.interviewer.asking import ask, process_matches
from app.interviewer.protocol import Conversation, Tell, Turn
from app.use_cases.answer import Answer
from app.use_cases.continue_interview import FinishedTurn, OpenTurn, open_turn, record_turn
from app.use_cases.idempotency import IdempotencyKey

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
            await self.database.shown()  # the client is told of a write that another request may still be waiting with
            replayed = once(CONTINUED, opened)
            return whole(opened.data["question"], replayed) if wants_events(request) else replayed
        if wants_events(request):
            return await self._told(request, opened, wanted, caller, key)
        turn = await self._think(opened, wanted)
        answer = await self.database.writing(record_turn, opened, turn, caller, key)
        return once(CONTINUED, answer)

    async def _told(
        self, request: Request, opened: OpenTurn, wanted: ContinueRequest, caller: Caller, key: IdempotencyKey | None
    ) -> Response:
        """The turn as events. It goes on after this method has returned, so it takes the request's deadline along."""
        deadline = asyncio.timeout_at(self._deadline.when())
        database = self.services.transactions(deadline)

        async def work(tell: Tell) -> Envelope:
            try:
                async with deadline:
                    turn = await self._think(opened, wanted, tell)
                    return once(CONTINUED, await database.writing(record_turn, opened, turn, caller, key))
            except TimeoutError as error:
                if deadline.expired():
                    raise DeadlinePassed from error
                raise

        return await told(request, work)

    async def _think(self, opened: OpenTurn, wanted: ContinueRequest, tell: Tell | None = None) -> FinishedTurn:
        """Let the interviewer answer. Raises InterviewerUnavailable; then nothing has been written."""
        language = wanted.language or opened.language
        history = (*opened.history, Turn(Role.USER, wanted.user_response))
        conversation = Conversation(language, history, opened.user_name)
        interviewer = self.services.interviewer
        return FinishedTurn(
            user_response=wanted.user_response,
            reply=await ask(interviewer, conversation, self.settings.interviewer_timeout, tell),
            language=language,
            session_id=wanted.session_id,
            process_matches=await process_matches(interviewer, conversation),
            matches_processes=interviewer.matches_processes,
        )
