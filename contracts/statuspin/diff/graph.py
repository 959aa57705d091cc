"""Compare pairs of schemas. Each pair is compared once, even if several places refer to it."""

from collections import deque
from collections.abc import Iterable, Iterator

from statuspin.diff.explaining import add_general_changes, is_reported, relation_below
from statuspin.diff.inclusion.inclusion import Inclusion
from statuspin.diff.pairs import SCHEMAS, UNIONS, PlacedChange, Relation, SchemaPair, Trail
from statuspin.diff.rule import Change, Direction, Subschema
from statuspin.diff.schema.reader import SchemaReader
from statuspin.diff.schema.schema import Schema, SchemaNode
from statuspin.diff.schema.shapes import Shapes
from statuspin.diff.schema.unchanged import Unchanged


class SchemaGraph:
    """All pairs of schemas in the comparison of two documents."""

    def __init__(self, old: SchemaReader, new: SchemaReader) -> None:
        self.unchanged = Unchanged(old, new)
        self._shapes = Shapes()
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
                pair.direction,
                is_text=pair.is_text and not key[2],
                is_exact=key[2],
                is_unchanged=self.unchanged,
                shapes=self._shapes,
            )
        return self._inclusions[key]

    def accept_the_same(self, old: SchemaNode, new: SchemaNode) -> bool:
        """Return whether two schemas accept the same values, in both directions."""
        if _have_other_members(old.schema, new.schema):
            return False
        pairs = (self.pair(Subschema("", old, new, direction)) for direction in Direction)
        return all(pair.relation is Relation.EQUAL for pair in pairs)

    def solve(self, roots: Iterable[SchemaPair]) -> None:
        """Compare everything below `roots`, before `changes_below` is called."""
        pairs = list(self._walk(roots))
        above: dict[SchemaPair, list[SchemaPair]] = {}
        for pair in pairs:
            for _, below in pair.below:
                above.setdefault(below, []).append(pair)
        add_general_changes(pairs, above, Relation.BREAKING)
        add_general_changes(pairs, above, Relation.COMPATIBLE)
        waiting = [pair for pair in pairs if pair.changes]
        self._changed.update(waiting)
        while waiting:
            others = [pair for pair in above.get(waiting.pop(), ()) if pair not in self._changed]
            self._changed.update(others)
            waiting += others

    def _walk(self, roots: Iterable[SchemaPair]) -> Iterator[SchemaPair]:
        waiting = deque(dict.fromkeys(roots))
        seen = set(waiting)
        while waiting:
            pair = waiting.popleft()
            self._look(pair)
            yield pair
            others = dict.fromkeys(below for _, below in pair.below if below not in seen)
            seen.update(others)
            waiting.extend(others)

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

    def list_compared(self, places: dict[SchemaPair, str]) -> Iterator[tuple[SchemaPair, str]]:
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
        reported: set[tuple[SchemaPair, Change]] = set()
        while waiting:
            trail, pair, relation = waiting.popleft()
            for change in pair.changes or ():
                if is_reported(change, relation) and (pair, change) not in reported:
                    reported.add((pair, change))
                    yield PlacedChange(trail, pair, change)
            for at, below in pair.below:
                state = (below, relation_below(pair, below, relation))
                if below in self._changed and state not in seen:
                    seen.add(state)
                    waiting.append(((*trail, (pair, at)), *state))


def _have_other_members(old: Schema, new: Schema) -> bool:
    """Return whether two schemas of objects name different members, so that a proof is not worth its time."""
    are_plain = not (old.unions or new.unions) and "object" in old.types & new.types
    return are_plain and (old.properties.keys() != new.properties.keys() or old.required != new.required)
