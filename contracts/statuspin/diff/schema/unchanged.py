"""Find schemas and operations that are identical on both sides, including everything that they refer to."""

from enum import Enum
from typing import Any

from statuspin.diff.schema.keywords import DOCUMENTATION
from statuspin.diff.schema.reader import SchemaReader
from statuspin.diff.schema.schema import SchemaNode
from statuspin.loading.pointers import NESTED

_NAMED = (
    "properties patternProperties dependentSchemas headers responses content links callbacks encoding variables"
    " additionalOperations"
)
_NAMED_KEYWORDS = frozenset(_NAMED.split())
_VALUES = frozenset({"dependentRequired", "default", "const", "enum", "mapping"})
_Pair = tuple[int, int]


class _Kind(Enum):
    """The kind of a part of a document: an object of OpenAPI, a mapping from names to such objects, or any value."""

    OBJECT = 1
    NAMED = 2
    VALUE = 3


class Unchanged:
    """Compares schemas of two documents of one version by keyword, ignoring documentation."""

    def __init__(self, old: SchemaReader, new: SchemaReader) -> None:
        self._old, self._new = old, new
        self._is_one_version = old.document.is_3_0 == new.document.is_3_0
        self._decided: dict[_Pair, bool] = {}
        self._raws: list[Any] = []

    def __call__(self, one: SchemaNode, other: SchemaNode) -> bool:
        """Return whether two nodes, one of each document, are the same."""
        if one is other:
            return True
        if one.reader is other.reader or one.parts or other.parts or not self._is_one_version:
            return False
        if one.reader is self._new:
            one, other = other, one
        return self._same(one.raw, other.raw)

    def is_same_text(self, old: Any, new: Any) -> bool:
        """Return whether objects of the old and the new document are identical, including references."""
        return self._is_one_version and self._same(old, new)

    def _same(self, old: Any, new: Any) -> bool:
        key = (id(old), id(new))
        if key not in self._decided:
            self._decide(old, new)
        return self._decided[key]

    def _decide(self, old: Any, new: Any) -> None:
        """Follow references from pair to pair. Pairs that lead to a difference are different."""
        above: dict[_Pair, list[_Pair]] = {}
        different: list[_Pair] = []
        waiting = [(old, new)]
        seen = {(id(old), id(new))}
        while waiting:
            pair = waiting.pop()
            key = (id(pair[0]), id(pair[1]))
            self._raws += pair
            found = references(*pair)
            targets = [(self._old.target(one), self._new.target(other)) for one, other in found or ()]
            if found is None or not all(self._decided.get((id(one), id(other)), True) for one, other in targets):
                different.append(key)
            for target in targets:
                below = (id(target[0]), id(target[1]))
                above.setdefault(below, []).append(key)
                if below not in seen and below not in self._decided:
                    seen.add(below)
                    waiting.append(target)
        self._decided |= dict.fromkeys(seen, True)
        self._spread(different, above)

    def _spread(self, different: list[_Pair], above: dict[_Pair, list[_Pair]]) -> None:
        while different:
            key = different.pop()
            if self._decided[key]:
                self._decided[key] = False
                different += above.get(key, ())


def references(old: Any, new: Any) -> list[tuple[dict[str, Any], dict[str, Any]]] | None:
    """Return the objects with a $ref on both sides of two equal objects, in pairs, or None if the objects differ."""
    found: list[tuple[dict[str, Any], dict[str, Any]]] = []
    waiting: list[tuple[Any, Any, _Kind]] = [(old, new, _Kind.OBJECT)]
    while waiting:
        one, other, kind = waiting.pop()
        if type(one) is dict and type(other) is dict:
            keys = _compared_keys(one, kind)
            if keys != _compared_keys(other, kind):
                return None
            if kind is _Kind.OBJECT and ("$ref" in one or "$dynamicRef" in one):
                found.append((one, other))
            waiting += (
                (one[key], other[key], _kind_below(kind, key))
                for key in keys
                if type(one[key]) in NESTED or not _is_same_scalar(one[key], other[key])
            )
        elif type(one) is list and type(other) is list and len(one) == len(other):
            waiting += ((each, counterpart, kind) for each, counterpart in zip(one, other, strict=True))
        elif not _is_same_scalar(one, other):
            return None
    return found


def _is_same_scalar(one: Any, other: Any) -> bool:
    """Return whether two values are equal, but not 1 and true."""
    return one == other and (type(one) is bool) is (type(other) is bool)


def _kind_below(kind: _Kind, key: str) -> _Kind:
    if kind is _Kind.NAMED:
        return _Kind.OBJECT
    if kind is _Kind.VALUE or key in _VALUES or key.startswith("x-"):
        return _Kind.VALUE
    return _Kind.NAMED if key in _NAMED_KEYWORDS else _Kind.OBJECT


def _compared_keys(node: dict[str, Any], kind: _Kind) -> set[str]:
    """Return the keys of an object without documentation, or all keys of a mapping or a value."""
    return node.keys() - DOCUMENTATION if kind is _Kind.OBJECT else set(node)
