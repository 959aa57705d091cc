"""Outcomes that an interviewer extracts, such as a language model. Its findings are untrusted."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

import structlog
from pydantic_core import to_json

from app.interviewer.ask import to_interviewer_error
from app.interviewer.library import LoadedGuide
from app.interviewer.protocol import Conversation, ExtractingInterviewer, InterviewerError
from app.outcome.assemble import get_assembler
from app.outcome.document import Outcome
from app.outcome.form import create_form, read_findings

log = structlog.get_logger(__name__)

MAX_CHARACTERS = 24_000
"""No outcome is extracted from a longer conversation, because many models would read only a part of it."""

MAX_OUTCOMES = 128
"""The outcomes that were read last are kept."""

MAX_AGE = 3600.0
"""Seconds that an outcome is kept. Repeated reads do not ask again."""

RETRY_INTERVAL = 60.0
"""Seconds after a failure before the same conversation is asked about again."""

MAX_RUNNING = 8
"""The number of extractions that run concurrently."""

_MARGIN = 1.0
"""Seconds of the request's deadline that remain for the response."""


@dataclass(slots=True)
class _Entry:
    """The cache of one conversation. outcome: None after a failure. task: the running extraction."""

    outcome: Outcome | None = None
    expires_at: float = float("-inf")
    task: asyncio.Task[None] | None = None


class ExtractedOutcomes:
    """Extracts outcomes and keeps them for a while. An instance belongs to the event loop that first uses it."""

    def __init__(
        self, interviewer: ExtractingInterviewer, *, timeout: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """timeout: seconds for one extraction."""
        self._interviewer = interviewer
        self._timeout = timeout
        self._clock = clock
        self._entries: OrderedDict[bytes, _Entry] = OrderedDict()
        self._running: set[asyncio.Task[None]] = set()

    async def find(
        self, interview_id: UUID, conversation: Conversation, guide: LoadedGuide, deadline: float | None
    ) -> Outcome | None:
        """Return the outcome of an interview that has ended, or None if it is not there in time.

        conversation: with all messages. guide: the one that the interview follows. deadline: that of the request, in
        the event loop's time. An extraction that takes longer goes on, and a later call returns its outcome.
        """
        key = _key(interview_id, conversation)
        entry = self._entries.setdefault(key, _Entry())
        self._entries.move_to_end(key)
        while len(self._entries) > MAX_OUTCOMES:
            self._entries.popitem(last=False)
        if entry.task is None and self._clock() >= entry.expires_at:
            entry.outcome = None
            if len(self._running) >= MAX_RUNNING:
                log.warning("outcome_not_extracted", reason="too many are running")
                return None
            entry.task = asyncio.create_task(self._extract(entry, conversation, guide), name="extraction of an outcome")
            self._running.add(entry.task)
            entry.task.add_done_callback(self._running.discard)
        if entry.task is not None:
            # Unlike `await task`, a cancelled waiter does not cancel the shared task.
            await asyncio.wait([entry.task], timeout=self._remaining(deadline))
        return entry.outcome

    async def aclose(self) -> None:
        """Cancel the running extractions."""
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    @staticmethod
    def _remaining(deadline: float | None) -> float | None:
        return None if deadline is None else max(deadline - _MARGIN - asyncio.get_running_loop().time(), 0)

    async def _extract(self, entry: _Entry, conversation: Conversation, guide: LoadedGuide) -> None:
        lifetime = RETRY_INTERVAL
        try:
            async with asyncio.timeout(self._timeout):
                entry.outcome = await self._ask(conversation, guide)
            lifetime = MAX_AGE
        except Exception as error:  # noqa: BLE001 - no failure of the interviewer fails the read
            cause = to_interviewer_error(error)
            reason = str(cause) or type(error).__name__
            log.warning("outcome_not_extracted", reason=reason, status=cause.status, setting=cause.setting)
        finally:
            entry.expires_at = self._clock() + lifetime
            entry.task = None

    async def _ask(self, conversation: Conversation, guide: LoadedGuide) -> Outcome:
        """Return the outcome. Raises InterviewerError if it would be empty, and the errors of the interviewer."""
        messages, language = conversation.history, conversation.language
        if sum(len(message.content) for message in messages) > MAX_CHARACTERS:
            raise InterviewerError("the conversation is too long")
        findings = await self._interviewer.extract(conversation, create_form(guide, language))
        outcome, dropped = read_findings(findings, guide, messages)
        if outcome == Outcome():
            raise InterviewerError("no finding quotes an answer")
        log.info("outcome_extracted", dropped=dropped)
        return get_assembler(guide).complete(outcome, messages, language)


def _key(interview_id: UUID, conversation: Conversation) -> bytes:
    """Return a digest of the interview. Another last message or language makes another key."""
    messages = [(turn.role, turn.content) for turn in conversation.history]
    return sha256(to_json((interview_id, conversation.guide, conversation.language, messages))).digest()
