"""Put a value in its place within a body, parameter or header."""

from typing import Any

from statuspin.diff.inclusion import objects
from statuspin.diff.pairs import SchemaPair, Trail
from statuspin.diff.schema import patterns
from statuspin.diff.schema.schema import SchemaNode
from statuspin.diff.witness.candidates import Candidates


def sides(pair: SchemaPair) -> tuple[SchemaNode, SchemaNode]:
    """Return the schema whose values the other has to accept, and the other."""
    nodes = (pair.old_node, pair.new_node)
    return nodes if pair.is_request else nodes[::-1]


def lift(value: Any, trail: Trail, candidates: Candidates) -> Any:
    """Return the smallest value around `value`, from the inside to the outside. Raises LookupError if none exists."""
    for pair, at in reversed(trail):
        node, _ = sides(pair)
        if at.startswith("<"):
            continue
        value = (
            _wrap_item(node, at, value, candidates) if at.startswith("[") else _wrap_member(node, at, value, candidates)
        )
    return value


def _wrap_item(node: SchemaNode, at: str, value: Any, candidates: Candidates) -> list[Any]:
    place = int(at[1:-1] or 0)
    if not at[1:-1]:
        return [*_create_prefix(node, len(node.schema.prefix), candidates), value]
    return [*_create_prefix(node, place, candidates), value]


def _create_prefix(node: SchemaNode, length: int, candidates: Candidates) -> list[Any]:
    return [value for each in node.schema.prefix[:length] for value in candidates.base(each)]


def _wrap_member(node: SchemaNode, at: str, value: Any, candidates: Candidates) -> dict[str, Any]:
    values = candidates.of(node, None, 30)
    base: dict[str, Any] | None = next((each for each in values if isinstance(each, dict)), None)
    if base is None:
        raise LookupError(at)
    return base | {_name(node, at[1:]): value}


def _name(node: SchemaNode, name: str) -> str:
    """Return the name of a member, or an example if `name` is a pattern, or `*` for any other member."""
    if name in node.schema.properties or objects.member(node.schema, name) is None:
        return name if name != "*" else "extra"
    if name in node.schema.pattern_properties:
        return patterns.example_of((name,), (0, None)) or name
    return "extra" if name == "*" else name
