"""Compare pairs of schemas. Each pair is compared once, even if several places refer to it."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property

from statuspin.diff.inclusion.inclusion import Inclusion
from statuspin.diff.rule import RULES, Change, Direction, RuleResult, RuleSet, Subschema
from statuspin.diff.schema.reader import SchemaReader
from statuspin.diff.schema.schema import Schema, SchemaNode
from statuspin.diff.schema.unchanged import Unchanged
from statuspin.diff.severities import Effect, effect_of, is_breaking


class Relation(IntEnum):
    """The relation between the values of a new schema and those of the old one, for a client.

    SETTLED: compatible, as a variant of a schema that is proved as a whole. CONTRADICTORY: no value can be refused or
    new, because the deciding schema accepts nothing.
    """

    EQUAL = 0
    SETTLED = 1
    COMPATIBLE = 2
    CONTRADICTORY = 3
    BREAKING = 4


@dataclass(eq=False)
class SchemaPair:
    """Two schemas in one direction. `changes` are their own changes, `below` the nested pairs."""

    old_node: SchemaNode
    new_node: SchemaNode
    direction: Direction
    is_text: bool
    graph: "SchemaGraph" = field(repr=False)
    changes: tuple[Change, ...] | None = None
    below: tuple[tuple[str, "SchemaPair"], ...] = ()

    @property
    def old(self) -> Schema:
        """The old schema."""
        return self.old_node.schema

    @property
    def new(self) -> Schema:
        """The new schema."""
        return self.new_node.schema

    @property
    def is_request(self) -> bool:
        """Whether clients send the values."""
        return self.direction is Direction.REQUEST

    @property
    def sub(self) -> Schema:
        """The schema whose values the other one has to accept: the old one of requests, the new one of responses."""
        return self.old if self.is_request else self.new

    @property
    def sup(self) -> Schema:
        """The schema that has to accept the values of the other one."""
        return self.new if self.is_request else self.old

    @property
    def is_union_on_one_side(self) -> bool:
        """Whether only one side is a bare union, so that keywords cannot be compared one by one."""
        return self.old.is_bare_union != self.new.is_bare_union

    @cached_property
    def is_settled(self) -> bool:
        """Whether the pair is a union that is proved to be compatible, independent of the matching of variants."""
        return self.relation is Relation.COMPATIBLE and bool(self.old.unions or self.new.unions)

    @cached_property
    def is_exactly_compatible(self) -> bool:
        """Whether the new schema accepts the values of the old one, without assumptions about clients."""
        return self.graph.is_exactly_compatible(self)

    @cached_property
    def relation(self) -> Relation:
        """The relation that is proved between the values of both schemas."""
        return self.graph.relation(self)

    def subschema(self, at: str, old: SchemaNode | None, new: SchemaNode | None) -> Subschema:
        """Return nested schemas to compare at this place. None is a schema that accepts everything."""
        first = self.old_node.reader.true if old is None else old
        second = self.new_node.reader.true if new is None else new
        return Subschema(at, first, second, self.direction, self.is_text)

    def change(self, rule: str, at: str = "", before: str = "", after: str = "") -> Change:
        """Return a change. `rule` is the name without the direction."""
        return Change(f"{self.direction}-{rule}", at, before, after)

    def directed_change(self, rule: str, at: str, before: str, after: str, *, is_compatible: bool) -> Change:
        """Return a change named `rule`-narrowed or `rule`-widened, depending on the direction and `is_compatible`."""
        return self.change(f"{rule}-{'widened' if self.is_request is is_compatible else 'narrowed'}", at, before, after)


Trail = tuple[tuple[SchemaPair, str], ...]
"""The pairs on the path to another pair, each with the place of the next one."""


@dataclass(frozen=True, slots=True)
class PlacedChange:
    """A change of `pair`, with the path to it from the body, parameter or header."""

    trail: Trail
    pair: SchemaPair
    change: Change

    @property
    def at(self) -> str:
        """The place within the body, parameter or header."""
        return ("".join(at for _, at in self.trail) + self.change.at).removeprefix(".")


SCHEMAS: RuleSet[Callable[[SchemaPair], RuleResult]] = RuleSet()
"""Rules that compare keyword by keyword. They do not apply if only one side is a union."""
UNIONS: RuleSet[Callable[[SchemaPair], RuleResult]] = RuleSet()
"""Rules that also apply to unions."""
RULES.update(f"{direction}-values-{kind}" for direction in Direction for kind in ("narrowed", "widened"))


class SchemaGraph:
    """All pairs of schemas in the comparison of two documents."""

    def __init__(self, old: SchemaReader, new: SchemaReader) -> None:
        self.unchanged = Unchanged(old, new)
        self._pairs: dict[tuple[SchemaNode, SchemaNode, Direction, bool], SchemaPair] = {}
        self._changed: set[SchemaPair] = set()
        self._below: dict[SchemaPair, list[PlacedChange]] = {}
        self._inclusions: dict[tuple[Direction, bool, bool], Inclusion] = {}

    def pair(self, subschema: Subschema) -> SchemaPair:
        """Return the pair of two schemas. It is the same object for the same schemas."""
        key = (subschema.old, subschema.new, subschema.direction, subschema.is_text)
        if key not in self._pairs:
            self._pairs[key] = SchemaPair(*key, self)
        return self._pairs[key]

    def relation(self, pair: SchemaPair) -> Relation:
        """Return the relation that is proved between the values of two schemas."""
        old, new = pair.old_node, pair.new_node
        sub, sup = (old, new) if pair.is_request else (new, old)
        if self.unchanged(old, new):
            return Relation.EQUAL
        inclusion = self.inclusion(pair, is_exact=False)
        if not inclusion.includes(sup, sub):
            return Relation.BREAKING
        if sub.raw is not False and inclusion.accepts_nothing(sub) and sub.schema.types:
            return Relation.CONTRADICTORY
        exactly = self.inclusion(pair, is_exact=True)
        return Relation.EQUAL if exactly.includes(sup, sub) and exactly.includes(sub, sup) else Relation.COMPATIBLE

    def is_exactly_compatible(self, pair: SchemaPair) -> bool:
        """Return whether the new schema accepts the values of the old one, without assumptions about clients."""
        sub, sup = (pair.old_node, pair.new_node) if pair.is_request else (pair.new_node, pair.old_node)
        return self.inclusion(pair, is_exact=True).includes(sup, sub)

    def inclusion(self, pair: SchemaPair, *, is_exact: bool = False) -> Inclusion:
        """Return the proofs for the direction of a pair. is_exact: make no assumptions about clients."""
        key = (pair.direction, pair.is_text, is_exact)
        if key not in self._inclusions:
            self._inclusions[key] = Inclusion(
                pair.direction, is_text=pair.is_text and not key[2], is_exact=key[2], is_unchanged=self.unchanged
            )
        return self._inclusions[key]

    def accept_the_same(self, old: SchemaNode, new: SchemaNode) -> bool:
        """Return whether two schemas accept the same values, in both directions."""
        pairs = (self.pair(Subschema("", old, new, direction)) for direction in Direction)
        return all(pair.relation is Relation.EQUAL for pair in pairs)

    def solve(self, roots: Iterable[SchemaPair]) -> None:
        """Compare everything below `roots`, before `changes_below` is called."""
        pairs = list(self._walk(roots))
        above: dict[SchemaPair, list[SchemaPair]] = {}
        for pair in pairs:
            for _, below in pair.below:
                above.setdefault(below, []).append(pair)
        self._explain(pairs, above, Relation.BREAKING, _has_error)
        self._explain(pairs, above, Relation.COMPATIBLE, _has_change)
        waiting = [pair for pair in pairs if pair.changes]
        self._changed.update(waiting)
        while waiting:
            fresh = [pair for pair in above.get(waiting.pop(), ()) if pair not in self._changed]
            self._changed.update(fresh)
            waiting += fresh

    def _walk(self, roots: Iterable[SchemaPair]) -> Iterator[SchemaPair]:
        waiting = deque(dict.fromkeys(roots))
        seen = set(waiting)
        while waiting:
            pair = waiting.popleft()
            self._look(pair)
            yield pair
            fresh = dict.fromkeys(below for _, below in pair.below if below not in seen)
            seen.update(fresh)
            waiting.extend(fresh)

    def _look(self, pair: SchemaPair) -> None:
        if pair.changes is not None:
            return
        pair.changes = ()
        if self.unchanged(pair.old_node, pair.new_node):
            return
        rules = UNIONS.rules if pair.is_union_on_one_side else UNIONS.rules + SCHEMAS.rules
        results = [each for rule in rules for each in rule(pair)]
        changes = dict.fromkeys(each for each in results if isinstance(each, Change))
        pair.changes = tuple(change for change in changes if is_reported(change, pair.relation))
        pair.below = tuple((each.at, self.pair(each)) for each in results if isinstance(each, Subschema))

    @staticmethod
    def _explain(
        pairs: list[SchemaPair],
        above: dict[SchemaPair, list[SchemaPair]],
        relation: Relation,
        is_explained: Callable[[SchemaPair], bool],
    ) -> None:
        """Add a general change to pairs whose relation no rule explains, from the bottom up."""
        concerned = [
            pair for pair in pairs if pair.relation >= relation and pair.relation is not Relation.CONTRADICTORY
        ]
        explained: set[SchemaPair] = set()
        _spread([pair for pair in concerned if is_explained(pair)], above, relation, explained)
        for pair in reversed(concerned):
            if pair not in explained:
                pair.changes = (*(pair.changes or ()), _general_change(pair))
                _spread([pair], above, relation, explained)

    def compared(self, places: dict[SchemaPair, str]) -> Iterator[tuple[SchemaPair, str]]:
        """Yield every pair below `places` that is not written alike, once, with the place it was met in first."""
        waiting = deque(places.items())
        seen = set(places)
        while waiting:
            pair, place = waiting.popleft()
            if self.unchanged(pair.old_node, pair.new_node):
                continue
            yield pair, place
            for at, below in pair.below:
                if below not in seen:
                    seen.add(below)
                    waiting.append((below, f"{place}{at}"))

    def changes_below(self, root: SchemaPair) -> list[PlacedChange]:
        """Return every change below `root` with the shortest path to it. Each pair occurs once."""
        if root not in self._below:
            self._below[root] = list(self._changes_below(root))
        return self._below[root]

    def _changes_below(self, root: SchemaPair) -> Iterator[PlacedChange]:
        """Yield the changes below `root`. Breaking changes do not count below a pair that is proved compatible."""
        if root not in self._changed:
            return
        waiting: deque[tuple[Trail, SchemaPair, Relation]] = deque([((), root, root.relation)])
        seen = {(root, root.relation)}
        told: set[tuple[SchemaPair, Change]] = set()
        while waiting:
            trail, pair, relation = waiting.popleft()
            for change in pair.changes or ():
                if is_reported(change, relation) and (pair, change) not in told:
                    told.add((pair, change))
                    yield PlacedChange(trail, pair, change)
            for at, below in pair.below:
                state = (below, _relation_below(pair, below, relation))
                if below in self._changed and state not in seen:
                    seen.add(state)
                    waiting.append(((*trail, (pair, at)), *state))


def is_reported(change: Change, relation: Relation) -> bool:
    """Return whether a change is reported, given the proved relation of all values."""
    effect = effect_of(change.rule)
    if relation is Relation.EQUAL:
        return effect is Effect.ANNOTATION
    if relation is Relation.SETTLED:
        return effect in {Effect.ANNOTATION, Effect.COMPATIBLE}
    return relation >= Relation.CONTRADICTORY or effect is not Effect.BREAKING


def _explains(below: SchemaPair, pair: SchemaPair) -> bool:
    return not pair.is_settled or below.relation is Relation.COMPATIBLE


def _relation_below(pair: SchemaPair, below: SchemaPair, relation: Relation) -> Relation:
    """Return the relation that counts for a pair below another one."""
    if not pair.is_settled:
        return min(relation, below.relation)
    return min(relation, Relation.SETTLED) if below.relation is Relation.COMPATIBLE else Relation.EQUAL


def _has_error(pair: SchemaPair) -> bool:
    return any(is_breaking(change.rule) for change in pair.changes or ())


def _has_change(pair: SchemaPair) -> bool:
    return any(effect_of(change.rule) is not Effect.ANNOTATION for change in pair.changes or ())


def _spread(
    sources: list[SchemaPair],
    above: dict[SchemaPair, list[SchemaPair]],
    relation: Relation,
    explained: set[SchemaPair],
) -> None:
    """Add `sources`, and every pair of `relation` that leads to one, to `explained`."""
    waiting = list(sources)
    explained.update(sources)
    while waiting:
        below = waiting.pop()
        for pair in above.get(below, ()):
            if pair not in explained and pair.relation >= relation and _explains(below, pair):
                explained.add(pair)
                waiting.append(pair)


def _general_change(pair: SchemaPair) -> Change:
    is_narrower = pair.is_request is (pair.relation is Relation.BREAKING)
    return pair.change("values-narrowed" if is_narrower else "values-widened")
