"""Rules for types, null, enums, bounds, patterns and formats."""

from typing import Any

from statuspin.diff import wording
from statuspin.diff.inclusion import numbers, strings
from statuspin.diff.inclusion.numbers import exact
from statuspin.diff.inclusion.values import accepts
from statuspin.diff.pairs import SCHEMAS, UNIONS, Relation, SchemaPair
from statuspin.diff.rule import Direction, RuleResult
from statuspin.diff.schema import patterns
from statuspin.diff.schema.keywords import NUMBER_FORMATS
from statuspin.diff.schema.schema import LOWER, TYPES, UPPER, Bound, Schema

_BY_TYPE = {
    "string": {"minLength", "maxLength"},
    "number": {"minimum", "maximum"},
    "integer": {"minimum", "maximum"},
    "array": {"minItems", "maxItems"},
    "object": {"minProperties", "maxProperties"},
}


@SCHEMAS.rule(
    *(f"{way}-type-{kind}" for way in Direction for kind in ("changed", "narrowed", "widened")),
)
def type_(pair: SchemaPair) -> RuleResult:
    """Report changed, removed and added types."""
    old, new = pair.old, pair.new
    if old.value_types == new.value_types or old.is_bare_union or new.is_bare_union:
        return
    narrowed, widened = _lacks(new, old), _lacks(old, new)
    kind = "changed" if narrowed and widened else "narrowed" if narrowed else "widened"
    if pair.relation is Relation.COMPATIBLE:
        kind = "widened" if pair.is_request else "narrowed"
    yield pair.change(f"type-{kind}", before=wording.types(old), after=wording.types(new))


def _lacks(schema: Schema, other: Schema) -> bool:
    """Return whether `schema` lacks a type of `other`."""
    covered = schema.value_types | ({"integer"} if "number" in schema.types else set())
    return not other.value_types <= covered


@UNIONS.rule("request-null-accepted", "request-null-refused", "response-newly-nullable", "response-no-longer-nullable")
def null(pair: SchemaPair) -> RuleResult:
    """Report that null became accepted or refused."""
    if not (_states_types(pair.old) and _states_types(pair.new)):
        return
    old, new = accepts(pair.old_node, None), accepts(pair.new_node, None)
    if old == new:
        return
    kinds = ("null-refused", "null-accepted") if pair.is_request else ("no-longer-nullable", "newly-nullable")
    before, after = ("null accepted" if is_nullable else "never null" for is_nullable in (old, new))
    yield pair.change(kinds[new], before=before, after=after)


def _states_types(schema: Schema) -> bool:
    return schema.types != TYPES or bool(schema.unions)


@SCHEMAS.rule(
    *(f"{way}-enum-{kind}" for way in Direction for kind in ("narrowed", "widened")),
    *(f"{way}-const-changed" for way in Direction),
)
def enum(pair: SchemaPair) -> RuleResult:
    """Report values removed from or added to an enum, and changed constants."""
    old, new = _values(pair.old), _values(pair.new)
    if _types_clash(pair) or (old is None and new is None):
        return
    if old is None or new is None:
        kind = "enum-narrowed" if old is None else "enum-widened"
        texts = ["any value" if named is None else wording.values(named.values()) for named in (old, new)]
        yield pair.change(kind, before=texts[0], after=texts[1])
        return
    gone = [value for text, value in old.items() if text not in new]
    fresh = [value for text, value in new.items() if text not in old]
    if gone and fresh and len(old) == len(new) == 1:
        yield pair.change("const-changed", before=wording.values(gone), after=wording.values(fresh))
        return
    if gone:
        yield pair.change("enum-narrowed", before=f"with {wording.values(gone)}", after="without")
    if fresh:
        yield pair.change("enum-widened", before="without", after=f"with {wording.values(fresh)}")


def _values(schema: Schema) -> dict[str, Any] | None:
    """Return the values of an enum without null, which has its own rule."""
    return schema.enum and {text: value for text, value in schema.enum.items() if value is not None}


def _types_clash(pair: SchemaPair) -> bool:
    old, new = (schema.value_types | schema.misplaced for schema in (pair.old, pair.new))
    numbers_ = {"integer", "number"}
    return not (old & new or (old & numbers_ and new & numbers_))


