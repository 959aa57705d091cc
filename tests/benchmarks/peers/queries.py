"""The queries of both frameworks: one function per operation, in the style of SQLAlchemy 2's documentation."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload
from uuid_utils.compat import uuid7

from app.domain.interview import Language, Role
from app.interviewer.protocol import Conversation, Reply, Turn
from app.interviewer.scripted import ScriptedInterviewer
from tests.benchmarks.peers import wire
from tests.benchmarks.peers.models import Interview, Message
from tests.benchmarks.peers.tokens import Caller

_INTERVIEWER = ScriptedInterviewer()


class ErrorResponse(Exception):
    """An error response and its envelope."""

    def __init__(self, body: dict[str, object]) -> None:
        super().__init__(body["message"])
        self.body = body


@dataclass(frozen=True, slots=True)
class Page:
    """A page of interviews and the total of all pages."""

    interviews: list[Interview]
    total: int


async def find_interview(
    session: AsyncSession, interview_id: UUID, caller: Caller, *, messages: bool = False, lock: bool = False
) -> Interview:
    """Return an interview that the caller may access. Raises ErrorResponse."""
    query = select(Interview).where(Interview.id_interview == interview_id)
    if messages:
        query = query.options(selectinload(Interview.messages))
    if lock:
        query = query.with_for_update(key_share=True)
    interview = await session.scalar(query)
    if interview is None:
        raise ErrorResponse(wire.NOT_FOUND)
    if interview.organization_id != caller.organization_id or interview.employee_id != caller.employee_id:
        raise ErrorResponse(wire.DENIED)
    return interview


async def list_page(session: AsyncSession, caller: Caller, page: int, page_size: int) -> Page:
    """Return a page of the caller's interviews, newest first."""
    of_caller = (Interview.organization_id == caller.organization_id, Interview.employee_id == caller.employee_id)
    newest_first = (Interview.started_at.desc(), Interview.id_interview.desc())
    query = select(Interview).where(*of_caller).order_by(*newest_first).limit(page_size).offset((page - 1) * page_size)
    interviews = list(await session.scalars(query))
    total = await session.scalar(select(func.count()).select_from(Interview).where(*of_caller))
    return Page(interviews, total or 0)


async def change_status(
    session: AsyncSession, interview_id: UUID, status: str, caller: Caller
) -> tuple[Interview, list[str]]:
    """Set the status. Return the interview and the names of the changed fields."""
    interview = await find_interview(session, interview_id, caller, lock=True)
    moment = datetime.now(UTC)
    completed_at = (interview.completed_at or moment) if status == "completed" else None
    changed = ["status"] if completed_at == interview.completed_at else ["status", "completed_at"]
    interview.status, interview.completed_at, interview.updated_at = status, completed_at, moment
    return interview, changed


async def start(session: AsyncSession, caller: Caller, language: Language) -> tuple[UUID, str, int]:
    """Start an interview. Return its id, the first question and the number of the caller's earlier interviews."""
    reply = await _INTERVIEWER.reply(Conversation(language, (), caller.name))
    of_caller = (Interview.organization_id == caller.organization_id, Interview.employee_id == caller.employee_id)
    previous = await session.scalar(select(func.count()).select_from(Interview).where(*of_caller))
    moment, interview_id = datetime.now(UTC), uuid7()
    question = Message(
        id_message=uuid7(), role="assistant", content=reply.question, sequence_number=1, created_at=moment
    )
    interview = Interview(
        id_interview=interview_id,
        employee_id=caller.employee_id,
        organization_id=caller.organization_id,
        user_name=caller.name,
        organization_name=caller.organization_name,
        roles=caller.roles,
        language=language.value,
        total_messages=1,
        started_at=moment,
        created_at=moment,
        updated_at=moment,
        messages=[question],
    )
    session.add(interview)
    return interview_id, reply.question, previous or 0


async def ask_interviewer(interview: Interview, history: list[Message], answer_text: str) -> Reply:
    """Return the interviewer's next reply."""
    turns = [Turn(Role(each.role), each.content) for each in reversed(history)]
    conversation = Conversation(
        Language(interview.language), (*turns, Turn(Role.USER, answer_text)), interview.user_name
    )
    return await _INTERVIEWER.reply(conversation)


async def open_turn(session: AsyncSession, interview_id: UUID, caller: Caller) -> tuple[Interview, list[Message]]:
    """Return the interview and its latest messages, newest first."""
    interview = await find_interview(session, interview_id, caller)
    if interview.status != "in_progress":
        raise ErrorResponse(wire.CONFLICT)
    latest = select(Message).where(Message.interview_id == interview_id).order_by(Message.sequence_number.desc())
    return interview, list(await session.scalars(latest.limit(100)))


async def record_turn(session: AsyncSession, opened: Interview, answer_text: str, reply: Reply, caller: Caller) -> int:
    """Store an answer and the next question. Return the question's number."""
    stored, moment = opened.total_messages, datetime.now(UTC)
    session.expunge_all()
    interview = await find_interview(session, opened.id_interview, caller, lock=True)
    if interview.status != "in_progress" or interview.total_messages != stored:
        raise ErrorResponse(wire.CONFLICT)
    for place, (role, content) in enumerate((("user", answer_text), ("assistant", reply.question)), stored + 1):
        session.add(
            Message(
                id_message=uuid7(),
                interview_id=interview.id_interview,
                role=role,
                content=content,
                sequence_number=place,
                created_at=moment,
            )
        )
    interview.total_messages, interview.updated_at = stored + 2, moment
    if reply.is_final:
        interview.status, interview.completed_at = "completed", moment
    return (stored + 3) // 2
