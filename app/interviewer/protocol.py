"""The protocol of an interviewer: given a conversation, it asks the next question.

An interviewer uses neither the database nor HTTP requests of the service. It is called outside any transaction, under
the caller's deadline. If it raises an exception, the response is a 503 and nothing is written.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, runtime_checkable

from pydantic import BaseModel

from app.domain.interview import DEFAULT_GUIDE, Language, Role

Form = TypeVar("Form", bound=BaseModel)

PartCallback = Callable[[str], None]
"""Called with the next part of a question while the interviewer generates it."""


class InterviewerError(Exception):
    """The interviewer could not ask: it is unreachable, refused, or replied with invalid data. Safe to retry.

    status: the HTTP status of the upstream server, or None. setting: the name of the setting to change, or None. Both
    are logged. retry_after: seconds to wait before asking again, or 0. It reaches the client.
    """

    def __init__(
        self, text: str = "", *, status: int | None = None, setting: str | None = None, retry_after: float = 0
    ) -> None:
        super().__init__(text)
        self.status = status
        self.setting = setting
        self.retry_after = retry_after


class InterviewerBusy(InterviewerError):
    """The interviewer refuses for now."""

    def __init__(self, retry_after: float, *, status: int | None = None) -> None:
        """retry_after: seconds to wait before asking again."""
        super().__init__("the interviewer is busy", status=status, retry_after=retry_after)


@dataclass(frozen=True, slots=True)
class Turn:
    """One stored message of a conversation: its author and its exact text."""

    role: Role
    content: str


def answers_of(messages: Iterable[Turn]) -> list[str]:
    """Return the texts of the interviewee."""
    return [turn.content for turn in messages if turn.role is Role.USER]


@dataclass(frozen=True, slots=True)
class KnownNames:
    """The names known in the organization that one answer has: of systems and of roles."""

    systems: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conversation:
    """The input of an interviewer.

    language: the language of the next question. Earlier turns may be in another language.
    history: the stored messages in order, ending with the newest answer. Empty at the start.
    user_name: the interviewee's name, or "".
    guide: the name of the guide that the interview follows.
    known: for each answer in the history, the known names that it has. Empty if nothing is known of the organization.
    """

    language: Language
    history: Sequence[Turn]
    user_name: str
    guide: str = DEFAULT_GUIDE
    known: tuple[KnownNames, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """The output of an interviewer.

    question: 1 to 5,000 characters, without NUL.
    is_final: true for the closing message, which completes the interview.
    corrected_response: the interviewee's answer with corrected spelling, or None if nothing was corrected.
    is_stopped: true for the closing message of an interview that the interviewee asked to stop.
    """

    question: str
    is_final: bool = False
    corrected_response: str | None = None
    is_stopped: bool = False


class Interviewer(Protocol):
    """An interviewer. The health response contains its `provider` and `model`."""

    provider: str
    model: str
    matches_processes: bool

    async def reply(self, conversation: Conversation) -> Reply:
        """Return the first question if the history is empty, otherwise the next one.

        Raises InterviewerError. Any other exception is handled like an InterviewerError without details.
        """
        ...

    async def match_processes(self, conversation: Conversation) -> Sequence[dict[str, Any]]:
        """Return the known processes that the last answer mentions. Called only if `matches_processes` is true.

        A failure does not fail the turn.
        """
        ...


@runtime_checkable
class StreamingInterviewer(Protocol):
    """An interviewer that can send parts of a question while it generates it."""

    async def reply_in_parts(self, conversation: Conversation, on_part: PartCallback) -> Reply:
        """Like `reply`, but call `on_part` with each part of the question. Joined, the parts equal the question.

        If `on_part` is never called, the caller sends the question as a whole.
        """
        ...


@runtime_checkable
class ExtractingInterviewer(Protocol):
    """An interviewer that can extract what an interview says."""

    async def extract(self, conversation: Conversation, form: type[Form]) -> Form:
        """Return the findings of an interview that has ended, as values of the form. They are untrusted.

        Raises InterviewerError. Any other exception is handled like an InterviewerError without details.
        """
        ...


@runtime_checkable
class ClosableInterviewer(Protocol):
    """An interviewer that holds resources such as connections."""

    async def aclose(self) -> None:
        """Release the resources. Called once, when the service stops."""
        ...
