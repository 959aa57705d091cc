"""Decide whether regular expressions imply others, by walking their automata in parallel.

The library greenery parses the expressions. The walk visits sets of states, shortest texts first, and stops after a
fixed number of steps, because deterministic automata may have exponential size.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

_MOST_STATES = 3_000
_MOST_STEPS = 400_000
_LONGEST_COUNTED = 64
_PLAIN = "a0A-_. /:@é\n"

Lengths = tuple[int, int | None]
_Ranges = tuple[tuple[int, int], ...]


class Undecided(Exception):
    """An expression cannot be parsed, or the walk takes too long."""


class Automaton:
    """The automaton of one expression: transitions by a character, and empty transitions."""

    def __init__(self, expression: str) -> None:
        """expression: has to match the whole text. Raises Undecided."""
        self._moves: list[list[tuple[_Ranges, int]]] = []
        self._free: list[list[int]] = []
        self.points: set[int] = {0}
        first, self.last = self._state(), self._state()
        try:
            self._add(_parse(expression), first, self.last)
        except RecursionError:
            raise Undecided from None
        self.start = self._closure({first})

    def _state(self) -> int:
        if len(self._moves) > _MOST_STATES:
            raise Undecided
        self._moves.append([])
        self._free.append([])
        return len(self._moves) - 1

    def _add(self, node: Any, start: int, end: int) -> None:
        """The part of an expression that leads from one state to another."""
        kind = type(node).__name__
        if kind == "Charclass":
            ranges = _ranges(node)
            self.points.update(point for low, high in ranges for point in (low, high + 1))
            self._moves[start].append((ranges, end))
        elif kind == "Pattern":
            for branch in node.concs:
                self._add(branch, start, end)
        elif kind == "Conc":
            for part in node.mults:
                following = self._state()
                self._add(part, start, following)
                start = following
            self._free[start].append(end)
        else:
            self._repeat(node, start, end)

    def _repeat(self, node: Any, start: int, end: int) -> None:
        least, most = node.multiplier.min.v, node.multiplier.max.v
        for _ in range(least):
            following = self._state()
            self._add(node.multiplicand, start, following)
            start = following
        if most is None:
            around = self._state()
            self._free[start].append(around)
            self._add(node.multiplicand, around, around)
            self._free[around].append(end)
            return
        self._free[start].append(end)
        for _ in range(most - least):
            following = self._state()
            self._add(node.multiplicand, start, following)
            self._free[following].append(end)
            start = following

    def _closure(self, states: set[int]) -> frozenset[int]:
        waiting = list(states)
        found = set(states)
        while waiting:
            fresh = [state for state in self._free[waiting.pop()] if state not in found]
            found.update(fresh)
            waiting += fresh
        return frozenset(found)

    def step(self, states: frozenset[int], character: int) -> frozenset[int]:
        """Return the states that a character leads to."""
        reached = {
            target
            for state in states
            for ranges, target in self._moves[state]
            if any(low <= character <= high for low, high in ranges)
        }
        return self._closure(reached) if reached else frozenset()


def _ranges(characters: Any) -> _Ranges:
    """Return the code points of a class, those of a negated one included."""
    ranges = sorted(characters.ord_ranges)
    if not characters.negated:
        return tuple(ranges)
    found, start = [], 0
    for low, high in ranges:
        if start < low:
            found.append((start, low - 1))
        start = high + 1
    return (*found, (start, 0x10FFFF))


def _parse(expression: str) -> Any:
    from greenery import parse  # type: ignore[import-untyped]  # noqa: PLC0415 - few documents need it

    try:
        return parse(expression)
    except Exception:  # noqa: BLE001 - expressions that the parser rejects are undecided
        raise Undecided from None


@lru_cache(maxsize=256)
def automaton(expression: str) -> Automaton:
    """Return the automaton of an expression. Raises Undecided."""
    return Automaton(expression)


def example_between(
    wanted: tuple[str, ...], lengths: Lengths, unwanted: tuple[str, ...] | None, other_lengths: Lengths = (0, None)
) -> str | None:
    """Return a shortest text that matches all of `wanted` and `lengths`, but not all of `unwanted` and `other_lengths`.

    unwanted: None to accept every text. Returns None if no such text exists. Raises Undecided.
    """
    return _Walk(wanted, lengths, unwanted, other_lengths).find()


_Position = tuple[tuple[frozenset[int], ...], int]


class _Walk:
    """A walk over texts, shortest first, with one text for each set of states and length."""

    def __init__(
        self, wanted: tuple[str, ...], lengths: Lengths, unwanted: tuple[str, ...] | None, other_lengths: Lengths
    ) -> None:
        self._is_anything_unwanted = unwanted is not None
        self._left = [automaton(each) for each in wanted]
        self._right = [automaton(each) for each in unwanted or ()]
        self._cap = max(_finite(lengths, other_lengths), default=0) + 1
        if self._cap > _LONGEST_COUNTED:
            self._cap, lengths, other_lengths = 1, (min(lengths[0], 1), None), (0, None)
        self._lengths, self._other_lengths = lengths, other_lengths
        self._symbols = _symbols({point for each in (*self._left, *self._right) for point in each.points})
        self._steps = 0

    def find(self) -> str | None:
        start: _Position = (tuple(each.start for each in (*self._left, *self._right)), 0)
        texts = {start: ""}
        waiting = deque([start])
        while waiting:
            position = waiting.popleft()
            if self._is_wanted(position) and not self._is_refused(position):
                return texts[position]
            for character, reached in self._next_positions(position):
                if reached not in texts:
                    texts[reached] = texts[position] + chr(character)
                    waiting.append(reached)
        return None

    def _next_positions(self, position: _Position) -> Iterator[tuple[int, _Position]]:
        states, length = position
        if self._lengths[1] is not None and length >= self._lengths[1]:
            return
        for character in self._symbols:
            self._steps += 1 + sum(map(len, states))
            if self._steps > _MOST_STEPS:
                raise Undecided
            both = zip((*self._left, *self._right), states, strict=True)
            following = tuple(each.step(at, character) for each, at in both)
            if all(following[: len(self._left)]):
                yield character, (following, min(length + 1, self._cap))

    def _is_wanted(self, position: _Position) -> bool:
        states, length = position
        is_accepted = all(each.last in at for each, at in zip(self._left, states, strict=False))
        return is_accepted and _is_within(length, self._lengths, self._cap)

    def _is_refused(self, position: _Position) -> bool:
        """Return whether a string is unwanted."""
        states, length = position
        others = zip(self._right, states[len(self._left) :], strict=True)
        is_accepted = all(each.last in at for each, at in others)
        return self._is_anything_unwanted and is_accepted and _is_within(length, self._other_lengths, self._cap)


def _finite(*several: Lengths) -> list[int]:
    return [length for lengths in several for length in lengths if length is not None]


def _is_within(length: int, lengths: Lengths, cap: int) -> bool:
    least, most = lengths
    return length >= least and (most is None or (length <= most and length < cap))


def _symbols(points: set[int]) -> list[int]:
    """Return one code point for each set of characters that no class distinguishes; plain ones if possible."""
    borders = sorted(point for point in points if point <= 0x10FFFF)
    found: dict[int, int] = {}
    for character in map(ord, _PLAIN):
        found.setdefault(bisect_right(borders, character), character)
    for place, border in enumerate(borders, 1):
        if not 0xD800 <= border <= 0xDFFF:
            found.setdefault(place, border)
    return sorted(found.values(), key=lambda character: (character > 0x7F, not chr(character).isalnum(), character))
