"""Build envelopes from mapped objects, for both frameworks."""

from datetime import UTC, datetime
from uuid import UUID

from app.domain.interview import Language, question_number
from app.interviewer.protocol import Reply
from app.use_cases.cursor import Cursor
from tests.benchmarks.peers import schemas
from tests.benchmarks.peers.models import Interview
from tests.benchmarks.peers.queries import Page
from tests.benchmarks.peers.schemas import Envelope
from tests.benchmarks.peers.tokens import Caller

GetAnswer = Envelope[schemas.InterviewWithMessages, schemas.InterviewMeta]
ListAnswer = Envelope[list[schemas.InterviewOut], schemas.ListMeta]
ChangeAnswer = Envelope[schemas.InterviewOut, schemas.ChangedMeta]
StartAnswer = Envelope[schemas.QuestionOut, schemas.StartMeta]
ContinueAnswer = Envelope[schemas.NextQuestionOut, schemas.ContinueMeta]
ExportAnswer = Envelope[schemas.ExportOut, schemas.ExportMeta]


def build_get(interview: Interview, caller: Caller) -> GetAnswer:
    """Get."""
    data = schemas.InterviewWithMessages.model_validate(interview)
    meta = schemas.InterviewMeta(interview_id=interview.id_interview, employee_id=caller.employee_id)
    return GetAnswer(message="Interview retrieved successfully", data=data, meta=meta)


def build_list(found: Page, caller: Caller, page: int, page_size: int) -> ListAnswer:
    """List."""
    pages, last = -(-found.total // page_size), found.interviews[-1] if found.interviews else None
    next_cursor = Cursor.after(last.started_at, last.id_interview, 2, page_size) if last and page < pages else None
    pagination = schemas.Pagination(
        total_items=found.total,
        total_pages=pages,
        current_page=page,
        page_size=page_size,
        next_cursor=str(next_cursor) if next_cursor else None,
    )
    data = [schemas.InterviewOut.model_validate(each) for each in found.interviews]
    meta = schemas.ListMeta(
        pagination=pagination, filters=schemas.Filters(), scope="own", employee_id=caller.employee_id
    )
    return ListAnswer(message="Interviews retrieved successfully", data=data, meta=meta)


def build_change(interview: Interview, fields: list[str], caller: Caller) -> ChangeAnswer:
    """Patch."""
    data = schemas.InterviewOut.model_validate(interview)
    meta = schemas.ChangedMeta(
        interview_id=interview.id_interview, employee_id=caller.employee_id, updated_fields=fields
    )
    return ChangeAnswer(message="Interview status updated successfully", data=data, meta=meta)


def build_start(interview_id: UUID, question: str, previous: int, language: Language, caller: Caller) -> StartAnswer:
    """Start."""
    data = schemas.QuestionOut(interview_id=interview_id, question=question, question_number=1, is_final=False)
    context = schemas.Context(previous_interviews=previous, roles=caller.roles)
    meta = schemas.StartMeta(
        user_name=caller.name, organization=caller.organization_name, language=language, context=context
    )
    return StartAnswer(message="Interview started successfully", data=data, meta=meta)


def build_continue(body: schemas.ContinueRequest, interview: Interview, reply: Reply, number: int) -> ContinueAnswer:
    """Continue."""
    data = schemas.NextQuestionOut(
        question=reply.question,
        question_number=number,
        is_final=reply.is_final,
        corrected_response=reply.corrected_response,
    )
    meta = schemas.ContinueMeta(
        interview_id=interview.id_interview,
        session_id=body.session_id,
        question_count=number,
        language=Language(interview.language),
    )
    return ContinueAnswer(message="Question generated successfully", data=data, meta=meta)


def build_export(interview: Interview) -> ExportAnswer:
    """Export."""
    finished, roles = interview.completed_at, interview.roles
    questions = question_number(interview.total_messages)
    data = schemas.ExportOut(
        user_id=interview.employee_id,
        user_name=interview.user_name,
        user_role=roles[0] if roles else "",
        organization=interview.organization_name,
        interview_id=interview.id_interview,
        interview_date=interview.started_at,
        interview_duration_minutes=int((finished - interview.started_at).total_seconds() // 60) if finished else None,
        total_questions=questions,
        total_user_responses=interview.total_messages - questions,
        is_complete=interview.status == "completed",
        context_used=schemas.ExportContext(
            employee_name=interview.user_name, organization_name=interview.organization_name, roles=roles
        ),
        conversation_history=[
            schemas.TranscriptEntry(role=each.role, content=each.content, timestamp=each.created_at)
            for each in interview.messages
        ],
    )
    meta = schemas.ExportMeta(
        interview_id=interview.id_interview,
        export_date=datetime.now(UTC),
        language=interview.language,
        technical_level=interview.technical_level,
    )
    return ExportAnswer(message="Interview data exported successfully", data=data, meta=meta)