@SCHEMAS.rule(*(f"{way}-bound-{kind}" for way in Direction for kind in ("narrowed", "widened")))
def bounds(pair: SchemaPair) -> RuleResult:
    """Report tighter and looser bounds."""
    if _types_clash(pair):
        return
    old, new = _relevant_bounds(pair.old), _relevant_bounds(pair.new)
    for keyword in sorted(old.keys() | new.keys()):
        before, after = old.get(keyword), new.get(keyword)
        texts = (wording.bound(keyword, before), wording.bound(keyword, after))
        if _refuses(keyword, after, before):
            yield pair.change("bound-narrowed", "", *texts)
        elif before != after:
            yield pair.change("bound-widened", "", *texts)


def _relevant_bounds(schema: Schema) -> dict[str, Bound]:
    names = {keyword for kind in schema.types | schema.misplaced for keyword in _BY_TYPE.get(kind, ())}
    return {keyword: bound for keyword, bound in schema.bounds.items() if keyword in names}


def _refuses(keyword: str, one: Bound | None, other: Bound | None) -> bool:
    """Return whether `one` refuses something that `other` accepts."""
    if one is None or one == other:
        return False
    if other is None:
        return True
    if keyword in LOWER:
        return one > other
    assert keyword in UPPER  # noqa: S101
    return (-one[0], one[1]) > (-other[0], other[1])


@SCHEMAS.rule()
def multiple_of(pair: SchemaPair) -> RuleResult:
    """Report a changed step of numbers."""
    old, new = pair.old.steps, pair.new.steps
    if old == new or _types_clash(pair):
        return
    texts = (f"multipleOf {wording.values(sorted(steps))}" if steps else "no multipleOf" for steps in (old, new))
    yield pair.directed_change("bound", "", *texts, is_compatible=_steps_within(pair.sub, pair.sup))


def _steps_within(sub: Schema, sup: Schema) -> bool:
    mine = [exact(step) for step in sub.steps] + ([exact(1)] if numbers.is_whole(sub) else [])
    return all(any((step / exact(other)).denominator == 1 for step in mine) for other in sup.steps)


@SCHEMAS.rule()
def unique_items(pair: SchemaPair) -> RuleResult:
    """Report that elements have to differ, or no longer have to."""
    if pair.old.unique != pair.new.unique and not _types_clash(pair):
        texts = ("unique items" if schema.unique else "no uniqueItems" for schema in (pair.old, pair.new))
        yield pair.directed_change("bound", "", *texts, is_compatible=pair.sub.unique)


@SCHEMAS.rule(
    *(f"request-pattern-{kind}" for kind in ("changed", "removed", "undecided", "widened")),
    *(f"response-pattern-{kind}" for kind in ("added", "changed", "narrowed", "undecided")),
)
def pattern(pair: SchemaPair) -> RuleResult:
    """Report added, removed and changed patterns. Automata decide which of two accepts more."""
    old, new = pair.old.patterns, pair.new.patterns
    if old == new or _types_clash(pair):
        return
    texts = (wording.names(old, "no pattern"), wording.names(new, "no pattern"))
    implied = [
        patterns.implies(pair.sub.patterns, strings.lengths_of(pair.sub), each)
        for each in pair.sup.patterns - pair.sub.patterns
    ]
    if False in implied:
        kind = "changed"
    elif None in implied:
        kind = "changed" if not pair.sub.patterns else "undecided"
    elif pair.is_request:
        kind = "widened" if new else "removed"
    else:
        kind = "narrowed" if old else "added"
    yield pair.change(f"pattern-{kind}", "", *texts)


@SCHEMAS.rule(
    "request-format-narrowed",
    "request-format-widened",
    "response-format-changed",
    "response-format-narrowed",
    "response-format-removed",
)
def format_(pair: SchemaPair) -> RuleResult:
    """Report added, removed and changed formats."""
    old, new = pair.old.formats, pair.new.formats
    if old == new or _types_clash(pair):
        return
    is_within = _formats_within(pair)
    if pair.is_request:
        kind = "widened" if is_within else "narrowed"
    elif is_within and new:
        kind = "narrowed"
    else:
        kind = "changed" if new else "removed"
    yield pair.change(f"format-{kind}", before=wording.names(old, "no format"), after=wording.names(new, "no format"))


def _formats_within(pair: SchemaPair) -> bool:
    """Return whether values with the formats of the narrower side also have those of the other side."""
    sub, sup = pair.sub, pair.sup
    if not strings.formats_fit(sub, sup):
        return False
    if not (sup.formats - sub.formats) & NUMBER_FORMATS:
        return True
    return numbers.is_covered(sub, [sup], is_from_client=pair.is_request)
