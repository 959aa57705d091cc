"""Prove that a schema accepts nothing, or that two schemas have no value in common."""

from collections.abc import Hashable

from statuspin.diff.inclusion import arrays, numbers, objects, strings
from statuspin.diff.inclusion.proofs import Proofs
from statuspin.diff.inclusion.values import possible_values
from statuspin.diff.schema.merging import shared_types
from statuspin.diff.schema.schema import Schema, SchemaNode

_DEEPEST = 6
_LIMITING_KEYWORDS = (
    "minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength pattern format enum const not if"
    " required minItems maxItems contains items prefixItems minProperties maxProperties"
)
_LIMITING = frozenset(_LIMITING_KEYWORDS.split())


class Emptiness:
    """Proofs that nothing is accepted. Unproved values count as possible."""

    def __init__(self, inclusion: Proofs) -> None:
        self._inclusion = inclusion
        self._empty: dict[SchemaNode, bool] = {}
        self._unproved: dict[Hashable, int] = {}
        self._depth = 0

    def is_node_empty(self, node: SchemaNode) -> bool:
        """Return whether a node accepts nothing."""
        if isinstance(node.raw, bool):
            return not node.raw
        if node.is_simple and not node.raw.keys() & _LIMITING:
            return False
        if node not in self._empty:
            if self._depth > _DEEPEST:
                return False
            self._empty[node] = False
            try:
                self._empty[node] = node.alternatives is not None and all(map(self.is_empty, node.alternatives))
            except Exception:
                del self._empty[node]
                raise
        return self._empty[node]

    def is_empty(self, schema: Schema) -> bool:
        """Return whether an alternative accepts nothing."""
        self._inclusion.count_step()
        values = possible_values(schema)
        if values is not None:
            return not values
        self._depth += 1
        try:
            return self._is_impossible(schema) or (self._depth <= _DEEPEST and self._is_all_refused(schema))
        finally:
            self._depth -= 1

    def _is_all_refused(self, schema: Schema) -> bool:
        """Return whether a `not` or another variant of a oneOf covers `schema`. A failed proof is not tried deeper."""
        refusing = _refusing(schema)
        if not refusing:
            return False
        key = schema.key
        before = self._unproved.get(key)
        if before is not None and before <= self._depth:
            return False
        self._unproved[key] = self._depth
        try:
            is_refused = any(self._inclusion.covers(node, schema, depth=1) for node in refusing)
        except Exception:
            del self._unproved[key]
            raise
        if is_refused:
            del self._unproved[key]
        return is_refused

    def _is_impossible(self, schema: Schema) -> bool:
        kind = next(iter(schema.types))
        if kind in {"integer", "number"}:
            return numbers.interval_of(schema).is_empty
        if kind == "string":
            least, most = strings.lengths_of(schema)
            return (most is not None and least > most) or strings.is_unmatchable(schema)
        if kind == "array":
            return self._is_impossible_array(schema)
        return kind == "object" and self._is_impossible_object(schema)

    def _is_impossible_array(self, schema: Schema) -> bool:
        least, most = arrays.length_of(schema)
        nodes = (arrays.element(schema, place) for place in range(int(min(least, len(schema.prefix) + 1))))
        return least > most or any(node is not None and self.is_node_empty(node) for node in nodes)

    def _is_impossible_object(self, schema: Schema) -> bool:
        schema = objects.select_visible(schema, self._inclusion.direction)
        most = schema.bounds.get("maxProperties")
        if most is not None and most[0] < max(len(schema.required), schema.bounds.get("minProperties", (0, False))[0]):
            return True
        if objects.is_closed(schema) and schema.bounds.get("minProperties", (0, False))[0] > len(schema.properties):
            return True
        nodes = (objects.member(schema, name) for name in sorted(schema.required))
        return any(node is not None and self.is_node_empty(node) for node in nodes)

    def are_disjoint(self, schema: Schema, node: SchemaNode) -> bool:
        """Return whether an alternative and a node have no value in common."""
        if self.is_refused(schema, node):
            return True
        if node.alternatives is None or self._depth > _DEEPEST:
            return False
        return all(self._is_disjoint(schema, each, node) for each in node.alternatives)

    def is_refused(self, schema: Schema, node: SchemaNode) -> bool:
        """Return whether an alternative refuses all values of a node by a `not`, or as those of another variant."""
        return any(self._inclusion.includes_exactly(mine, node) for mine in _refusing(schema))

    def _is_disjoint(self, schema: Schema, other: Schema, node: SchemaNode) -> bool:
        if not shared_types(schema.types, other.types) or objects.clash(schema, other):
            return True
        return self.is_empty(node.reader.merge(schema, other))


def _refusing(schema: Schema) -> tuple[SchemaNode, ...]:
    return (*schema.nots, *schema.excluded)
