"""Expand the rows of pins.yaml into pins: one per operation × actor × state × input × mode."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

from statuspin.contract.pins import ANY, AS_IT_IS, NO_STATE, VALID, OperationPins, PinsFile, Row
from statuspin.contract.steps import Expectation, Request, Step


@dataclass(frozen=True)
class Pin:
    """A promise of exactly one response to one actor, in one state, for one class of input, in one mode.

    request: the complete request. expected: the answer, or None for a race, which has `at_once` and `answers`, tuples
    of status, least and most. rounds: the number of times that a race runs with the same requests. agree: places in the
    bodies of its successes that have to hold the same value. row: the number of its row, from 0. assumed: whether
    another documented response is not a fault.
    """

    operation: str
    actor: str
    state: str
    input: str
    mode: str
    request: Request
    expected: Expectation | None
    at_once: int = 1
    answers: tuple[tuple[int, int, int], ...] = ()
    rounds: int = 1
    agree: tuple[str, ...] = ()
    before: tuple[Step, ...] = ()
    keep: tuple[tuple[str, str], ...] = ()
    then: tuple[Step, ...] = ()
    row: int = 0
    assumed: bool = False

    @property
    def id(self) -> str:
        """A unique name such as `continue_interview · colleague · in progress`."""
        parts = [self.operation, self.actor]
        parts += [self.state] if self.state != NO_STATE else []
        parts += [self.input] if self.input != VALID else []
        parts += [self.mode] if self.mode != AS_IT_IS else []
        parts += [f"{self.at_once} at once"] if self.at_once > 1 else []
        return " · ".join(parts)

    @property
    def statuses(self) -> tuple[int, ...]:
        """All statuses that the pin promises."""
        if self.expected is not None:
            return (self.expected.answer,)
        return tuple(status for status, _, _ in self.answers)

    @property
    def promise(self) -> str:
        """The promised statuses as a string: `403`, or `200 × 1, 409 × 19`."""
        if self.expected is not None:
            return str(self.expected.answer)
        return ", ".join(f"{status} × {_format_bounds(least, most)}" for status, least, most in self.answers)


def expand_matrix(pins: PinsFile) -> list[Pin]:
    """Return all pins of the file, in order."""
    return [
        pin
        for name, operation in pins.pins.items()
        for number, row in enumerate(operation.rows)
        for pin in _expand_row(pins, name, operation, number, row)
    ]


def combinations(pins: PinsFile, operation: OperationPins) -> set[tuple[str, str]]:
    """Return every pair of actor and state that needs a row or a reason."""
    return set(product(pins.actors, operation.states))


def find_impossible(pins: PinsFile, operation: OperationPins) -> dict[tuple[str, str], str]:
    """Return the impossible pairs of actor and state, with their reasons."""
    return {
        pair: each.because
        for each in operation.impossible
        for pair in product(_expand_any(each.actor, pins.actors), _expand_any(each.state, operation.states))
    }


def _expand_row(pins: PinsFile, name: str, operation: OperationPins, number: int, row: Row) -> Iterator[Pin]:
    expected = None
    if row.answer is not None:
        expected = Expectation(
            answer=row.answer, message=row.message, holds=row.holds, headers=row.headers, statements=row.statements
        )
    states = _expand_any(row.state, operation.states)
    modes = _expand_any(row.mode, list(pins.service.modes) if pins.service else [])
    for actor, state, mode in product(_expand_any(row.actor, pins.actors), states, modes):
        yield Pin(
            operation=name,
            actor=actor,
            state=state,
            input=row.input,
            mode=mode,
            request=operation.request.merged(row.request),
            expected=expected,
            at_once=row.at_once or 1,
            answers=tuple((int(status), *_parse_bounds(count)) for status, count in (row.answers or {}).items()),
            rounds=row.rounds,
            agree=row.agree,
            before=row.before,
            keep=tuple(row.keep.items()),
            then=row.then,
            row=number,
            assumed=row.assumed,
        )


def _expand_any(names: tuple[str, ...], known: Iterable[str]) -> list[str]:
    return list(known) if ANY in names else list(names)


def _parse_bounds(count: int | str) -> tuple[int, int]:
    least, _, most = str(count).partition("..")
    return int(least), int(most or least)


def _format_bounds(least: int, most: int) -> str:
    return str(least) if least == most else f"{least}..{most}"
