"""Two shapes that both have to hold, as one."""

from collections.abc import Callable
from itertools import zip_longest
from typing import Any

from statuspin.diff.keywords import tighter
from statuspin.diff.shape import Bound, Shape

Both = Callable[[Any, Any], Any]


def merged(one: Shape, other: Shape, both: Both) -> Shape:
    """The shape of allOf [one, other]. both: makes the schema of two schemas that lie below."""
    variants, rest = _variants(one, other)
    return Shape(
        types=_types(one.types, other.types),
        nullable=one.nullable and other.nullable,
        enum=_enum(one.enum, other.enum),
        bounds=_bounds(one.bounds, other.bounds),
        patterns=one.patterns | other.patterns,
        formats=one.formats | other.formats,
        properties=_members(one.properties, other.properties, both),
        required=one.required | other.required,
        additional=both(one.additional, other.additional),
        pattern_properties=_members(one.pattern_properties, other.pattern_properties, both),
        items=both(one.items, other.items),
        prefix=_prefix(one, other, both),
        variants=variants,
        rest=rest,
        read_only=one.read_only or other.read_only,
        write_only=one.write_only or other.write_only,
        deprecated=one.deprecated or other.deprecated,
        default=one.default if one.default is not None else other.default,
    )


def _types(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return other if one is None else one
    shared = one & other
    if "integer" in one ^ other and "number" in one ^ other:
        shared |= {"integer"}
    return shared


def _enum(one: dict[str, Any] | None, other: dict[str, Any] | None) -> dict[str, Any] | None:
    if one is None or other is None:
        return other if one is None else one
    return {text: value for text, value in one.items() if text in other}


def _bounds(one: dict[str, Bound], other: dict[str, Bound]) -> dict[str, Bound]:
    bounds = one | other
    for keyword in one.keys() & other.keys():
        bounds[keyword] = tighter(keyword, one[keyword], other[keyword])
    return bounds


def _members(one: dict[str, Any], other: dict[str, Any], both: Both) -> dict[str, Any]:
    return {
        name: both(one[name], other[name]) if name in one and name in other else schema
        for name, schema in (one | other).items()
    }


def _prefix(one: Shape, other: Shape, both: Both) -> tuple[Any, ...]:
    pairs = zip_longest(one.prefix, other.prefix)
    at_least = (len(one.prefix), len(other.prefix))
    return tuple(
        both(first if place < at_least[0] else one.items, second if place < at_least[1] else other.items)
        for place, (first, second) in enumerate(pairs)
    )


def _variants(one: Shape, other: Shape) -> tuple[tuple[Any, ...] | None, dict[str, tuple[Any, ...]]]:
    rest = {
        keyword: (*one.rest.get(keyword, ()), *other.rest.get(keyword, ())) for keyword in sorted(one.rest | other.rest)
    }
    if one.variants is None or other.variants is None:
        return (other.variants if one.variants is None else one.variants), rest
    rest["anyOf"] = (*rest.get("anyOf", ()), {"anyOf": list(other.variants)})
    return one.variants, rest
