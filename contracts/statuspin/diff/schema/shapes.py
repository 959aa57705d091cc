"""Number schemas by their canonical form, so that two schemas of one form have one number in either document."""

from collections.abc import Hashable
from typing import Any, cast

from statuspin.diff.schema.schema import Conditional, Contains, Schema, SchemaNode, Union

_DEEPEST = 25
_ORDERED = frozenset({"prefix"})
_WITHOUT_EFFECT = frozenset({"deprecated", "promises", "default", "xml", "discriminator"})


class _NoShapeError(Exception):
    """A schema refers to itself, or is nested too deep."""


class Shapes:
    """The numbers of nodes. The order of variants, and keywords that affect no value, make no difference."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}
        self._known: dict[SchemaNode, int | None] = {}
        self._open: set[SchemaNode] = set()

    def are_alike(self, one: SchemaNode, other: SchemaNode) -> bool:
        """Return whether two nodes are combined of other schemas and have one canonical form.

        Schemas that refer to themselves are not compared.
        """
        if not (_is_combined(one) and _is_combined(other)):
            return False
        first = self._find(one)
        return first is not None and first == self._find(other)

    def _find(self, node: SchemaNode) -> int | None:
        try:
            return self._number(node)
        except _NoShapeError:
            return None

    def _number(self, node: SchemaNode) -> int:
        if node not in self._known:
            if node in self._open or len(self._open) > _DEEPEST:
                raise _NoShapeError
            self._known[node] = self._compute(node)
        number = self._known[node]
        if number is None:
            raise _NoShapeError
        return number

    def _compute(self, node: SchemaNode) -> int | None:
        self._open.add(node)
        try:
            key = self._key(node.schema)
        except _NoShapeError:
            return None
        finally:
            self._open.discard(node)
        return self._numbers.setdefault(key, len(self._numbers))

    def _key(self, schema: Schema) -> Hashable:
        fields = (name for name in schema.__dataclass_fields__ if name not in _WITHOUT_EFFECT)
        return tuple(
            self._part(getattr(schema, name), is_ordered=name in _ORDERED)
            if name not in {"enum", "extensible_enum"}
            else _texts(getattr(schema, name))
            for name in fields
        )

    def _part(self, value: Any, *, is_ordered: bool = True) -> Hashable:
        match value:
            case SchemaNode():
                return self._number(value)
            case dict():
                return frozenset((name, self._part(each)) for name, each in value.items())
            case tuple():
                parts = [self._part(each) for each in value]
                return tuple(parts) if is_ordered else frozenset(parts)
            case Union():
                return value.is_exclusive, tuple(sorted(map(self._number, value.variants)))
            case Contains():
                return self._number(value.schema), value.minimum, value.maximum
            case Conditional():
                return tuple(map(self._number, (value.condition, value.then, value.otherwise)))
            case _:
                return cast("Hashable", value)


def _is_combined(node: SchemaNode) -> bool:
    """Return whether a proof about a node is long, so that its form is worth its time."""
    return bool(node.schema.unions or node.schema.nots or node.schema.conditionals)


def _texts(values: dict[str, Any] | None) -> frozenset[str] | None:
    return None if values is None else frozenset(values)
