"""The progress of an interview, and what its open question asks for."""

from dataclasses import dataclass
from enum import Enum, auto

from app.domain.interview import Language


class Asking(Enum):
    """What the open question asks for."""

    TOPIC = auto()
    MORE = auto()
    EXPLANATION = auto()
    EXAMPLE = auto()
    WHICH_PROCESS = auto()
    NEXT_PROCESS = auto()
    STOP = auto()
    NOTHING = auto()


class Reaction(Enum):
    """What the guide says before its question."""

    NONE = auto()
    ECHO = auto()
    GO_ON = auto()
    OPEN_POINT = auto()
    LEFT_OUT = auto()
    ALREADY_SAID = auto()
    BACK_TO_WORK = auto()
    OTHER_LANGUAGE = auto()
    BEGIN_PROCESS = auto()


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of an interview, with the open question.

    questions: number of questions so far. agenda: the names of the topics still to ask; the first one is open.
    asked_before: what the open question asked for before `Shall we stop here?`.
    mentioned: the topics that the answers say something on, also those that are still asked about.
    process: the process that the questions are about, if the interviewee named several. is_further: it is not the first
    one. waiting: the processes that were not asked about yet. done: the further ones that were.
    repeats: how often the open topic was asked again. language: the language of the next question, if it was asked for.
    """

    agenda: tuple[str, ...]
    questions: int = 1
    asking: Asking = Asking.TOPIC
    asked_before: Asking = Asking.TOPIC
    reaction: Reaction = Reaction.NONE
    covered: tuple[str, ...] = ()
    mentioned: frozenset[str] = frozenset()
    process: str = ""
    is_further: bool = False
    waiting: tuple[str, ...] = ()
    done: tuple[str, ...] = ()
    repeats: int = 0
    examples: int = 0
    stopped: bool = False
    language: Language | None = None

    @property
    def is_final(self) -> bool:
        """Whether the interview is over."""
        return self.asking is Asking.NOTHING

    @property
    def topic(self) -> str:
        """The name of the open topic."""
        return self.agenda[0]
