"""What clients may send, operation by operation. Unknown members and parameters are ignored."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.domain.interview import Language, Status
from app.http.fields import LARGEST_INT, Count, Id, NotNull, Number, Place, Since, Text, Until, WithoutNul


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class StartRequest(_Request):
    """POST /interviews/start."""

    language: Language = Language.ES


class LegacyMessage(_Request):
    """One entry of `conversation_history`: validated for the sake of old clients, then ignored."""

    role: Literal["user", "assistant", "system"]
    content: Text
    timestamp: Text | None = None


class ContinueRequest(_Request):
    """POST /interviews/continue. `question_number` names the question that is answered; without it, the open one."""

    interview_id: Id
    user_response: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=5000), WithoutNul]
    language: Annotated[Language | None, NotNull] = None
    session_id: Text | None = None
    conversation_history: list[LegacyMessage] | None = None
    question_number: Annotated[Number | None, NotNull] = None


class ChangeStatusRequest(_Request):
    """PATCH /interviews/{interview_id}."""

    status: Status


class ExportRequest(_Request):
    """POST /interviews/export."""

    interview_id: Id


class LoginRequest(_Request):
    """POST /auth/login."""

    email: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=254), WithoutNul]
    password: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=128), WithoutNul]


class AdminLoginRequest(_Request):
    """The login to the admin pages, as Piccolo Admin sends it; the username is an e-mail address."""

    username: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=254), WithoutNul]
    password: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=128), WithoutNul]


class ListRequest(_Request):
    """The query of GET /interviews; `started_at` lies within the two dates, both included.

    cursor: where to go on, as the page before told; empty for the beginning. It wins over `page`.
    """

    status: Status | None = None
    language: Language | None = None
    start_date: Since | None = None
    end_date: Until | None = None
    page: Annotated[Count, Field(ge=1, le=LARGEST_INT)] = 1
    page_size: Annotated[Count, Field(ge=1, le=100)] = 20
    cursor: Place | None = None
