"""Continue an interview, in two transactions: none is open while the interviewer thinks.

`open_turn` reads what the interviewer has to know; `record_turn` stores what came of it, unless the interview has moved
on meanwhile. Between the two nothing is held and nothing is promised.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.domain.access import Caller, ensure_can_access
from app.domain.errors import NotInProgress, QuestionNotOpen
from app.domain.interview import Language, Role, Status, question_number
from app.interviewer.protocol import Reply, Turn
from app.use_cases.answer import Answer
from app.use_cases.idempotency import IdempotencyKey, remember, stored_answer
from app.use_cases.locking import locked_interview
from app.use_cases.moments import new_id, now
from app.use_cases.ownership import found
from app.use_cases.turns import READ, TURN


@dataclass(frozen=True, slots=True)
class OpenTurn:
    """An interview as it stood when it was read: `messages` stored, the last of them the open question."""

    interview_id: UUID
    messages: int
    language: Language
    user_name: str
    history: Sequence[Turn]


@dataclass(frozen=True, slots=True)
class FinishedTurn:
    """What is to be stored and answered: the user's answer, the interviewer's reply, and what the meta echoes."""

    user_response: str
    reply: Reply
    language: Language
    session_id: str | None
    process_matches: Sequence[dict[str, Any]]
    matches_processes: bool


async def open_turn(
    interview_id: UUID, answers: int | None, caller: Caller, key: IdempotencyKey | None
) -> OpenTurn | Answer:
    """Read the interview to continue; `answers` is the number of the question that the caller means to answer.

    Returns the first answer where the key was used before. Raises InterviewNotFound, AccessDenied,
    IdempotencyKeyReused, NotInProgress and QuestionNotOpen, in this order.
    """
    row = found(await READ.row(interview_id=interview_id))
    ensure_can_access(row, caller)
    stored = await stored_answer(key, caller)
    if stored:
        return stored
    messages: int = row["total_messages"]
    _ensure_open(row["status"], messages, answers)
    return OpenTurn(interview_id, messages, Language(row["language"]), row["user_name"], _history(row["history"]))


async def record_turn(opened: OpenTurn, turn: FinishedTurn, caller: Caller, key: IdempotencyKey | None) -> Answer:
    """Store the user's answer and the next question, numbered on from the last message; a final one completes it.

    Returns the first answer where the key was used meanwhile. Raises InterviewNotFound, AccessDenied,
    IdempotencyKeyReused, NotInProgress, and QuestionNotOpen where another answer came first; then nothing is written.
    """
    answer = _answer(opened, turn)
    if key:
        await locked_interview(opened.interview_id, caller)
        stored = await remember(key, caller, answer, opened.interview_id)
        if stored:
            return stored
    moment = now()
    row = found(
        await TURN.row(
            interview_id=opened.interview_id,
            organization_id=caller.organization_id,
            reach=caller.scope,
            answer_id=new_id(),
            answer=turn.user_response,
            question_id=new_id(),
            question=turn.reply.question,
            messages=opened.messages,
            status=Status.COMPLETED if turn.reply.is_final else Status.IN_PROGRESS,
            completed_at=moment if turn.reply.is_final else None,
            moment=moment,
        )
    )
    ensure_can_access(row, caller)
    _ensure_open(row["status"], row["total_messages"], question_number(opened.messages))
    if not row["advanced"]:
        raise QuestionNotOpen(question_number(row["total_messages"]))
    return answer


def _history(told: list[str]) -> list[Turn]:
    """told: the roles of all messages, and then their contents: neither database brings two arrays as cheaply."""
    half = len(told) // 2
    return [Turn(Role(role), content) for role, content in zip(told[:half], told[half:], strict=True)]


def _ensure_open(status: str, messages: int, answers: int | None) -> None:
    if status != Status.IN_PROGRESS:
        raise NotInProgress
    if answers is not None and answers != question_number(messages):
        raise QuestionNotOpen(question_number(messages))


def _answer(opened: OpenTurn, turn: FinishedTurn) -> Answer:
    number = question_number(opened.messages + 2)
    return Answer(
        data={
            "question": turn.reply.question,
            "question_number": number,
            "is_final": turn.reply.is_final,
            "corrected_response": turn.reply.corrected_response,
            "process_matches": list(turn.process_matches),
        },
        meta={
            "interview_id": opened.interview_id,
            "session_id": turn.session_id,
            "question_count": number,
            "language": turn.language,
            "process_matching_enabled": turn.matches_processes,
        },
    )
