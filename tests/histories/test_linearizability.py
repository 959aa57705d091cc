"""The checker of histories finds every seeded fault, and accepts what the model allows."""

import math
import random
from collections.abc import Callable

import pytest

from tests.histories.history import Call
from tests.histories.linearizability import ContradictionError, UndecidedError, assert_linearizable
from tests.histories.model import (
    NOT_FOUND,
    NOT_IN_PROGRESS,
    NOT_OPEN,
    Answer,
    ChangeStatus,
    Continue,
    Delete,
    Model,
    Operation,
    Read,
)

OPEN = "in_progress"


def call(operation: Operation, answer: Answer | None, start: float, end: float = math.inf) -> Call:
    return Call("client", operation, start, end if answer else math.inf, answer)


def turn(text: str, question: int | None = None, key: str | None = None) -> Continue:
    return Continue(text, question, key)


def read(*answers: str, status: str = OPEN) -> Answer:
    return Answer(200, (status, answers))


ALLOWED = {
    "two overlapping turns in either order": [
        call(turn("a", 1), Answer(200, 2), 0, 10),
        call(turn("b", 2), Answer(200, 3), 1, 3),
        call(Read(), read("a", "b"), 11, 12),
    ],
    "a turn of unknown outcome that took effect": [
        call(turn("a", 1), None, 0),
        call(Read(), read("a"), 5, 6),
    ],
    "a turn of unknown outcome that took effect late": [
        call(turn("a", 1), None, 0),
        call(Read(), read(), 5, 6),
        call(Read(), read("a"), 7, 8),
    ],
    "a turn of unknown outcome that never took effect": [
        call(turn("a", 1), None, 0),
        call(turn("b", 1), Answer(200, 2), 5, 6),
    ],
    "a repeated turn that is replayed": [
        call(turn("a", 1, "k"), None, 0),
        call(turn("a", 1, "k"), Answer(200, 2, replayed=True), 2, 3),
    ],
    "a repeated turn whose first attempt had no effect": [
        call(turn("a", 1, "k"), None, 0),
        call(turn("a", 1, "k"), Answer(200, 2), 2, 3),
    ],
    "a turn that was overtaken": [
        call(turn("a"), Answer(409, NOT_OPEN), 0, 10),
        call(turn("b"), Answer(200, 2), 1, 3),
    ],
    "a deleted interview": [
        call(Delete(), Answer(204), 0, 1),
        call(Read(), Answer(404, NOT_FOUND), 2, 3),
        call(turn("a", 1), Answer(404, NOT_FOUND), 4, 5),
        call(Delete(), Answer(404, NOT_FOUND), 6, 7),
    ],
    "a completed interview that is opened again": [
        call(ChangeStatus("completed"), Answer(200), 0, 1),
        call(turn("a", 1), Answer(409, NOT_IN_PROGRESS), 2, 3),
        call(ChangeStatus(OPEN), Answer(200), 4, 5),
        call(turn("a", 1), Answer(200, 2), 6, 7),
    ],
}

FAULTS = {
    "a lost update": [
        call(turn("a", 1), Answer(200, 2), 0, 1),
        call(turn("b", 1), Answer(200, 2), 0.5, 2),
    ],
    "an acknowledged answer that is gone": [
        call(turn("a", 1), Answer(200, 2), 0, 1),
        call(Read(), read(), 2, 3),
    ],
    "a doubled answer": [
        call(turn("a", 1, "k"), None, 0),
        call(turn("a", 1, "k"), Answer(200, 3), 2, 3),
    ],
    "a doubled answer that is read": [
        call(turn("a", 1, "k"), Answer(200, 2), 0, 1),
        call(Read(), read("a", "a"), 2, 3),
    ],
    "a stale read": [
        call(turn("a", 1), Answer(200, 2), 0, 1),
        call(Read(), read("a"), 2, 3),
        call(Read(), read(), 4, 5),
    ],
    "a replay of another key": [
        call(turn("a", 1, "k"), Answer(200, 2), 0, 1),
        call(turn("b", 2, "l"), Answer(200, 2, replayed=True), 2, 3),
    ],
    "a replay of a turn that was never sent": [call(turn("a", 1, "k"), Answer(200, 2, replayed=True), 0, 1)],
    "an effect before its cause": [
        call(Read(), read("a"), 0, 1),
        call(turn("a", 1), Answer(200, 2), 2, 3),
    ],
    "a read after the deletion": [
        call(Delete(), Answer(204), 0, 1),
        call(Read(), read(), 2, 3),
    ],
    "a turn of a completed interview": [
        call(ChangeStatus("completed"), Answer(200), 0, 1),
        call(turn("a", 1), Answer(200, 2), 2, 3),
    ],
    "a turn that was not overtaken": [call(turn("a"), Answer(409, NOT_OPEN), 0, 1)],
    "answers in the wrong order": [
        call(turn("a", 1), Answer(200, 2), 0, 1),
        call(turn("b", 2), Answer(200, 3), 2, 3),
        call(Read(), read("b", "a"), 4, 5),
    ],
}


