"""Continue an interview in two transactions, so that none is open while the interviewer generates a question.

`open_turn` reads what the interviewer needs. `record_turn` stores the answer and the next question, unless another
request has changed the interview in between.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from app.database.statement import sql
from app.domain.access import Caller, require_access
from app.domain.errors import NotInProgress, QuestionNotOpen
from app.domain.interview import Language, Role, Status, question_number
from app.interviewer.protocol import Reply, Turn
from app.use_cases.idempotency import IdempotencyKey, Result, find_result, store_result
from app.use_cases.interview_rows import CAN_ACCESS, LOCKED, lock_interview

HISTORY_LIMIT = 100
"""The interviewer receives at most this many messages, the latest: more than twice a complete interview."""

# One array holds all roles, then all contents. Not every dialect has arrays of arrays, and JSON is slower to decode.
READ = sql(f"""
    SELECT employee_id, organization_id, user_name, language, guide, technical_level,
        processes_referenced::text AS processes_referenced, status, total_messages, (
        SELECT array_agg(role::text ORDER BY sequence_number) || array_agg(content ORDER BY sequence_number)
        FROM (
            SELECT role, content, sequence_number
            FROM interview_message
            WHERE interview_id = interview.id_interview
            ORDER BY sequence_number DESC
            LIMIT {HISTORY_LIMIT}
        ) AS latest
    ) AS history
    FROM interview
    WHERE id_interview = :interview_id
""")  # noqa: S608 - composed only of constants

WRITE = sql(f"""
    WITH locked AS ({LOCKED}), advanced AS (
        UPDATE interview
        SET technical_level = :technical_level, processes_referenced = :processes_referenced::text::jsonb,
            total_messages = :messages::int + 2, status = :status, completed_at = :completed_at, updated_at = :now
        WHERE id_interview = :interview_id AND EXISTS (
            SELECT 1 FROM locked WHERE {CAN_ACCESS} AND status = 'in_progress' AND total_messages = :messages
        )
        RETURNING id_interview
    ), stored AS (
        INSERT INTO interview_message (id_message, interview_id, role, content, sequence_number, created_at)
        SELECT id_message, id_interview, role, content, sequence_number, :now::timestamptz
        FROM advanced, (
            VALUES
                (:answer_id::uuid, 'user', :answer::text, :messages + 1),
                (:question_id::uuid, 'assistant', :question::text, :messages + 2)
        ) AS message (id_message, role, content, sequence_number)
    )
    SELECT employee_id, organization_id, status, total_messages, EXISTS (SELECT 1 FROM advanced) AS advanced
    FROM locked
""")  # noqa: S608 - composed only of constants


@dataclass(frozen=True, slots=True)
class OpenTurn:
    """The interview that was read. messages: the number of stored messages; the last one is the open question.

    processes_referenced: the known processes that the answers have named so far, as JSON.
    """

    interview_id: UUID
    messages: int
    language: Language
    user_name: str
    guide: str
    technical_level: str
    processes_referenced: str
    history: Sequence[Turn]


@dataclass(frozen=True, slots=True)
class FinishedTurn:
    """What to store and return: the user's answer, the interviewer's reply, and the values that `meta` echoes.

    technical_level, processes_referenced: the new values of the interview, or None if they are unchanged.
    """

    user_response: str
    reply: Reply
    language: Language
    session_id: str | None
    process_matches: Sequence[dict[str, Any]]
    matches_processes: bool
    technical_level: str | None = None
    processes_referenced: str | None = None


async def open_turn(
    interview_id: UUID, answers: int | None, caller: Caller, key: IdempotencyKey | None
) -> OpenTurn | Result:
    """Read the interview to continue. answers: the number of the question that the caller answers, if given.

    Returns the first result if the key was used before. Raises InterviewNotFound, AccessDenied, IdempotencyKeyReused,
    NotInProgress and QuestionNotOpen, checked in this order.
    """
    row = await READ.first(interview_id=interview_id)
    row = require_access(row, caller)
    replayed = await find_result(key, caller)
    if replayed:
        return replayed
    messages: int = row["total_messages"]
    _ensure_open(row["status"], messages, answers)
    history = _history(row["history"])
    return OpenTurn(
        interview_id=interview_id,
        messages=messages,
        language=Language(row["language"]),
        user_name=row["user_name"],
        guide=row["guide"],
        technical_level=row["technical_level"],
        processes_referenced=row["processes_referenced"],
        history=history,
    )


async def record_turn(opened: OpenTurn, turn: FinishedTurn, caller: Caller, key: IdempotencyKey | None) -> Result:
    """Store the user's answer and the next question, numbered after the last message. A final turn completes it.

    Returns the first result if another request has used the key. Raises InterviewNotFound, AccessDenied,
    IdempotencyKeyReused and NotInProgress, and QuestionNotOpen if another answer was stored first. An error leaves
    nothing written.
    """
    result = _result(opened, turn)
    if key:
        await lock_interview(opened.interview_id, caller)
        replayed = await store_result(key, caller, result, opened.interview_id)
        if replayed:
            return replayed
    now = datetime.now(UTC)
    row = await WRITE.first(
        interview_id=opened.interview_id,
        organization_id=caller.organization_id,
        scope=caller.scope,
        answer_id=uuid7(),
        answer=turn.user_response,
        question_id=uuid7(),
        question=turn.reply.question,
        messages=opened.messages,
        status=Status.COMPLETED if turn.reply.is_final else Status.IN_PROGRESS,
        completed_at=now if turn.reply.is_final else None,
        now=now,
        technical_level=turn.technical_level or opened.technical_level,
        processes_referenced=turn.processes_referenced or opened.processes_referenced,
    )
    row = require_access(row, caller)
    _ensure_open(row["status"], row["total_messages"], question_number(opened.messages))
    if not row["advanced"]:
        raise QuestionNotOpen(question_number(row["total_messages"]))
    return result


def _history(roles_and_contents: list[str]) -> list[Turn]:
    half = len(roles_and_contents) // 2
    roles, contents = roles_and_contents[:half], roles_and_contents[half:]
    return [Turn(Role(role), content) for role, content in zip(roles, contents, strict=True)]


def _ensure_open(status: str, messages: int, answers: int | None) -> None:
    if status != Status.IN_PROGRESS:
        raise NotInProgress
    if answers is not None and answers != question_number(messages):
        raise QuestionNotOpen(question_number(messages))


def _result(opened: OpenTurn, turn: FinishedTurn) -> Result:
    number = question_number(opened.messages + 2)
    return Result(
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
