"""Requests and responses as pydantic models, written for FastAPI."""

from datetime import datetime
from typing import Annotated, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, PlainSerializer

from app.domain.interview import Language, Status

Data = TypeVar("Data")
Meta = TypeVar("Meta")

Moment = Annotated[datetime, PlainSerializer(lambda moment: moment.isoformat(timespec="microseconds"), str)]


class StartRequest(BaseModel):
    """POST /interviews/start."""

    language: Language = Language.ES


class ContinueRequest(BaseModel):
    """POST /interviews/continue."""

    interview_id: UUID
    user_response: Annotated[str, Field(min_length=1, max_length=5000)]
    language: Language | None = None
    session_id: str | None = None
    question_number: Annotated[int, Field(ge=1)] | None = None


class ChangeStatusRequest(BaseModel):
    """PATCH /interviews/{interview_id}."""

    status: Status


class ExportRequest(BaseModel):
    """POST /interviews/export."""

    interview_id: UUID


class Envelope(BaseModel, Generic[Data, Meta]):
    """The envelope of every 200."""

    status: Literal["success"] = "success"
    code: Literal[200] = 200
    message: str
    data: Data
    errors: None = None
    meta: Meta


class MappedModel(BaseModel):
    """A model that is read from a mapped object."""

    model_config = ConfigDict(from_attributes=True)


class InterviewOut(MappedModel):
    """An interview in a list."""

    id_interview: UUID
    employee_id: UUID
    employee_name: Annotated[str, Field(validation_alias=AliasChoices("user_name", "employee_name"))]
    language: str
    technical_level: str
    status: str
    started_at: Moment
    completed_at: Moment | None
    total_messages: int


class MessageOut(MappedModel):
    """A message."""

    id_message: UUID
    role: str
    content: str
    sequence_number: int
    created_at: Moment


class InterviewWithMessages(InterviewOut):
    """An interview and its messages."""

    messages: list[MessageOut]


class InterviewMeta(BaseModel):
    """The meta of an interview."""

    interview_id: UUID
    employee_id: UUID


class ChangedMeta(InterviewMeta):
    """The meta of a changed interview."""

    updated_fields: list[str]


class Pagination(BaseModel):
    """The position of a page."""

    total_items: int
    total_pages: int
    current_page: int
    page_size: int
    next_cursor: str | None


class Filters(BaseModel):
    """The filters of a list."""

    status: Status | None = None
    language: Language | None = None
    start_date: Moment | None = None
    end_date: Moment | None = None


class ListMeta(BaseModel):
    """The meta of a list."""

    pagination: Pagination
    filters: Filters
    scope: str
    employee_id: UUID


class QuestionOut(BaseModel):
    """The first question."""

    interview_id: UUID
    question: str
    question_number: int
    is_final: bool


class Context(BaseModel):
    """The context of the caller."""

    processes_count: int = 0
    previous_interviews: int
    roles: list[str]


class StartMeta(BaseModel):
    """The meta of the first question."""

    user_name: str
    organization: str
    language: Language
    context: Context


class NextQuestionOut(BaseModel):
    """A further question."""

    question: str
    question_number: int
    is_final: bool
    corrected_response: str | None
    process_matches: list[str] = []


class ContinueMeta(BaseModel):
    """The meta of a further question."""

    interview_id: UUID
    session_id: str | None
    question_count: int
    language: Language
    process_matching_enabled: bool = False


class TranscriptEntry(BaseModel):
    """A message of an export."""

    role: str
    content: str
    timestamp: Moment


class ExportContext(BaseModel):
    """The employee in an export."""

    employee_name: str
    organization_name: str
    roles: list[str]
    existing_processes_count: int = 0


class ExportOut(BaseModel):
    """The data of an export."""

    session_id: str | None = None
    user_id: UUID
    user_name: str
    user_role: str
    organization: str
    interview_id: UUID
    interview_date: Moment
    interview_duration_minutes: int | None
    total_questions: int
    total_user_responses: int
    is_complete: bool
    processes_referenced: list[str] = []
    context_used: ExportContext
    conversation_history: list[TranscriptEntry]


class ExportMeta(BaseModel):
    """The meta of an export."""

    interview_id: UUID
    export_date: Moment
    language: str
    technical_level: str
    data_source: str = "database"
    process_references_count: int = 0
