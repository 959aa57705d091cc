"""Compare single values of a document with the grammar, and describe them in messages."""

from typing import Any

from statuspin.loading.grammar import Either, Many, Object, Scalar, Value, fields
from statuspin.loading.pointers import kind_of


def is_reference(node: Any) -> bool:
    """Return whether a value is an object with a $ref."""
    return type(node) is dict and type(node.get("$ref")) is str


def is_relative(target: str) -> bool:
    """Return whether a target of a discriminator's mapping is a reference, not the name of a schema."""
    return "#" in target or "/" in target or target.endswith((".json", ".yaml", ".yml"))


def may_be_left_out(name: str, expected: Value) -> bool:
    """Return whether null counts as missing: for scalars, maps and lists. A type of null means "null"."""
    if isinstance(expected, Either):
        return name != "type" and all(may_be_left_out(name, option) for option in expected.options)
    return not isinstance(expected, Object) or fields(expected.name).others is not None


def fits(expected: Any, node: Any) -> bool:
    """Return whether a value is of the JSON type of one of several expected values."""
    if isinstance(expected, Scalar):
        return expected.accepts(node)
    if isinstance(expected, Many):
        return isinstance(node, expected.kind)
    return isinstance(node, dict | bool)


def describe(node: Any) -> str:
    """Return a scalar as JSON, or the kind of any other value."""
    if isinstance(node, bool | int | float | None):
        return "null" if node is None else str(node).lower()
    return kind_of(node)
