"""Pairs of schemas, each compared once however many places lead to it."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from statuspin.diff.changes import Below, Change, Direction, Group, Said
from statuspin.diff.shape import Shape
from statuspin.diff.view import View, is_self_contained

_DEEPEST_UNION = 30


@dataclass(frozen=True, slots=True)
class Meeting:
    """One schema of the old document and its counterpart in the new one: the nodes `pair` and their shapes."""

    old: Shape
    new: Shape
    pair: "Pair"
    graph: "Graph"

    @property
    def direction(self) -> Direction:
        """Who sends what the two schemas describe."""
        return self.pair.direction

    def below(self, at: str, old: Any, new: Any) -> Below:
        """Compare `old` and `new` further, at this place."""
        return Below(at, old, new, self.direction)

    def change(self, rule: str, at: str = "", before: str = "", after: str = "") -> Change:
        """A change; `rule` goes without the direction, which comes before it."""
        return Change(f"{self.direction}-{rule}", at, before, after)


SCHEMAS: Group[Callable[[Meeting], Said]] = Group()
UNIONS: Group[Callable[[Meeting], Said]] = Group()


class Pair:
    """Two schemas seen in one direction; `changes` are those of these two alone, `below` what to look at next."""

    __slots__ = ("below", "changes", "direction", "new", "old")

    def __init__(self, old: Any, new: Any, direction: Direction) -> None:
        self.old, self.new, self.direction = old, new, direction
        self.changes: tuple[Change, ...] | None = None
        self.below: tuple[tuple[str, Pair], ...] = ()


class Graph:
    """Every pair that was met while comparing two documents."""

    def __init__(self, old: View, new: View) -> None:
        self.old, self.new = old, new
        self._pairs: dict[tuple[int, int, Direction], Pair] = {}
        self._same: dict[tuple[int, int], bool] = {}
        self._depth = 0
        self._dirty: set[Pair] = set()

    def pair(self, below: Below) -> Pair:
        """The pair of two schemas; always the same object for the same two."""
        old, new = self.old.node(below.old), self.new.node(below.new)
        key = (id(old), id(new), below.direction)
        if key not in self._pairs:
            self._pairs[key] = Pair(old, new, below.direction)
        return self._pairs[key]

    def same(self, old: Any, new: Any) -> bool:
        """Whether two schemas differ in nothing that matters, neither for who sends nor for who receives."""
        key = (id(self.old.node(old)), id(self.new.node(new)))
        if self._depth > _DEEPEST_UNION:
            return bool(old == new)
        if key not in self._same:
            self._depth += 1
            self._same[key] = not any(self._differs(self.pair(Below("", old, new, way))) for way in Direction)
            self._depth -= 1
        return self._same[key]

    def _differs(self, root: Pair) -> bool:
        return any(pair.changes for pair in self._walk([root]))

    def _walk(self, roots: Iterable[Pair]) -> Iterator[Pair]:
        waiting = deque(dict.fromkeys(roots))
        seen = set(waiting)
        while waiting:
            pair = waiting.popleft()
            self._look(pair)
            yield pair
            fresh = [below for _, below in pair.below if below not in seen]
            seen.update(fresh)
            waiting.extend(dict.fromkeys(fresh))

    def _look(self, pair: Pair) -> None:
        if pair.changes is not None:
            return
        pair.changes = ()
        if self._is_unchanged(pair):
            return
        meeting = Meeting(self.old.shape(pair.old), self.new.shape(pair.new), pair, self)
        is_lopsided = meeting.old.is_bare_union != meeting.new.is_bare_union
        rules = UNIONS.rules if is_lopsided else UNIONS.rules + SCHEMAS.rules
        said = [each for rule in rules for each in rule(meeting)]
        pair.changes = tuple(dict.fromkeys(each for each in said if isinstance(each, Change)))
        pair.below = tuple((each.at, self.pair(each)) for each in said if isinstance(each, Below))

    def _is_unchanged(self, pair: Pair) -> bool:
        """Whether two schemas are written alike, in one version, and say everything themselves."""
        is_one_version = self.old.document.is_3_0 == self.new.document.is_3_0
        return bool(is_one_version and pair.old == pair.new and is_self_contained(pair.old))

    def solve(self, roots: Iterable[Pair]) -> None:
        """Compare everything below `roots`; `changes_below` can be asked afterwards."""
        above: dict[Pair, list[Pair]] = {}
        for pair in self._walk(roots):
            for _, below in pair.below:
                above.setdefault(below, []).append(pair)
            if pair.changes:
                self._dirty.add(pair)
        waiting = list(self._dirty)
        while waiting:
            fresh = [pair for pair in above.get(waiting.pop(), ()) if pair not in self._dirty]
            self._dirty.update(fresh)
            waiting += fresh

    def changes_below(self, root: Pair) -> Iterator[tuple[str, Change]]:
        """Every change below `root` with the shortest way to it; a pair that several ways lead to is told once."""
        if root not in self._dirty:
            return
        waiting = deque([("", root)])
        seen = {root}
        while waiting:
            way, pair = waiting.popleft()
            yield from ((way, change) for change in pair.changes or ())
            for at, below in pair.below:
                if below in self._dirty and below not in seen:
                    seen.add(below)
                    waiting.append((way + at, below))
