"""Rules for keywords that contain schemas and are judged as a whole."""

from collections.abc import Callable
from typing import Any

from statuspin.diff.pairs import SCHEMAS, Relation, SchemaPair
from statuspin.diff.rule import Change, Direction, RuleResult
from statuspin.diff.schema.schema import Schema, SchemaNode

_CONSTRAINTS: dict[str, Callable[[Schema], Any]] = {
    "not": lambda schema: list(schema.nots),
    "if": lambda schema: [[each.condition, each.then, each.otherwise] for each in schema.conditionals],
    "contains": lambda schema: [[each.schema, each.minimum, each.maximum] for each in schema.contains],
    "propertyNames": lambda schema: list(schema.property_names),
    "dependentRequired": lambda schema: schema.dependent_required,
    "dependentSchemas": lambda schema: schema.dependent_schemas,
    "contentSchema": lambda schema: list(schema.content_schemas),
    "contentEncoding and contentMediaType": lambda schema: schema.content,
    "anyOf beside oneOf": lambda schema: [list(union.variants) for union in schema.unions[1:]],
}


@SCHEMAS.rule(*(f"{way}-constraint-{kind}" for way in Direction for kind in ("narrowed", "widened")))
def constraints(pair: SchemaPair) -> RuleResult:
    """Report an added, removed or changed keyword such as `not`, `if` or `contains`."""
    for keyword, read in _CONSTRAINTS.items():
        old, new = read(pair.old), read(pair.new)
        if _is_same(pair, old, new):
            continue
        before, after = (f"`{keyword}`" if value else f"no `{keyword}`" for value in (old, new))
        after = f"another `{keyword}`" if old and new else after
        yield constraint_change(pair, before, after, is_added=bool(new), is_removed=bool(old))


def _is_same(pair: SchemaPair, old: Any, new: Any) -> bool:
    """Return whether two values of a keyword have the same meaning."""
    if isinstance(old, SchemaNode) and isinstance(new, SchemaNode):
        return pair.graph.accept_the_same(old, new)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(_is_same(pair, *each) for each in zip(old, new, strict=True))
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(_is_same(pair, old[name], new[name]) for name in old)
    return bool(old == new)


def constraint_change(pair: SchemaPair, before: str, after: str, *, is_added: bool, is_removed: bool) -> Change:
    """Return the change of a constraint that was added, removed, or replaced if it is both."""
    if is_added and is_removed:
        is_compatible = pair.relation is Relation.COMPATIBLE
    elif pair.is_request:
        is_compatible = is_removed or pair.is_exactly_compatible
    else:
        is_compatible = is_added
    return pair.directed_change("constraint", "", before, after, is_compatible=is_compatible)
