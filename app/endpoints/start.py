"""POST /interviews/start."""

from starlette.requests import Request
from starlette.responses import Response

from app.domain.permissions import Permission
from app.endpoints.endpoint import Endpoint
from app.endpoints.keyed import keyed, once
from app.inputs.reading import read_body
from app.inputs.requests import StartRequest
from app.interviewer.asking import ask
from app.interviewer.protocol import Conversation
from app.use_cases.idempotency import stored_answer
from app.use_cases.start_interview import start_interview

STARTED = "Interview started successfully"


class StartEndpoint(Endpoint):
    """A new interview."""

    async def post(self, request: Request) -> Response:
        """start_interview."""
        caller = await self.authorize(request, Permission.CREATE)
        wanted = await read_body(request, StartRequest)
        key = keyed(request, "start_interview", wanted, self.settings)
        stored = await self.database.reading(stored_answer, key, caller) if key else None
        if stored:
            return once(STARTED, stored)
        conversation = Conversation(wanted.language, (), caller.name)
        reply = await ask(self.services.interviewer, conversation, self.settings.interviewer_timeout)
        answer = await self.database.writing(start_interview, caller, wanted.language, reply, key)
        return once(STARTED, answer)