@pytest.mark.parametrize("calls", ALLOWED.values(), ids=ALLOWED)
def test_what_the_model_allows_is_accepted(calls: list[Call]) -> None:
    assert_linearizable({"interview": calls})


@pytest.mark.parametrize("calls", FAULTS.values(), ids=FAULTS)
def test_a_seeded_fault_is_found(calls: list[Call]) -> None:
    with pytest.raises(ContradictionError) as error:
        assert_linearizable({"interview": calls})

    assert any(each.answer for each in error.value.calls)
    with pytest.raises(ContradictionError):
        assert_linearizable({"interview": error.value.calls})


def test_the_contradiction_is_the_shortest_part() -> None:
    before = [call(turn(f"answer {n}", n + 1), Answer(200, n + 2), 2 * n, 2 * n + 1) for n in range(20)]
    texts = [f"answer {n}" for n in range(20)]
    reads = [call(Read(), read(*texts[: n + 1]), 2 * n + 1.1, 2 * n + 1.2) for n in range(20)]
    fault = call(Read(), read(*texts[:9]), 50, 51)
    after = [call(Read(), read(*texts), 52 + n, 52.5 + n) for n in range(20)]

    with pytest.raises(ContradictionError) as error:
        assert_linearizable({"interview": [*before, *reads, fault, *after]})

    answered = [each for each in error.value.calls if each.answer]
    assert answered[-1] == fault
    assert len(answered) == 2
    assert "is not linearizable" in str(error.value)
    assert len(str(error.value).splitlines()) == 1 + len(before) + 2


def _run_concurrently(seed: int) -> list[Call]:
    """Return a history of three clients whose calls took effect at random instants; some answers got lost."""
    chance = random.Random(seed)
    operations: list[Callable[[], Operation]] = [
        lambda: turn(f"answer {chance.random()}", chance.choice([None, 1, 2, 3]), chance.choice([None, "k", "l"])),
        lambda: ChangeStatus(chance.choice([OPEN, "completed", "cancelled"])),
        Read,
        Read,
    ]
    planned = []
    for _ in range(3):
        now = chance.random()
        for _ in range(8):
            start, effect, end = sorted(now + chance.random() * 3 for _ in range(3))
            planned.append((effect, start, end, chance.choice(operations)()))
            now = end
    state, calls = Model(), []
    for _, start, end, operation in sorted(planned, key=lambda each: each[0]):
        if chance.random() < 0.1:
            calls.append(call(operation, None, start))
            if chance.random() < 0.5:
                continue
        answer, state = operation.apply(state)
        if not calls or calls[-1].operation is not operation:
            calls.append(call(operation, answer, start, end))
    chance.shuffle(calls)
    return calls


@pytest.mark.parametrize("seed", range(100))
def test_a_history_of_the_model_is_accepted(seed: int) -> None:
    assert_linearizable({"interview": _run_concurrently(seed)})


def test_a_history_that_takes_too_long_is_undecided() -> None:
    calls = [call(turn(f"answer {n}"), None, 0) for n in range(30)]
    never = call(Read(), read(*map(str, range(30))), 100, 101)

    with pytest.raises(UndecidedError, match="not ordered in time"):
        assert_linearizable({"interview": [*calls, never]}, seconds=0.2)
