"""The two statements of a turn: what there is to know before it, and what is stored of it, each in one round trip."""

from typing import Any

from piccolo.querystring import QueryString

from app.database.statement import compiled
from app.domain.interview import Role, Status
from app.use_cases.locking import locking, permitted
from tables.interview import Interview

HISTORY_LIMIT = 100
"""Messages that the interviewer is shown at the most, the latest: more than twice what an interview comes to."""

_HISTORY = QueryString(
    "(SELECT array_agg(role::text ORDER BY sequence_number) || array_agg(content ORDER BY sequence_number) "
    "FROM (SELECT role, content, sequence_number FROM interview_message "
    "WHERE interview_id = interview.id_interview ORDER BY sequence_number DESC LIMIT {}) AS latest) AS history",
    HISTORY_LIMIT,
)

READ = compiled(
    lambda interview_id: Interview.select(
        Interview.employee_id,
        Interview.organization_id,
        Interview.user_name,
        Interview.language,
        Interview.status,
        Interview.total_messages,
        _HISTORY,
    ).where(Interview.id_interview == interview_id)
)


def _turn(
    interview_id: Any,
    organization_id: Any,
    reach: Any,
    answer_id: Any,
    answer: Any,
    question_id: Any,
    question: Any,
    messages: Any,
    status: Any,
    completed_at: Any,
    moment: Any,
) -> QueryString:
    """One round trip instead of three. What is found is locked first: the update reads it, the insert the update."""
    return QueryString(
        "WITH found AS ({}), advanced AS ({} RETURNING id_interview), told AS ("
        "INSERT INTO interview_message (id_message, interview_id, role, content, sequence_number, created_at) "
        "SELECT id_message, id_interview, role, content, sequence_number, {}::timestamptz FROM advanced, (VALUES "
        "({}::uuid, {}, {}::text, {}::int + 1), ({}::uuid, {}, {}::text, {}::int + 2)"
        ") AS turn (id_message, role, content, sequence_number)) "
        "SELECT found.*, EXISTS (SELECT 1 FROM advanced) AS advanced FROM found",
        locking(interview_id),
        Interview.update(
            {
                Interview.total_messages: QueryString("{}::int + 2", messages),
                Interview.status: status,
                Interview.completed_at: completed_at,
                Interview.updated_at: moment,
            }
        )
        .where(
            Interview.id_interview == interview_id,
            QueryString(
                "EXISTS (SELECT 1 FROM found WHERE {} AND found.status = {} AND found.total_messages = {})",
                permitted(organization_id, reach),
                Status.IN_PROGRESS.value,
                messages,
            ),
        )
        .querystrings[0],
        moment,
        answer_id,
        Role.USER.value,
        answer,
        messages,
        question_id,
        Role.ASSISTANT.value,
        question,
        messages,
    )


TURN = compiled(_turn)
