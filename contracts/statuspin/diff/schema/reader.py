"""Read the schemas of a document in canonical form. Each is computed once."""

from collections.abc import Iterator
from functools import reduce
from typing import Any

from statuspin.contract.document import Document
from statuspin.diff.schema.alternatives import TooMany, alternatives_of
from statuspin.diff.schema.keywords import is_compared, read_keywords
from statuspin.diff.schema.merging import merge, seal
from statuspin.diff.schema.schema import ANY, NEVER, Schema, SchemaNode
from statuspin.diff.schema.unions import simplify

_MOST_HOPS = 100
_UNIONS = ("oneOf", "anyOf", "allOf")


class SchemaReader:
    """Reads the schemas of `document`. Two objects are the same node only if they are identical."""

    def __init__(self, document: Document) -> None:
        self.document, self.is_3_0 = document, document.is_3_0
        self._nodes: dict[int, SchemaNode] = {}
        self._both: dict[frozenset[SchemaNode], SchemaNode] = {}
        self._open: set[SchemaNode] = set()
        self._targets: dict[str, Any] = {}
        self._names: dict[int, str] | None = None
        self.true, self.false = SchemaNode(self, True), SchemaNode(self, False)  # noqa: FBT003
        self.null = SchemaNode(self, {"enum": [None]})

    def node(self, raw: Any) -> SchemaNode:
        """Return the node of a schema; that of the target if it is a reference and nothing else."""
        for _ in range(_MOST_HOPS):
            if not self._is_plain_reference(raw) or (target := self.target(raw)) is None:
                break
            raw = target
        if not isinstance(raw, dict):
            return self.false if raw is False else self.true
        if id(raw) not in self._nodes:
            self._nodes[id(raw)] = SchemaNode(self, raw)
        return self._nodes[id(raw)]

    def name_of(self, node: SchemaNode) -> str:
        """Return the name of a node among the document's components, empty if it has none."""
        if self._names is None:
            components = self.document.raw.get("components")
            schemas = components.get("schemas") if isinstance(components, dict) else None
            named = schemas.items() if isinstance(schemas, dict) else ()
            self._names = {id(raw): name for name, raw in named if isinstance(raw, dict)}
        return self._names.get(id(node.raw), "")

    def read(self, node: SchemaNode) -> Schema:
        """Return the canonical form of a node: references followed, allOf merged, and unions simplified if possible."""
        if isinstance(node.raw, bool):
            return ANY if node.raw else NEVER
        if node in self._open:
            return ANY
        self._open.add(node)
        try:
            return self._read_parts(node.parts) if node.parts else self._read(node.raw)
        finally:
            self._open.discard(node)

    def _read_parts(self, parts: tuple[SchemaNode, ...]) -> Schema:
        return simplify(reduce(self.merge, map(self._part, parts)), self.merge, self.null)

    def _read(self, raw: dict[str, Any]) -> Schema:
        if self.is_3_0 and raw.get("nullable") is True and "type" not in raw and any(key in raw for key in _UNIONS):
            raw = {"anyOf": [{key: value for key, value in raw.items() if key != "nullable"}, {"enum": [None]}]}
        own = read_keywords(raw, self, is_3_0=self.is_3_0)
        parts = [own, *(self._part(node) for node in self._parts(raw))]
        return simplify(reduce(self.merge, parts), self.merge, self.null)

    def _parts(self, raw: dict[str, Any]) -> Iterator[SchemaNode]:
        if (target := self.target(raw)) is not None:
            yield self.node(target)
        all_of = raw.get("allOf")
        yield from (self.node(part) for part in (all_of if isinstance(all_of, list) else ()))

    def _part(self, node: SchemaNode) -> Schema:
        schema = ANY if node in self._open else node.schema
        return schema if schema.unions else seal(schema)

    def merge(self, one: Schema, other: Schema) -> Schema:
        """Return the schema of allOf [one, other]."""
        return merge(one, other, self.both)

    def both(self, one: SchemaNode, other: SchemaNode) -> SchemaNode:
        """Return the node of values that match `one` and `other`. It is the same node for the same two."""
        if one is other or other.raw is True:
            return one
        if one.raw is True:
            return other
        if one.raw is False or other.raw is False:
            return self.false
        parts = frozenset((one, other))
        if parts not in self._both:
            self._both[parts] = SchemaNode(self, {"allOf": [one.raw, other.raw]}, (one, other))
        return self._both[parts]

    def expand(self, schema: Schema) -> tuple[Schema, ...] | None:
        """Return the alternatives of a schema, or None if there are too many."""
        try:
            return alternatives_of(schema, self.merge)
        except TooMany:
            return None

    def _is_plain_reference(self, raw: Any) -> bool:
        if not isinstance(raw, dict) or not _is_reference(raw):
            return False
        return self.is_3_0 or len(raw) == 1 or not any(is_compared(key) for key in raw.keys() - _REFERENCES)

    def target(self, raw: dict[str, Any]) -> Any:
        """Return the target of the schema's own $ref or $dynamicRef, or None if it has none."""
        reference = raw.get("$ref", raw.get("$dynamicRef"))
        if not isinstance(reference, str):
            return None
        if reference not in self._targets:
            self._targets[reference] = self.document.at(reference)
        return self._targets[reference]


_REFERENCES = {"$ref", "$dynamicRef"}


def _is_reference(raw: dict[str, Any]) -> bool:
    return isinstance(raw.get("$ref", raw.get("$dynamicRef")), str)
