"""Start an interview."""

from datetime import UTC, datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from app.database.statement import query, sql
from app.domain.access import Caller
from app.domain.interview import UNKNOWN_TECHNICAL_LEVEL, Language
from app.interviewer.protocol import Conversation, Reply
from app.use_cases.idempotency import IdempotencyKey, Result, store_result
from tables.interview import Interview

# The count does not include the interview that the same statement inserts.
INSERT = sql(f"""
    WITH started AS (
        INSERT INTO interview (
            id_interview, organization_id, employee_id, user_name, organization_name, roles, language, guide,
            processes_count, technical_level, status, total_messages, started_at, created_at, updated_at
        )
        VALUES (
            :interview_id, :organization_id, :employee_id, :user_name, :organization_name, :roles, :language, :guide,
            :processes_count, '{UNKNOWN_TECHNICAL_LEVEL}', 'in_progress', 1, :now, :now, :now
        )
    ), asked AS (
        INSERT INTO interview_message (id_message, interview_id, role, content, sequence_number, created_at)
        VALUES (:message_id, :interview_id, 'assistant', :question, 1, :now)
    )
    SELECT count(*) AS previous_interviews
    FROM interview
    WHERE organization_id = :organization_id AND employee_id = :employee_id
""")  # noqa: S608 - composed only of constants

DELETE = query(lambda interview_id: Interview.delete().where(Interview.id_interview == interview_id))


async def start_interview(
    caller: Caller, conversation: Conversation, reply: Reply, processes_count: int, key: IdempotencyKey | None
) -> Result:
    """Store a new interview and its first question, which the interviewer has generated already.

    processes_count: the number of known processes of the organization.

    Returns the first result and stores nothing if the key was used before with the same body.
    Raises IdempotencyKeyReused.
    """
    interview_id = uuid7()
    row = await INSERT.one(
        interview_id=interview_id,
        organization_id=caller.organization_id,
        employee_id=caller.employee_id,
        user_name=caller.name,
        organization_name=caller.organization_name,
        roles=list(caller.roles),
        language=conversation.language,
        guide=conversation.guide,
        processes_count=processes_count,
        now=datetime.now(UTC),
        message_id=uuid7(),
        question=reply.question,
    )
    context = {
        "processes_count": processes_count,
        "previous_interviews": row["previous_interviews"],
        "roles": list(caller.roles),
    }
    result = _result(interview_id, caller, conversation.language, reply, context)
    # A stored key refers to its interview, so the interview is inserted first and deleted if the key is taken.
    replayed = await store_result(key, caller, result, interview_id)
    if replayed:
        await DELETE.execute(interview_id=interview_id)
    return replayed or result


def _result(interview_id: UUID, caller: Caller, language: Language, reply: Reply, context: dict[str, object]) -> Result:
    return Result(
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
            "context": context,
        },
    )
