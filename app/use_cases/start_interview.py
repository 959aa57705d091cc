"""Start an interview."""

from typing import Any
from uuid import UUID

from piccolo.querystring import QueryString

from app.database.statement import compiled
from app.domain.access import Caller
from app.domain.interview import UNKNOWN_TECHNICAL_LEVEL, Language, Role, Status
from app.interviewer.protocol import Reply
from app.use_cases.answer import Answer
from app.use_cases.idempotency import IdempotencyKey, remember
from app.use_cases.moments import new_id, now
from tables.interview import Interview
from tables.interview_message import InterviewMessage


def _previous(organization_id: Any, employee_id: Any) -> QueryString:
    """How many interviews the caller has started; those that this very statement inserts do not count."""
    return (
        Interview.select(QueryString("count(*) AS total"))
        .where((Interview.organization_id == organization_id) & (Interview.employee_id == employee_id))
        .querystrings[0]
    )


def _insert(
    interview_id: Any,
    organization_id: Any,
    employee_id: Any,
    user_name: Any,
    organization_name: Any,
    roles: Any,
    language: Any,
    message_id: Any,
    question: Any,
    moment: Any,
) -> QueryString:
    """One round trip: the interview, its first question, and how many the caller had before."""
    return QueryString(
        "WITH started AS ({}), asked AS ({}) {}",
        Interview.insert(
            Interview(
                id_interview=interview_id,
                organization_id=organization_id,
                employee_id=employee_id,
                user_name=user_name,
                organization_name=organization_name,
                roles=roles,
                language=language,
                technical_level=UNKNOWN_TECHNICAL_LEVEL,
                status=Status.IN_PROGRESS,
                total_messages=1,
                started_at=moment,
                completed_at=None,
                created_at=moment,
                updated_at=moment,
            )
        ).querystrings[0],
        InterviewMessage.insert(
            InterviewMessage(
                id_message=message_id,
                interview_id=interview_id,
                role=Role.ASSISTANT,
                content=question,
                sequence_number=1,
                created_at=moment,
            )
        ).querystrings[0],
        _previous(organization_id, employee_id),
    )


INSERT = compiled(_insert)

# The key has to refer to an interview that is there: so whoever finds the key taken has inserted one in vain.
TAKE_BACK = compiled(lambda interview_id: Interview.delete().where(Interview.id_interview == interview_id))


async def start_interview(caller: Caller, language: Language, reply: Reply, key: IdempotencyKey | None) -> Answer:
    """Store a new interview with its first question, which the interviewer has made already.

    Raises IdempotencyKeyReused; where the key was used with the same body, returns the first answer and stores nothing.
    """
    interview_id = new_id()
    previous = await INSERT.one(
        interview_id=interview_id,
        organization_id=caller.organization_id,
        employee_id=caller.employee_id,
        user_name=caller.name,
        organization_name=caller.organization_name,
        roles=list(caller.roles),
        language=language,
        moment=now(),
        message_id=new_id(),
        question=reply.question,
    )
    answer = _answer(interview_id, caller, language, reply, previous["total"])
    stored = await remember(key, caller, answer, interview_id)
    if stored:
        await TAKE_BACK.rows(interview_id=interview_id)
    return stored or answer


def _answer(interview_id: UUID, caller: Caller, language: Language, reply: Reply, previous: int) -> Answer:
    return Answer(
        data={
            "interview_id": interview_id,
            "question": reply.question,
            "question_number": 1,
            "is_final": False,
        },
        meta={
            "user_name": caller.name,
            "organization": caller.organization_name,
            "language": language,
            "context": {"processes_count": 0, "previous_interviews": previous, "roles": list(caller.roles)},
        },
    )
