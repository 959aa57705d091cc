"""A model of an interview: the answer and the new state of each operation, as plain values."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import httpx2

THE_END = "the end"
"""The answer after which the interviewer of the concurrency tests asks no more questions."""

NOT_IN_PROGRESS = "Interview is not in progress"
NOT_OPEN = "Question is not open"
KEY_REUSED = "Idempotency key was used before"
NOT_FOUND = "Interview not found"


@dataclass(frozen=True)
class Model:
    """The state of one interview: its status, its answers, and the requests and question numbers of its keys.

    The status of a deleted interview is "deleted". Nothing else of it remains.
    """

    status: str = "in_progress"
    answers: tuple[str, ...] = ()
    keys: tuple[tuple[str, "Continue", int], ...] = ()

    @property
    def open_question(self) -> int:
        return len(self.answers) + 1


@dataclass(frozen=True)
class Answer:
    """A response: the status, and the error's message, the number of the next question, or what was read."""

    status: int
    detail: str | int | tuple[str, tuple[str, ...]] | None = None
    replayed: bool = False


@dataclass(frozen=True)
class ChangeStatus:
    """PATCH."""

    status: str

    def apply(self, model: Model) -> tuple[Answer, Model]:
        if model.status == "deleted":
            return Answer(404, NOT_FOUND), model
        return Answer(200), replace(model, status=self.status)


@dataclass(frozen=True)
class Delete:
    """DELETE."""

    def apply(self, model: Model) -> tuple[Answer, Model]:
        if model.status == "deleted":
            return Answer(404, NOT_FOUND), model
        return Answer(204), Model("deleted")


@dataclass(frozen=True)
class Read:
    """GET. The detail of the answer is the status of the interview and its answers."""

    def apply(self, model: Model) -> tuple[Answer, Model]:
        if model.status == "deleted":
            return Answer(404, NOT_FOUND), model
        return Answer(200, (model.status, model.answers)), model


@dataclass(frozen=True)
class Continue:
    """POST /interviews/continue. `question` is the number of the answered question, if the request has it."""

    answer: str
    question: int | None = None
    key: str | None = None

    def apply(self, model: Model) -> tuple[Answer, Model]:
        if model.status == "deleted":
            return Answer(404, NOT_FOUND), model
        for key, first, number in model.keys:
            if key == self.key:
                same = replace(self, key=None) == replace(first, key=None)
                return (Answer(200, number, replayed=True) if same else Answer(409, KEY_REUSED)), model
        if model.status != "in_progress":
            return Answer(409, NOT_IN_PROGRESS), model
        if self.question not in (None, model.open_question):
            return Answer(409, NOT_OPEN), model
        number = model.open_question + 1
        return Answer(200, number), Model(
            status="completed" if self.answer == THE_END else "in_progress",
            answers=(*model.answers, self.answer),
            keys=(*model.keys, (self.key, self, number)) if self.key else model.keys,
        )


Operation = Continue | ChangeStatus | Delete | Read
Outcome = tuple[Answer, Answer, Model]


def read_answer(response: httpx2.Response) -> Answer:
    """Return the answer of a response to one of the operations."""
    if response.status_code == 204:
        return Answer(204)
    envelope = response.json()
    if response.status_code != 200:
        return Answer(response.status_code, envelope["message"])
    data = envelope["data"]
    if "messages" in data:
        answers = tuple(message["content"] for message in data["messages"] if message["role"] == "user")
        return Answer(200, (data["status"], answers))
    return Answer(200, data.get("question_number"), replayed="Idempotent-Replayed" in response.headers)


def find_possible_outcomes(first: Operation, second: Operation, model: Model) -> Iterator[Outcome]:
    """Yield the possible outcomes of two concurrent operations.

    They may run one after the other, or one may overtake the other while the interviewer generates a question.
    """
    one, state = first.apply(model)
    two, after = second.apply(state)
    yield one, two, after
    two, state = second.apply(model)
    one, after = first.apply(state)
    yield one, two, after
    yield from _overtake(first, second, model)
    yield from ((one, two, after) for two, one, after in _overtake(second, first, model))


def _overtake(slow: Operation, fast: Operation, model: Model) -> Iterator[Outcome]:
    """Yield the outcome if `slow` reads the open question, and `fast` runs before `slow` writes."""
    answer, _ = slow.apply(model)
    fast_answer, after = fast.apply(model)
    later_answer, _ = slow.apply(after)
    both_stored = [Answer(200, model.open_question + 1), Answer(200, after.open_question + 1)]
    moved_on = after.open_question > model.open_question
    if isinstance(slow, Continue) and [answer, later_answer] == both_stored and moved_on:
        yield Answer(409, NOT_OPEN), fast_answer, after
