"""Check that histories are linearizable (Herlihy and Wing, 1990): each call takes effect at one instant.

The instant lies between the invocation and the answer, and the answers are those of the model in that order. The search
is that of Wing and Gong (1993), with the memory of Lowe (2017): a state that was reached by the same calls is not
visited again.
"""

import math
import time
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from tests.histories.history import Call
from tests.histories.model import NOT_OPEN, Answer, Continue, Model, Read

SECONDS = 60.0
"""Time limit of one history."""


class UndecidedError(AssertionError):
    """The search of a history did not end in time."""


class ContradictionError(AssertionError):
    """A history is not linearizable. `calls` is a part of it that shows this, and needs all its answers."""

    def __init__(self, name: str, calls: Sequence[Call]) -> None:
        self.calls = calls
        start = min(call.invoked for call in calls)
        shifted = (replace(call, invoked=call.invoked - start, answered=call.answered - start) for call in calls)
        super().__init__("\n".join([f"The history of {name} is not linearizable:", *map(str, shifted)]))


def assert_linearizable(histories: Mapping[str, Sequence[Call]], seconds: float = SECONDS) -> None:
    """Raise ContradictionError for the first history that is not linearizable, and UndecidedError after `seconds`."""
    for name, calls in histories.items():
        deadline = time.monotonic() + seconds
        if not _is_linearizable(calls, deadline):
            raise ContradictionError(name, _reduce(calls, deadline))


def _reduce(calls: Sequence[Call], deadline: float) -> list[Call]:
    """Return the shortest contradicting prefix, without the answers that the contradiction does not need.

    Forgetting an answer only allows more orders, so the rest still contradicts the model.
    """
    ends = sorted(call.answered for call in calls if call.answer)
    shortest = bisect_left(ends, True, key=lambda end: not _is_linearizable(_until(calls, end), deadline))
    part = _until(calls, ends[shortest])
    for call in part:
        without = [_forget(each) if each is call else each for each in part]
        if call.answer and not _is_linearizable(without, deadline):
            part = without
    return [call for call in part if call.answer or not isinstance(call.operation, Read)]


def _until(calls: Iterable[Call], end: float) -> list[Call]:
    """Return the calls that were invoked by then, without the answers that came later."""
    return [call if call.answered <= end else _forget(call) for call in calls if call.invoked <= end]


def _forget(call: Call) -> Call:
    return replace(call, answered=math.inf, answer=None)


def _is_linearizable(calls: Iterable[Call], deadline: float) -> bool:
    """Search depth first for an order. Raises UndecidedError."""
    ordered = sorted((call for call in calls if call.answer or not isinstance(call.operation, Read)), key=_invoked)
    required = sum(1 << index for index, call in enumerate(ordered) if call.answer)
    waiting = [(0, Model())]
    visited = set(waiting)
    while waiting:
        done, state = waiting.pop()
        if done & required == required:
            return True
        if time.monotonic() > deadline:
            raise UndecidedError(f"{len(ordered)} calls were not ordered in time; {len(visited)} states were visited")
        for step in _steps(ordered, done, state):
            if step not in visited:
                visited.add(step)
                waiting.append(step)
    return False


def _steps(ordered: Sequence[Call], done: int, state: Model) -> Iterator[tuple[int, Model]]:
    """Yield the calls done and the state after each call that may take effect next."""
    remaining = [(index, call) for index, call in enumerate(ordered) if not done >> index & 1]
    first_end = min((call.answered for _, call in remaining), default=math.inf)
    tried = set()
    for index, call in remaining:
        if call.invoked > first_end:
            return
        answer, after = call.operation.apply(state)
        if call.answer is None:
            # Unknown calls that are alike are taken in their order; one without an effect need not be taken.
            if after != state and call.operation not in tried:
                tried.add(call.operation)
                yield done | 1 << index, after
        elif call.answer == answer:
            yield done | 1 << index, after
        elif _was_overtaken(call, ordered):
            yield done | 1 << index, state


def _was_overtaken(call: Call, calls: Iterable[Call]) -> bool:
    """Return whether the call may have read a question that another one answered before this one wrote.

    Only a call without a question number needs this: the model compares the number when the call takes effect.
    """
    if call.answer != Answer(409, NOT_OPEN) or not isinstance(call.operation, Continue) or call.operation.question:
        return False
    return any(
        isinstance(other.operation, Continue) and other.invoked < call.answered and other.answered > call.invoked
        for other in calls
        if other is not call
    )


def _invoked(call: Call) -> float:
    return call.invoked
