"""Schemas: keywords that hold schemas, and whose changes are weighed as a whole."""

from collections.abc import Callable
from typing import Any

from statuspin.diff.graph import SCHEMAS, Relation, SchemaPair
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
    """A keyword such as `not`, `if` or `contains` is new, gone or another one."""
    for keyword, read in _CONSTRAINTS.items():
        old, new = read(pair.old), read(pair.new)
        if _alike(pair, old, new):
            continue
        before, after = (f"`{keyword}`" if value else f"no `{keyword}`" for value in (old, new))
        after = f"another `{keyword}`" if old and new else after
        yield constraint_change(pair, before, after, is_added=bool(new), is_removed=bool(old))


def _alike(pair: SchemaPair, old: Any, new: Any) -> bool:
    """Whether two values of a keyword say the same."""
    if isinstance(old, SchemaNode) and isinstance(new, SchemaNode):
        return pair.graph.accept_the_same(old, new)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(_alike(pair, *each) for each in zip(old, new, strict=True))
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(_alike(pair, old[name], new[name]) for name in old)
    return bool(old == new)


def constraint_change(pair: SchemaPair, before: str, after: str, *, is_added: bool, is_removed: bool) -> Change:
    """A constraint that was added, removed, or exchanged if it was both."""
    if is_added and is_removed:
        is_compatible = pair.relation is Relation.COMPATIBLE
    elif pair.is_request:
        is_compatible = is_removed or pair.is_exactly_compatible
    else:
        is_compatible = is_added
    return pair.weighed("constraint", "", before, after, is_compatible=is_compatible)
