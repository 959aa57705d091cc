"""What an interviewer is: something that, shown a conversation, asks the next question.

An interviewer knows no database and no HTTP. It is asked outside any transaction, under a deadline that the caller
keeps; whatever it raises is answered as 503, and nothing is written.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from app.domain.interview import Language, Role

Tell = Callable[[str], None]
"""Takes the next part of a question that is still being made."""


class InterviewerError(Exception):
    """The interviewer could not ask: out of reach, refused, or answered rubbish. Safe to try again."""


@dataclass
class InterviewerBusy(InterviewerError):
    """The interviewer refuses for now; `retry_after`: seconds after which it wants to be asked again."""

    retry_after: float


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation, as stored: who wrote it, and the text exactly as sent."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """What an interviewer is shown.

    language: the language to ask in, which may differ from the one of earlier turns.
    history: the stored messages in order, ending with the answer that has just been given; empty at the start.
    user_name: the interviewee's name, as far as known.
    """

    language: Language
    history: Sequence[Turn]
    user_name: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What an interviewer says next.

    question: 1 to 5,000 characters, without NUL.
    is_final: true for the closing message, after which the interview is completed.
    corrected_response: the interviewee's answer with its spelling mended, or None where nothing was.
    """

    question: str
    is_final: bool = False
    corrected_response: str | None = None


class Interviewer(Protocol):
    """An interviewer, named by `provider` and `model` (both appear in the health answer)."""

    provider: str
    model: str
    matches_processes: bool

    async def reply(self, conversation: Conversation) -> Reply:
        """Ask the first question (empty history), or the next one.

        Raises InterviewerError, of which InterviewerBusy is passed on; any other exception is treated alike.
        """
        ...

    async def match_processes(self, conversation: Conversation) -> Sequence[dict[str, Any]]:
        """Known processes that the last answer speaks of, empty where `matches_processes` is false.

        A failure here never fails a turn.
        """
        ...


@runtime_checkable
class Streaming(Protocol):
    """An interviewer that can be heard while it makes its question."""

    async def reply_in_parts(self, conversation: Conversation, tell: Tell) -> Reply:
        """As `reply`, and `tell` gets each part of the question as soon as it is known; joined, they are the question.

        Nothing need be told: the question is then told as a whole.
        """
        ...


@runtime_checkable
class Closing(Protocol):
    """An interviewer that holds something, such as connections."""

    async def aclose(self) -> None:
        """Give it back; called once, when the service stops."""
        ...
