"""Prove that one schema accepts every value of another.

Both schemas are split into alternatives of one type. Each of the one side has to be covered by one of the other side,
or by several together.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial

from statuspin.diff.inclusion import arrays, numbers, objects, strings, texts
from statuspin.diff.inclusion.emptiness import Emptiness
from statuspin.diff.inclusion.prover import Prover
from statuspin.diff.inclusion.values import accepts, possible_values
from statuspin.diff.rule import Direction
from statuspin.diff.schema.json_values import text_of
from statuspin.diff.schema.schema import Schema, SchemaNode
from statuspin.diff.schema.shapes import Shapes

_DEEPEST_SPLIT = 2
_FEW_STEPS = 300
_NUMBERS = frozenset({"integer", "number"})


class Inclusion(Prover):
    """Proofs for one direction. Each is made once, with a limited number of steps.

    direction: that of the narrower schema. Clients send only described members, and no readOnly ones. Responses have no
    writeOnly members, and no undescribed ones that distinguish the variants of a oneOf. is_text: values are written as
    text, as in a query or a header. is_exact: make no assumptions about clients. is_unchanged: whether two nodes are
    known to be the same.
    """

    def __init__(
        self,
        direction: Direction,
        *,
        is_text: bool = False,
        is_exact: bool = False,
        is_unchanged: Callable[[SchemaNode, SchemaNode], bool] = lambda one, other: one is other,
        shapes: Shapes | None = None,
    ) -> None:
        shapes = Shapes() if shapes is None else shapes
        super().__init__(is_unchanged, shapes)
        self.direction, self.is_text, self.is_exact = direction, is_text, is_exact
        self.is_from_client = direction is Direction.REQUEST and not is_exact
        self._exactly = self
        if self.is_from_client:
            self._exactly = Inclusion(
                direction, is_text=is_text, is_exact=True, is_unchanged=is_unchanged, shapes=shapes
            )
        self.emptiness = Emptiness(self)
        self._siblings: dict[int, tuple[Schema, ...]] = {}
        self._closed: dict[SchemaNode, tuple[Schema, ...]] = {}

    def accepts_nothing(self, node: SchemaNode) -> bool:
        """Return whether a node accepts nothing, as far as that can be proved."""
        return self.limit(lambda: self.emptiness.is_node_empty(node), default=False)

    def find_doubtful(self, node: SchemaNode, guide: SchemaNode | None) -> tuple[Schema, ...]:
        """Return the alternatives of a node that `guide` may refuse, or else all of them. Few steps are enough."""
        alternatives = self.limit(lambda: self.sent(node), default=node.alternatives, most_steps=_FEW_STEPS) or ()
        if guide is None or len(alternatives) < 2:
            return alternatives
        doubtful = [
            each
            for each in alternatives
            if not self.limit(
                partial(self.covers, guide, each, possible_values(each)), default=False, most_steps=_FEW_STEPS
            )
        ]
        return tuple(doubtful) or alternatives

    def prove(self, sub: SchemaNode, sup: SchemaNode) -> bool:
        """Return whether each alternative of `sub` can be proved to be within `sup`."""
        alternatives = self.sent(sub)
        if alternatives is None or sup.alternatives is None:
            return False
        misplaced = sub.schema.misplaced | sup.schema.misplaced
        if not all(self.covers_by_one(*(_assume_type(node.schema, kind) for node in (sup, sub))) for kind in misplaced):
            return False
        return all(self.covers(sup, each, possible_values(each)) for each in alternatives)

    def sent(self, node: SchemaNode) -> tuple[Schema, ...] | None:
        """Return the alternatives of the values that are really sent.

        Objects of clients have only described members.
        """
        alternatives = node.alternatives
        if alternatives is None:
            return None
        if not self.is_from_client:
            self._siblings |= dict.fromkeys(map(id, alternatives), alternatives)
            return alternatives
        if node not in self._closed:
            self._closed[node] = tuple(
                objects.close(each, alternatives, node.reader, self, is_from_client=True) for each in alternatives
            )
        return self._closed[node]

    def covers(self, sup: SchemaNode, sub: Schema, values: list[object] | None = None, depth: int = 0) -> bool:
        """Return whether `sup` accepts everything that the alternative `sub` accepts.

        values: all of them, if they are few.
        """
        self.count_step()
        if sup.alternatives is None:
            return False
        if values is not None:
            return all(self._accepts(sup, value) for value in values)
        candidates = [each for each in sup.alternatives if _share_type(sub, each) and not objects.clash(sub, each)]
        if any(self.covers_by_one(each, sub) for each in candidates):
            return True
        if self._covered_together(sub, candidates) or (depth == 0 and self._is_impossible(sub)):
            return True
        if self.is_text and self._covered_as_text(sup, sub, depth):
            return True
        parts = objects.split(sub, candidates) if depth < _DEEPEST_SPLIT else []
        return bool(parts) and all(self.covers(sup, part, None, depth + 1) for part in parts)

    def _accepts(self, sup: SchemaNode, value: object) -> bool:
        if isinstance(value, dict | list):
            return any(self.validates(each, value) for each in sup.alternatives or ())
        return accepts(sup, value) or (self.is_text and any(accepts(sup, each) for each in texts.readings(value)))

    def includes_exactly(self, sup: SchemaNode, sub: SchemaNode) -> bool:
        """Return whether `sup` accepts every value of `sub`, also those that clients are not taken to send."""
        return self._exactly.includes(sup, sub)

    def accepts_all(self, sup: SchemaNode, values: Iterable[object]) -> bool:
        """Return whether `sup` accepts each of some values."""
        return sup.alternatives is not None and all(self._accepts(sup, value) for value in values)

    @staticmethod
    def validates(schema: Schema, value: object) -> bool:
        """Return whether an alternative lists an object or array among its values."""
        return schema.enum is not None and text_of(value) in schema.enum

    def _is_impossible(self, sub: Schema) -> bool:
        return self.emptiness.is_empty(self._keep_described(sub) if sub.excluded else sub)

    def _keep_described(self, sub: Schema) -> Schema:
        """Return `sub` with only described members. No other distinguishes the variants of a response's oneOf."""
        node = next(iter(sub.properties.values()), None)
        others = [each for other in sub.excluded for each in other.alternatives or () if each.types == {"object"}]
        siblings = self._siblings.get(id(sub))
        if node is None or siblings is None or self.is_exact or not all(each.properties for each in others):
            return sub
        return objects.close(sub, siblings, node.reader, self)

    def _covered_together(self, sub: Schema, candidates: list[Schema]) -> bool:
        """Return whether plain numbers or strings are covered by several alternatives together."""
        plain = [each for each in candidates if self._holds_apart_from_type(each, sub)]
        if sub.types <= _NUMBERS:
            listed = [one for each in plain if each.enum is not None for one in _enum_points(each)]
            several = [each for each in plain if each.enum is None] + listed
            return numbers.is_covered(sub, several, is_from_client=self.is_from_client)
        if sub.types == {"string"}:
            plain = [each for each in plain if each.enum is None and self._contents_within(sub, each)]
            return strings.is_covered(sub, plain)
        return False

    def _covered_as_text(self, sup: SchemaNode, sub: Schema, depth: int) -> bool:
        text = texts.as_text(sub)
        return text is not None and self.covers(sup, text, possible_values(text), depth + 1)

    def covers_by_one(self, sup: Schema, sub: Schema) -> bool:
        """Return whether one alternative accepts everything that another of its type accepts."""
        if sup.enum is not None:
            return False
        kind = next(iter(sub.types))
        if kind in _NUMBERS:
            is_within = numbers.is_covered(sub, [sup], is_from_client=self.is_from_client)
        elif kind == "string":
            is_within = strings.is_covered(sub, [sup]) and self._contents_within(sub, sup)
        elif kind == "array":
            is_within = arrays.is_covered(sub, sup, self)
        else:
            is_within = kind != "object" or objects.is_covered(sub, sup, self)
        return is_within and self._holds_apart_from_type(sup, sub)

    def _contents_within(self, sub: Schema, sup: Schema) -> bool:
        return all(any(self.includes(each, mine) for mine in sub.content_schemas) for each in sup.content_schemas)

    def _holds_apart_from_type(self, sup: Schema, sub: Schema) -> bool:
        if not all(self.excludes(each, sub) for each in sup.nots):
            return False
        others = [each for each in sup.excluded if not self.emptiness.is_refused(sub, each)]
        if not others:
            return True
        described = self._keep_described(sub)
        return all(self.excludes(each, described) for each in others)

    def excludes(self, node: SchemaNode, sub: Schema) -> bool:
        """Return whether `node` accepts nothing that the alternative `sub` accepts."""
        return self.emptiness.are_disjoint(sub, node)


def _assume_type(schema: Schema, kind: str) -> Schema:
    """Return a schema as if it were of a type that its keywords concern."""
    return replace(schema, types=frozenset({kind}), enum=None, unions=(), conditionals=(), nots=(), excluded=())


def _share_type(one: Schema, other: Schema) -> bool:
    return bool(one.types & other.types) or (one.types <= _NUMBERS and other.types <= _NUMBERS)


def _enum_points(schema: Schema) -> Iterator[Schema]:
    """Yield the values of an enum of numbers as bounds."""
    for value in possible_values(schema) or ():
        yield replace(
            schema, enum=None, bounds={"minimum": (value, False), "maximum": (value, False)}, steps=frozenset()
        )
