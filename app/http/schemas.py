"""The request models. Unknown members and parameters are ignored."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.domain.interview import DEFAULT_GUIDE, Language, Status
from app.http.fields import (
    MAX_INTEGER,
    BodyGuide,
    BodyLanguage,
    EndDate,
    LegacyTimestamp,
    NotNull,
    PageCursor,
    PositiveInteger,
    QueryInteger,
    StartDate,
    Text,
    Uuid,
    WithoutNul,
)


class RequestModel(BaseModel):
    """Base class of the request models."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class StartRequest(RequestModel):
    """POST /interviews/start."""

    language: BodyLanguage = Language.ES
    # The default is left out of the fingerprint of an Idempotency-Key, as if it were not sent.
    guide: Annotated[BodyGuide, Field(exclude_if=lambda guide: guide == DEFAULT_GUIDE)] = DEFAULT_GUIDE


class LegacyMessage(RequestModel):
    """An entry of `conversation_history`, which old clients send. It is validated and then ignored.

    timestamp: a string or the milliseconds since 1970.
    """

    role: Literal["user", "assistant", "system"]
    content: Text
    timestamp: LegacyTimestamp = None


class ContinueRequest(RequestModel):
    """POST /interviews/continue.

    question_number: the number of the answered question. The default is the open question.
    """

    interview_id: Uuid
    user_response: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=5000), WithoutNul]
    language: Annotated[BodyLanguage | None, NotNull] = None
    session_id: Text | None = None
    conversation_history: list[LegacyMessage] | None = None
    question_number: Annotated[PositiveInteger | None, NotNull] = None


class ChangeStatusRequest(RequestModel):
    """PATCH /interviews/{interview_id}."""

    status: Status


class ExportRequest(RequestModel):
    """POST /interviews/export."""

    interview_id: Uuid


class LoginRequest(RequestModel):
    """POST /auth/login."""

    email: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=254), WithoutNul]
    password: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=128), WithoutNul]


class AdminLoginRequest(RequestModel):
    """The login to the admin pages, in the format of Piccolo Admin. The username is an e-mail address."""

    username: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=254), WithoutNul]
    password: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=128), WithoutNul]


class ListRequest(RequestModel):
    """The query parameters of GET /interviews. The range of `started_at` includes both dates.

    employee_id: requires `interviews:read_all`, which the endpoint checks before it reads the query.
    cursor: the `next_cursor` of the previous page, or empty for the first page. It overrides `page`.
    """

    status: Status | None = None
    language: Language | None = None
    start_date: StartDate | None = None
    end_date: EndDate | None = None
    page: Annotated[QueryInteger, Field(ge=1, le=MAX_INTEGER)] = 1
    page_size: Annotated[QueryInteger, Field(ge=1, le=100)] = 20
    cursor: PageCursor | None = None
    employee_id: Uuid | None = None
