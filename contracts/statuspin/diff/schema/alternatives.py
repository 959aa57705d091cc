"""Split a schema into alternatives: schemas of one type each, without unions and conditionals."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from statuspin.diff.schema.json_values import type_of
from statuspin.diff.schema.merging import seal
from statuspin.diff.schema.schema import Conditional, Schema, SchemaNode, Union

_MOST_ALTERNATIVES = 128
Merge = Callable[[Schema, Schema], Schema]


class TooMany(Exception):
    """A schema has too many alternatives."""


def alternatives_of(schema: Schema, merge: Merge) -> tuple[Schema, ...]:
    """Return schemas of one type each that together accept the values of `schema`. Raises TooMany."""
    if not schema.unions and not schema.conditionals:
        return tuple(_by_type(seal(schema)))
    options = [replace(schema, unions=(), conditionals=())]
    for union in schema.unions:
        options = _limit(each for option in options for each in _split_union(option, union, merge))
    for conditional in schema.conditionals:
        options = _limit(each for option in options for each in _split_conditional(option, conditional, merge))
    return tuple(_limit(each for option in options for each in _by_type(seal(option))))


def _limit(options: Iterator[Schema]) -> list[Schema]:
    found = []
    for option in options:
        if option.types:
            found.append(option)
        if len(found) > _MOST_ALTERNATIVES:
            raise TooMany
    return found


def _split_union(option: Schema, union: Union, merge: Merge) -> Iterator[Schema]:
    is_bare = _has_only_types(option)
    for variant in union.variants:
        for alternative in _alternatives(variant):
            is_whole = is_bare and alternative.types <= option.types
            merged = alternative if is_whole else merge(option, alternative)
            if union.is_exclusive and merged.types:
                others = tuple(
                    other
                    for other in union.variants
                    if other is not variant and _share_types(merged, other) and other not in merged.excluded
                )
                merged = replace(merged, excluded=(*merged.excluded, *others))
            yield merged


def _has_only_types(schema: Schema) -> bool:
    """Return whether a merge with `schema` only restricts the types."""
    return schema.enum is None and not any(value for name, value in vars(schema).items() if name != "types")


def _share_types(one: Schema, other: SchemaNode) -> bool:
    numbers = {"integer", "number"}
    types = other.schema.types
    return bool(one.types & types) or bool(one.types & numbers and types & numbers)


def _split_conditional(option: Schema, conditional: Conditional, merge: Merge) -> Iterator[Schema]:
    for condition in _alternatives(conditional.condition):
        for then in _alternatives(conditional.then):
            yield merge(merge(option, condition), then)
    for otherwise in _alternatives(conditional.otherwise):
        merged = merge(option, otherwise)
        yield replace(merged, nots=(*merged.nots, conditional.condition))


def _alternatives(node: SchemaNode) -> tuple[Schema, ...]:
    found = node.alternatives
    if found is None:
        raise TooMany
    return found


def _by_type(schema: Schema) -> Iterator[Schema]:
    if schema.enum is None:
        if len(schema.types) == 1:
            yield schema
        else:
            yield from (replace(schema, types=frozenset({kind})) for kind in sorted(schema.types))
        return
    by_type: dict[str, dict[str, object]] = {}
    for text, value in schema.enum.items():
        kind = type_of(value)
        kind = "number" if kind == "integer" and "integer" not in schema.types else kind
        if kind in schema.types:
            by_type.setdefault(kind, {})[text] = value
    for kind, values in by_type.items():
        yield replace(schema, types=frozenset({kind}), enum=values)
