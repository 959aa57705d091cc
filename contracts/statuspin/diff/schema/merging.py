"""Merge two schemas that both have to hold."""

from collections.abc import Callable
from dataclasses import replace
from itertools import zip_longest
from typing import Any, TypeVar

from statuspin.diff.schema.keywords import tighter_bound
from statuspin.diff.schema.patterns import matches
from statuspin.diff.schema.schema import Bound, Schema, SchemaNode

Both = Callable[[SchemaNode, SchemaNode], SchemaNode]
_Value = TypeVar("_Value")


def merge(one: Schema, other: Schema, both: Both) -> Schema:
    """Return the schema of allOf [one, other]. both: merges two nested schemas."""
    return Schema(
        types=shared_types(one.types, other.types),
        enum=_enum(one.enum, other.enum),
        bounds=_bounds(one.bounds, other.bounds),
        steps=one.steps | other.steps,
        patterns=one.patterns | other.patterns,
        formats=one.formats | other.formats,
        content=one.content | other.content,
        content_schemas=_append(one.content_schemas, other.content_schemas),
        properties=_properties(one, other, both),
        required=one.required | other.required,
        additional=_either(one.additional, other.additional, both),
        unevaluated_properties=_either(one.unevaluated_properties, other.unevaluated_properties, both),
        pattern_properties=_by_name(one.pattern_properties, other.pattern_properties, both),
        property_names=_append(one.property_names, other.property_names),
        dependent_required=_by_name(one.dependent_required, other.dependent_required, frozenset.union),
        dependent_schemas=_by_name(one.dependent_schemas, other.dependent_schemas, both),
        prefix=_prefix(one, other, both),
        items=_either(one.items, other.items, both),
        unevaluated_items=_either(one.unevaluated_items, other.unevaluated_items, both),
        unique=one.unique or other.unique,
        contains=_append(one.contains, other.contains),
        unions=_append(one.unions, other.unions),
        nots=_append(one.nots, other.nots),
        excluded=_append(one.excluded, other.excluded),
        conditionals=_append(one.conditionals, other.conditionals),
        extensible_enum=one.extensible_enum if other.extensible_enum is None else other.extensible_enum,
        read_only=one.read_only or other.read_only,
        write_only=one.write_only or other.write_only,
        deprecated=one.deprecated or other.deprecated,
        promises=other.promises | one.promises,
        default=one.default or other.default,
        misplaced=one.misplaced | other.misplaced,
        xml=other.xml | one.xml,
        discriminator=one.discriminator or other.discriminator,
    )


def seal(schema: Schema) -> Schema:
    """Return `schema` with unevaluatedProperties and unevaluatedItems resolved. Nothing is merged into it later."""
    if schema.unevaluated_properties is None and schema.unevaluated_items is None:
        return schema
    return replace(
        schema,
        additional=schema.unevaluated_properties if schema.additional is None else schema.additional,
        items=schema.unevaluated_items if schema.items is None else schema.items,
        unevaluated_properties=None,
        unevaluated_items=None,
    )


def member_schemas(schema: Schema, name: str) -> list[SchemaNode]:
    """Return the schemas that apply to the member `name`."""
    found = [schema.properties[name]] if name in schema.properties else []
    if schema.pattern_properties:
        found += [node for pattern, node in schema.pattern_properties.items() if matches(pattern, name)]
    if not found and schema.additional is not None:
        return [schema.additional]
    return found


def shared_types(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    """Return the types that both name. An integer is a number."""
    shared = one & other
    if ("integer" in one and "number" in other) or ("integer" in other and "number" in one):
        shared |= {"integer"}
    return shared


def _enum(one: dict[str, Any] | None, other: dict[str, Any] | None) -> dict[str, Any] | None:
    if one is None or other is None:
        return other if one is None else one
    return {text: value for text, value in one.items() if text in other}


def _bounds(one: dict[str, Bound], other: dict[str, Bound]) -> dict[str, Bound]:
    bounds = one | other
    for keyword in one.keys() & other.keys():
        bounds[keyword] = tighter_bound(keyword, one[keyword], other[keyword])
    return bounds


def _by_name(
    one: dict[str, _Value], other: dict[str, _Value], both: Callable[[_Value, _Value], _Value]
) -> dict[str, _Value]:
    if not one or not other:
        return one or other
    return {
        name: both(one[name], other[name]) if name in one and name in other else value
        for name, value in (one | other).items()
    }


def _properties(one: Schema, other: Schema, both: Both) -> dict[str, SchemaNode]:
    """Merge named members. One that only one side names also has to match additionalProperties of the other side."""
    merged = {}
    for name in one.properties | other.properties:
        first, *rest = [*_own(one, name), *_own(other, name)]
        for node in rest:
            first = both(first, node)
        merged[name] = first
    return merged


def _own(schema: Schema, name: str) -> list[SchemaNode]:
    if name in schema.properties:
        return [schema.properties[name]]
    if schema.additional is None or any(matches(pattern, name) for pattern in schema.pattern_properties):
        return []
    return [schema.additional]


def _prefix(one: Schema, other: Schema, both: Both) -> tuple[SchemaNode, ...]:
    merged = []
    for first, second in zip_longest(one.prefix, other.prefix):
        nodes = [node for node in (first or one.items, second or other.items) if node is not None]
        merged.append(both(*nodes) if len(nodes) > 1 else nodes[0])
    return tuple(merged)


def _either(one: SchemaNode | None, other: SchemaNode | None, both: Both) -> SchemaNode | None:
    return both(one, other) if one is not None and other is not None else one or other


def _append(one: tuple[_Value, ...], other: tuple[_Value, ...]) -> tuple[_Value, ...]:
    return (*one, *(each for each in other if each not in one)) if other else one
