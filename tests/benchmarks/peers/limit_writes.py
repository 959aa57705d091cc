"""The writes of the limit."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from uuid_utils.compat import uuid7

from app.domain.interview import Language, Role, question_number
from app.interviewer.protocol import Conversation, Turn
from app.interviewer.scripted import ScriptedInterviewer
from tests.benchmarks.peers import statements
from tests.benchmarks.peers.limit_reads import Answer, Connection, success
from tests.benchmarks.peers.wire import CONFLICT, NOT_FOUND
from tests.benchmarks.rows import ORGANIZATION, ORGANIZATION_NAME, OWNER, USER_NAME

if TYPE_CHECKING:
    from tests.benchmarks.peers.limit import Limit

_INTERVIEWER = ScriptedInterviewer()
_ROLES = ["employee"]


async def change_status(connection: Connection, interview_id: str, body: dict[str, Any]) -> Answer:
    """Patch."""
    locked = await connection.fetchrow(statements.LOCK, interview_id)
    if locked is None:
        return 404, NOT_FOUND
    status, moment = body["status"], datetime.now(UTC)
    completed_at = (locked["completed_at"] or moment) if status == "completed" else None
    row = await connection.fetchrow(statements.CHANGE, interview_id, status, completed_at, moment)
    changed = ["status"] if completed_at == locked["completed_at"] else ["status", "completed_at"]
    meta = {"interview_id": interview_id, "employee_id": OWNER, "updated_fields": changed}
    return success("Interview status updated successfully", dict(row), meta)


async def start(limit: "Limit", employee_id: UUID, body: dict[str, Any]) -> Answer:
    """Start."""
    language = Language(body["language"])
    reply = await _INTERVIEWER.reply(Conversation(language, (), USER_NAME))
    interview_id, previous = await limit.write(_insert, employee_id, language, reply.question)
    data = {"interview_id": interview_id, "question": reply.question, "question_number": 1, "is_final": False}
    context = {"processes_count": 0, "previous_interviews": previous, "roles": _ROLES}
    meta = {"user_name": USER_NAME, "organization": ORGANIZATION_NAME, "language": language, "context": context}
    return success("Interview started successfully", data, meta)


async def _insert(connection: Connection, employee_id: UUID, language: str, question: str) -> tuple[UUID, int]:
    previous = await connection.fetchval(statements.COUNT, ORGANIZATION, employee_id)
    interview_id, moment = uuid7(), datetime.now(UTC)
    await connection.execute(
        statements.INSERT_INTERVIEW,
        *(interview_id, employee_id, ORGANIZATION, USER_NAME, ORGANIZATION_NAME, _ROLES, language, moment),
    )
    await connection.execute(statements.INSERT_QUESTION, uuid7(), interview_id, question, moment)
    return interview_id, previous


async def continue_interview(limit: "Limit", body: dict[str, Any]) -> Answer:
    """Continue in two transactions. None is open while the interviewer generates a question."""
    interview_id, answer_text = body["interview_id"], body["user_response"]
    opened, messages = await limit.read(_open_turn, interview_id)
    if opened is None:
        return 404, NOT_FOUND
    language = Language(opened["language"])
    history = [Turn(Role(each["role"]), each["content"]) for each in reversed(messages)]
    conversation = Conversation(language, (*history, Turn(Role.USER, answer_text)), opened["user_name"])
    reply = await _INTERVIEWER.reply(conversation)
    stored = opened["total_messages"]
    if not await limit.write(_record_turn, interview_id, stored, answer_text, reply):
        return 409, CONFLICT
    number = question_number(stored + 2)
    data = {
        "question": reply.question,
        "question_number": number,
        "is_final": reply.is_final,
        "corrected_response": None,
        "process_matches": [],
    }
    meta = {
        "interview_id": interview_id,
        "session_id": None,
        "question_count": number,
        "language": language,
        "process_matching_enabled": False,
    }
    return success("Question generated successfully", data, meta)


async def _open_turn(connection: Connection, interview_id: str) -> tuple[Any, list[Any]]:
    opened = await connection.fetchrow(statements.OPEN_TURN, interview_id)
    return opened, await connection.fetch(statements.HISTORY, interview_id)


async def _record_turn(connection: Connection, interview_id: str, stored: int, answer_text: str, reply: Any) -> bool:
    locked = await connection.fetchrow(statements.LOCK, interview_id)
    if locked["status"] != "in_progress" or locked["total_messages"] != stored:
        return False
    moment, status = datetime.now(UTC), "completed" if reply.is_final else "in_progress"
    ids = (uuid7(), uuid7(), interview_id)
    await connection.execute(statements.INSERT_TURN, *ids, answer_text, reply.question, stored + 1, stored + 2, moment)
    finished = moment if reply.is_final else None
    await connection.execute(statements.ADVANCE, interview_id, stored + 2, status, finished, moment)
    return True
