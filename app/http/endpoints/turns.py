"""POST /interviews/start and POST /interviews/continue. Both accept an Idempotency-Key."""

import asyncio
from dataclasses import asdict, replace

from starlette.requests import Request
from starlette.responses import Response

from app.context.references import merge_references
from app.context.source import Known
from app.database.deadline import Deadline
from app.database.unit_of_work import UnitOfWork
from app.domain.access import Caller
from app.domain.interview import Role
from app.domain.permissions import Permission
from app.http.endpoint import Endpoint
from app.http.envelope import Envelope, success
from app.http.errors import RequestTimedOut
from app.http.fields import GuideLanguages
from app.http.request import idempotency_key, read_body
from app.http.schemas import ContinueRequest, StartRequest
from app.http.sse import replay_events, stream_events, wants_events
from app.interviewer.ask import ask, match_processes
from app.interviewer.protocol import Conversation, PartCallback, Reply, Turn, answers_of
from app.use_cases.continue_interview import FinishedTurn, OpenTurn, open_turn, record_turn
from app.use_cases.idempotency import IdempotencyKey, Result, find_result
from app.use_cases.start_interview import start_interview

STARTED = "Interview started successfully"
CONTINUED = "Question generated successfully"


class _TurnEndpoint(Endpoint):
    async def _ask(self, conversation: Conversation, on_part: PartCallback | None = None) -> Reply:
        services, timeout = self.services, self.settings.interviewer_timeout
        return await ask(services.interviewer, conversation, timeout, on_part, services.interviewer_health)


class StartEndpoint(_TurnEndpoint):
    """/interviews/start."""

    async def post(self, request: Request) -> Response:
        """Start an interview and return the first question."""
        caller = await self.authorize(request, Permission.CREATE)
        body = await read_body(request, StartRequest, context=GuideLanguages(self.services.guides.languages))
        key = idempotency_key(request, "start_interview", body, self.settings)
        stored = await self.unit_of_work.read(find_result, key, caller) if key else None
        if stored:
            return replayable(STARTED, stored)
        conversation = Conversation(body.language, (), caller.name, body.guide)
        reply = await self._ask(conversation)
        known = await self.find_known(request, caller)
        processes = len(known.processes) if known else 0
        answer = await self.unit_of_work.write(start_interview, caller, conversation, reply, processes, key)
        return replayable(STARTED, answer)


class ContinueEndpoint(_TurnEndpoint):
    """/interviews/continue. No transaction is open while the interviewer generates a question."""

    async def post(self, request: Request) -> Response:
        """Store the answer to the open question and return the next question, as JSON or as server-sent events."""
        caller = await self.authorize(request, Permission.CREATE)
        body = await read_body(request, ContinueRequest)
        key = idempotency_key(request, "continue_interview", body, self.settings)
        opened = await self.unit_of_work.read(open_turn, body.interview_id, body.question_number, caller, key)
        if isinstance(opened, Result):
            # The request that stored this answer may still be waiting for the replica. Wait for it too.
            await self.unit_of_work.wait_for_replica()
            response = replayable(CONTINUED, opened)
            return replay_events(opened.data["question"], response) if wants_events(request) else response
        if wants_events(request):
            return await self._stream(request, opened, body, caller, key)
        known = await self.find_known(request, caller)
        turn = await self._generate_question(opened, body, known)
        answer = await self.unit_of_work.write(record_turn, opened, turn, caller, key)
        return replayable(CONTINUED, answer)

    async def _stream(
        self, request: Request, opened: OpenTurn, body: ContinueRequest, caller: Caller, key: IdempotencyKey | None
    ) -> Response:
        """Stream the turn. The work continues after this method returns, so it gets the request's deadline."""
        deadline = Deadline(self._deadline.when)
        unit_of_work = UnitOfWork(self.services.database, deadline, self.services.replica)

        async def work(on_part: PartCallback) -> Envelope:
            try:
                async with deadline:
                    known = await self.find_known(request, caller)
                    turn = await self._generate_question(opened, body, known, on_part)
                    return replayable(CONTINUED, await unit_of_work.write(record_turn, opened, turn, caller, key))
            except TimeoutError as error:
                if deadline.expired:
                    raise RequestTimedOut from error
                raise

        return await stream_events(request, work)

    async def _generate_question(
        self, opened: OpenTurn, body: ContinueRequest, known: Known | None, on_part: PartCallback | None = None
    ) -> FinishedTurn:
        """Ask the interviewer for the next question. Raises InterviewerUnavailable; nothing has been written then.

        known: what is known of the organization. The comparisons with the answers run in threads, because an
        organization may have thousands of processes, systems and roles.
        """
        language = body.language or opened.language
        history = (*opened.history, Turn(Role.USER, body.user_response))
        names = await asyncio.to_thread(known.names.find, answers_of(history)) if known else ()
        conversation = Conversation(language, history, opened.user_name, opened.guide, names)
        interviewer = self.services.interviewer
        turn = FinishedTurn(
            user_response=body.user_response,
            reply=await self._ask(conversation, on_part),
            language=language,
            session_id=body.session_id,
            process_matches=await match_processes(interviewer, conversation),
            matches_processes=interviewer.matches_processes,
        )
        return await asyncio.to_thread(self._compare, turn, opened, known) if known else turn

    def _compare(self, turn: FinishedTurn, opened: OpenTurn, known: Known) -> FinishedTurn:
        """Return the turn with the known processes that the answer names, and with the technical level."""
        matches = known.matcher.find(turn.user_response)
        answers = answers_of(opened.history)
        guide = self.services.guides.find(opened.guide)
        return replace(
            turn,
            process_matches=[*turn.process_matches, *map(asdict, matches)],
            matches_processes=turn.matches_processes or bool(known.processes),
            technical_level=guide.judge_technical_level([*answers, turn.user_response], turn.language),
            processes_referenced=merge_references(opened.processes_referenced, matches),
        )


def replayable(message: str, answer: Result) -> Envelope:
    """Return the success response for an answer, marked with `Idempotent-Replayed` if it is a replay."""
    headers = {"Idempotent-Replayed": "true"} if answer.replayed else None
    return success(message, answer.data, answer.meta, headers)
