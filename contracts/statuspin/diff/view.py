"""The schemas of one document as shapes, each worked out once."""

from collections.abc import Iterator
from dataclasses import replace
from functools import reduce
from typing import Any

from statuspin.contract.document import Document
from statuspin.diff.keywords import matters, read
from statuspin.diff.merging import merged
from statuspin.diff.shape import ANY, NEVER, Shape
from statuspin.diff.unions import collapsed, split_null

_MOST_PARTS = 128
_MOST_HOPS = 100


class View:
    """What the schemas of `document` mean. Nodes are the document's own objects, and are told apart by identity."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._shapes: dict[int, Shape] = {}
        self._open: set[int] = set()
        self._targets: dict[str, Any] = {}
        self._both: dict[frozenset[int], dict[str, Any]] = {}

    def node(self, raw: Any) -> Any:
        """The node that says what `raw` says: what its $ref leads to, where nothing that matters stands beside it."""
        for _ in range(_MOST_HOPS):
            if not self._is_plain_reference(raw) or (target := self._target(raw["$ref"])) is None:
                break
            raw = target
        return raw if isinstance(raw, dict | bool) else True

    def shape(self, raw: Any) -> Shape:
        """The shape of a schema: $ref followed, allOf merged, unions of null and one thing folded into that thing."""
        node = self.node(raw)
        if isinstance(node, bool):
            return ANY if node else NEVER
        key = id(node)
        if key in self._open:
            return ANY
        if key not in self._shapes:
            self._open.add(key)
            self._shapes[key] = self._made(node)
            self._open.discard(key)
        return self._shapes[key]

    def _made(self, node: dict[str, Any]) -> Shape:
        shapes = [self._own(part) for part in self._parts(node, set())]
        shape = reduce(lambda one, other: merged(one, other, self.both), shapes)
        says_null = self.document.is_3_0 and node.get("nullable") is True and "type" not in node
        if says_null:
            shape = replace(shape, nullable=True)
        return self._with_union(shape, says_null=says_null) if shape.variants is not None else shape

    def _own(self, part: Any) -> Shape:
        if isinstance(part, bool):
            return ANY if part else NEVER
        shape = read(part, is_3_0=self.document.is_3_0)
        reference = part.get("$ref")
        if isinstance(reference, str) and self._target(reference) is None:
            return replace(shape, rest=shape.rest | {"$ref": (reference,)})
        return shape

    def _parts(self, raw: Any, seen: set[int]) -> Iterator[Any]:
        node = self.node(raw)
        if id(node) in seen or len(seen) > _MOST_PARTS:
            return
        seen.add(id(node))
        yield node
        if isinstance(node, bool):
            return
        if isinstance(node.get("$ref"), str) and (target := self._target(node["$ref"])) is not None:
            yield from self._parts(target, seen)
        for part in node.get("allOf") or ():
            yield from self._parts(part, seen)

    def _with_union(self, shape: Shape, *, says_null: bool) -> Shape:
        variants, has_null = split_null([(variant, self.shape(variant)) for variant in shape.variants or ()])
        has_null = has_null or says_null
        folded = collapsed([below for _, below in variants])
        if folded is None:
            nullable = shape.nullable and (has_null or any(below.nullable for _, below in variants))
            return replace(shape, nullable=nullable, variants=tuple(variant for variant, _ in variants))
        whole = merged(replace(shape, variants=None, nullable=True), folded, self.both)
        return replace(whole, nullable=shape.nullable and (has_null or folded.nullable))

    def both(self, one: Any, other: Any) -> Any:
        """The schema that holds where `one` and `other` hold; the same object for the same two."""
        one, other = self.node(one), self.node(other)
        if one is other or other is True:
            return one
        if one is True:
            return other
        if one is False or other is False:
            return False
        parts = {id(part): part for schema in (one, other) for part in self._leaves(schema)}
        key = frozenset(parts)
        return self._both.setdefault(key, {"allOf": list(parts.values())})

    def _leaves(self, node: dict[str, Any]) -> list[Any]:
        is_made = node.keys() == {"allOf"}
        return [self.node(part) for part in node["allOf"]] if is_made else [node]

    def _is_plain_reference(self, raw: Any) -> bool:
        if not isinstance(raw, dict) or not isinstance(raw.get("$ref"), str):
            return False
        return self.document.is_3_0 or len(raw) == 1 or not any(matters(key) for key in raw if key != "$ref")

    def _target(self, reference: str) -> Any:
        """What a reference within the document leads to; None where it leads nowhere."""
        if reference not in self._targets:
            self._targets[reference] = self._find(reference)
        return self._targets[reference]

    def _find(self, reference: str) -> Any:
        if reference != "#" and not reference.startswith("#/"):
            return None
        try:
            return self.document.at(reference)
        except KeyError:
            return None


def is_self_contained(schema: Any) -> bool:
    """Whether no $ref stands in a schema, and no value that Python takes for another: True equals 1."""
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if "$ref" in node or _holds_true_or_one(node):
                return False
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
    return True


def _holds_true_or_one(schema: dict[str, Any]) -> bool:
    values = schema.get("enum", ())
    return schema.get("const") in (0, 1) or (isinstance(values, list) and any(value in (0, 1) for value in values))
