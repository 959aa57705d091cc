"""An interview as it ought to be: what each operation answers and leaves, as plain values."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tests.concurrency.conftest import THE_END

NOT_IN_PROGRESS = "Interview is not in progress"
NOT_OPEN = "Question is not open"
KEY_REUSED = "Idempotency key was used before"


@dataclass(frozen=True)
class Model:
    """The state of one interview: its status, the answers given, and what was answered under which key."""

    status: str = "in_progress"
    answers: tuple[str, ...] = ()
    keys: tuple[tuple[str, "Continue", int], ...] = ()

    @property
    def open_question(self) -> int:
        return len(self.answers) + 1


@dataclass(frozen=True)
class Answered:
    """What a client sees of an answer: the status, and the message of a refusal or the number of the next question."""

    status: int
    said: str | int | None = None
    replayed: bool = False


@dataclass(frozen=True)
class ChangeStatus:
    """PATCH."""

    status: str

    def apply(self, model: Model) -> tuple[Answered, Model]:
        return Answered(200), replace(model, status=self.status)


@dataclass(frozen=True)
class Continue:
    """POST /interviews/continue; `question`: the number of the question that is answered, if it is said."""

    answer: str
    question: int | None = None
    key: str | None = None

    def apply(self, model: Model) -> tuple[Answered, Model]:
        for key, first, number in model.keys:
            if key == self.key:
                same = replace(self, key=None) == replace(first, key=None)
                return (Answered(200, number, replayed=True) if same else Answered(409, KEY_REUSED)), model
        if model.status != "in_progress":
            return Answered(409, NOT_IN_PROGRESS), model
        if self.question not in (None, model.open_question):
            return Answered(409, NOT_OPEN), model
        number = model.open_question + 1
        return Answered(200, number), Model(
            status="completed" if self.answer == THE_END else "in_progress",
            answers=(*model.answers, self.answer),
            keys=(*model.keys, (self.key, self, number)) if self.key else model.keys,
        )


Operation = Continue | ChangeStatus
Outcome = tuple[Answered, Answered, Model]


def possible(first: Operation, second: Operation, model: Model) -> Iterator[Outcome]:
    """All that two at once may come to: one after the other, or one overtaken while the interviewer thought."""
    one, between = first.apply(model)
    two, after = second.apply(between)
    yield one, two, after
    two, between = second.apply(model)
    one, after = first.apply(between)
    yield one, two, after
    yield from _overtaken(first, second, model)
    yield from ((one, two, after) for two, one, after in _overtaken(second, first, model))


def _overtaken(slow: Operation, fast: Operation, model: Model) -> Iterator[Outcome]:
    """`slow` has read the open question, then `fast` is done, then `slow` finds that the interview has moved on."""
    meant, _ = slow.apply(model)
    quick, after = fast.apply(model)
    in_turn, _ = slow.apply(after)
    would_be_stored = [Answered(200, model.open_question + 1), Answered(200, after.open_question + 1)]
    moved_on = after.open_question > model.open_question
    if isinstance(slow, Continue) and [meant, in_turn] == would_be_stored and moved_on:
        yield Answered(409, NOT_OPEN), quick, after
