"""Replace anyOf and oneOf by other keywords if possible."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from statuspin.diff.schema.merging import seal, shared_types
from statuspin.diff.schema.schema import ANY, Schema, SchemaNode, Union

_SCALARS = frozenset({"string", "boolean", "integer", "number"})
Merge = Callable[[Schema, Schema], Schema]


def simplify(schema: Schema, merge: Merge, null: SchemaNode) -> Schema:
    """Return `schema` with every replaceable union merged into it. null: a schema of null only."""
    if not schema.unions:
        return schema
    plain, unions = replace(schema, unions=()), []
    for union in schema.unions:
        folded = _fold(union, null)
        if isinstance(folded, Union):
            unions.append(folded)
        else:
            unions += folded.unions
            plain = merge(plain, replace(seal(folded), unions=()))
    types = plain.types
    for union in unions:
        types = shared_types(types, frozenset().union(*(node.schema.types for node in union.variants)))
    return replace(plain, types=types, unions=tuple(unions))


def _fold(union: Union, null: SchemaNode) -> Schema | Union:
    """Return a schema without unions that is equivalent to `union`, else a union without impossible variants."""
    variants = [node for node in union.variants if node.schema.types]
    others = [node for node in variants if node.schema.value_types]
    nulls = sum(node.schema.is_nullable for node in variants)
    is_nullable = nulls == 1 if union.is_exclusive else nulls > 0
    folded = _without_union([node.schema for node in others], is_exclusive=union.is_exclusive)
    if folded is not None and (is_nullable == folded.is_nullable or not (folded.unions or folded.nots)):
        return _with_null(folded) if is_nullable else _without_null(folded)
    if folded is not None and is_nullable and len(folded.unions) == 1 and folded.is_bare_union and not folded.nots:
        inner = folded.unions[0]
        return replace(
            folded, types=folded.types | {"null"}, unions=(Union((*inner.variants, null), inner.is_exclusive),)
        )
    if len(others) == len(variants):
        return Union(tuple(variants), union.is_exclusive)
    return Union((*others, null), union.is_exclusive)


def _with_null(schema: Schema) -> Schema:
    enum = schema.enum if schema.enum is None else schema.enum | {"null": None}
    return replace(schema, types=schema.types | {"null"}, enum=enum)


def _without_null(schema: Schema) -> Schema:
    enum = schema.enum and {text: value for text, value in schema.enum.items() if text != "null"}
    return replace(schema, types=schema.value_types, enum=enum)


def _without_union(schemas: Sequence[Schema], *, is_exclusive: bool) -> Schema | None:
    if not schemas:
        return replace(ANY, types=frozenset())
    if len(schemas) == 1:
        return schemas[0]
    if all(_is_plain_enum(schema) for schema in schemas):
        return _one_enum(schemas, is_exclusive=is_exclusive)
    return _one_of_each(schemas) if all(_is_plain_scalar(schema) for schema in schemas) else None


def _is_plain_enum(schema: Schema) -> bool:
    return schema.enum is not None and not (
        schema.bounds or schema.steps or schema.patterns or schema.formats or schema.unions or schema.nots
    )


def _one_enum(schemas: Sequence[Schema], *, is_exclusive: bool) -> Schema | None:
    texts = [text for schema in schemas for text in schema.enum or ()]
    if is_exclusive and len(texts) != len(set(texts)):
        return None
    values = {text: value for schema in schemas for text, value in (schema.enum or {}).items()}
    types = frozenset().union(*(schema.types for schema in schemas))
    return replace(ANY, types=types - {"integer"} if "number" in types else types, enum=values)


def _is_plain_scalar(schema: Schema) -> bool:
    is_plain = not (schema.enum or schema.unions or schema.nots or schema.conditionals or schema.content)
    return schema.value_types <= _SCALARS and is_plain


def _one_of_each(schemas: Sequence[Schema]) -> Schema | None:
    kinds = ["number" if kind == "integer" else kind for schema in schemas for kind in schema.value_types]
    if len(kinds) != len(set(kinds)):
        return None
    return replace(
        ANY,
        types=frozenset().union(*(schema.types for schema in schemas)),
        bounds={keyword: bound for schema in schemas for keyword, bound in _own_bounds(schema).items()},
        steps=frozenset().union(*(schema.steps for schema in schemas if schema.value_types & {"integer", "number"})),
        patterns=frozenset().union(*(schema.patterns for schema in schemas if "string" in schema.types)),
        formats=frozenset().union(*(schema.formats for schema in schemas)),
    )


def _own_bounds(schema: Schema) -> dict[str, tuple[float, bool]]:
    """Return the bounds that concern the types of `schema`."""
    names = {"string": ("minLength", "maxLength"), "integer": ("minimum", "maximum"), "number": ("minimum", "maximum")}
    relevant = {keyword for kind in schema.value_types for keyword in names.get(kind, ())}
    return {keyword: bound for keyword, bound in schema.bounds.items() if keyword in relevant}
