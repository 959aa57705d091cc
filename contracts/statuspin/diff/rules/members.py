"""Rules for the members of objects."""

from typing import Any

from statuspin.diff import wording
from statuspin.diff.inclusion.objects import is_hidden, member
from statuspin.diff.pairs import SCHEMAS, UNIONS, SchemaPair
from statuspin.diff.rule import Change, Direction, RuleResult
from statuspin.diff.schema.schema import Schema, SchemaNode


def _visible(schema: Schema, direction: Direction) -> dict[str, SchemaNode]:
    """Return the members that the sender may send."""
    return {
        name: node
        for name, node in schema.properties.items()
        if node.raw is not False and not is_hidden(node, direction)
    }


def _both_visible(pair: SchemaPair) -> tuple[dict[str, SchemaNode], dict[str, SchemaNode]]:
    return _visible(pair.old, pair.direction), _visible(pair.new, pair.direction)


@SCHEMAS.rule(
    "request-property-added",
    "request-property-read-only",
    "request-property-refused",
    "request-property-removed",
    "request-required-property-added",
    "response-property-added",
    "response-property-removed",
    "response-property-unexpected",
)
def members(pair: SchemaPair) -> RuleResult:
    """Report removed and added members, and compare the others."""
    if not (pair.old.properties or pair.new.properties):
        return
    old, new = _both_visible(pair)
    for name, node in old.items():
        if name in new:
            yield pair.subschema(f".{name}", node, new[name])
        else:
            yield from _report_removed(pair, name, node)
    for name in sorted(new.keys() - old.keys()):
        yield from _report_added(pair, name, new[name])


def _report_removed(pair: SchemaPair, name: str, node: SchemaNode) -> RuleResult:
    other = None if name in pair.new.properties else member(pair.new, name)
    kind = "property-removed"
    if pair.is_request and name in pair.new.properties and is_hidden(pair.new.properties[name], pair.direction):
        kind = "property-read-only"
    elif pair.is_request and ((other is not None and other.raw is False) or _is_forbidden(pair.new, name)):
        kind = "property-refused"
    elif pair.is_request and other is not None and other.raw is not True:
        yield pair.subschema(f".{name}", node, other)
    yield pair.change(kind, f".{name}", wording.types(node.schema), "removed")


def _is_forbidden(schema: Schema, name: str) -> bool:
    return name in schema.properties and schema.properties[name].raw is False


def _report_added(pair: SchemaPair, name: str, node: SchemaNode) -> RuleResult:
    other = None if name in pair.old.properties else member(pair.old, name)
    is_narrowed = other is not None and other.raw is not False
    kind = "property-added"
    if name in pair.new.required and pair.is_request:
        kind = "required-property-added"
    elif not pair.is_request and other is not None and other.raw is False:
        kind = "property-unexpected"
    is_narrowed = is_narrowed or (pair.is_request and not pair.old.properties and "object" in pair.old.types)
    if is_narrowed and kind == "property-added":
        yield pair.subschema(f".{name}", other, node)
    yield pair.change(kind, f".{name}", "not there", wording.types(node.schema))


@SCHEMAS.rule(
    "request-property-newly-optional",
    "request-property-newly-required",
    "response-property-optional",
    "response-property-required",
)
def required(pair: SchemaPair) -> RuleResult:
    """Report members that became required or optional."""
    if pair.old.required == pair.new.required:
        return
    old, new = _both_visible(pair)
    fresh = new.keys() - old.keys()
    for name in sorted(pair.new.required - pair.old.required - fresh):
        if name in new or name not in pair.new.properties:
            kind = "property-newly-required" if pair.is_request else "property-required"
            yield pair.change(kind, f".{name}", "optional", "required")
    for name in sorted(pair.old.required - pair.new.required):
        if name in new or name not in pair.old.properties:
            kind = "property-newly-optional" if pair.is_request else "property-optional"
            yield pair.change(kind, f".{name}", "required", "optional")


def compare_deprecated(kind: str, place: str, old: dict[str, Any], new: dict[str, Any]) -> RuleResult:
    """Report that an object became deprecated, or no longer is.

    kind: the start of the rule, such as `parameter`. old, new: an operation, a parameter or a header.
    """
    before, after = (each.get("deprecated") is True for each in (old, new))
    if before != after:
        texts = ("deprecated" if is_deprecated else "current" for is_deprecated in (before, after))
        yield Change(f"{kind}-deprecated" if after else f"{kind}-undeprecated", place, *texts)


@UNIONS.rule(*(f"{direction}-property-{word}" for direction in Direction for word in ("deprecated", "undeprecated")))
def deprecated(pair: SchemaPair) -> RuleResult:
    """Report members and values of parameters that became deprecated, or no longer are."""
    if pair.new.deprecated and not pair.old.deprecated:
        yield pair.change("property-deprecated", before="current", after="deprecated")
    if pair.old.deprecated and not pair.new.deprecated:
        yield pair.change("property-undeprecated", before="deprecated", after="current")


@SCHEMAS.rule("request-default-added", "request-default-changed", "request-default-removed", "response-default-changed")
def defaults(pair: SchemaPair) -> RuleResult:
    """Report another default of an optional member."""
    old, new = _both_visible(pair)
    for name in sorted(old.keys() & new.keys()):
        is_left_out = name not in pair.new.required or not pair.is_request
        if is_left_out and not pair.graph.unchanged(old[name], new[name]):
            yield from default_changes(pair.direction, f".{name}", old[name].schema, new[name].schema)


@SCHEMAS.rule(
    *(f"{way}-object-{kind}" for way in Direction for kind in ("closed", "opened")), "request-object-restricted"
)
def additional(pair: SchemaPair) -> RuleResult:
    """Report that unnamed members became refused or accepted, or that their schema changed."""
    if not _may_be_objects(pair):
        return
    old, new = (_additional(schema) for schema in (pair.old, pair.new))
    is_closed = [node is not None and node.raw is False for node in (old, new)]
    if is_closed == [False, True]:
        yield pair.change("object-closed", "", "open to further members", "closed")
    elif is_closed == [True, False]:
        yield pair.change("object-opened", "", "closed", "open to further members")
    elif not all(is_closed) and (old is not None or new is not None):
        is_restricted = (old is None or old.raw is True) and new is not None and new.raw is not True
        if pair.is_request and is_restricted and not pair.is_exactly_compatible:
            yield pair.change("object-restricted", "", "open to any further members", _stated(new))
        yield pair.subschema(".*", old, new)


def _stated(node: SchemaNode | None) -> str:
    return "any type" if node is None else wording.types(node.schema)


def _may_be_objects(pair: SchemaPair) -> bool:
    return all("object" in schema.types | schema.misplaced for schema in (pair.old, pair.new))


def _additional(schema: Schema) -> SchemaNode | None:
    return schema.unevaluated_properties if schema.additional is None else schema.additional


@SCHEMAS.rule(*(f"{way}-pattern-properties-{kind}" for way in Direction for kind in ("narrowed", "widened")))
def pattern_properties(pair: SchemaPair) -> RuleResult:
    """Compare members named by a pattern if both sides have the pattern, else report the pattern."""
    old, new = pair.old.pattern_properties, pair.new.pattern_properties
    for name in sorted(old.keys() & new.keys()):
        yield pair.subschema(f".{name}", old[name], new[name])
    for name in sorted(old.keys() ^ new.keys()):
        texts = ("patternProperties" if name in side else "none" for side in (old, new))
        is_closed = _is_closed(pair.old) or _is_closed(pair.new)
        is_narrower = (name in new) is not is_closed
        if is_narrower and pair.is_request and pair.is_exactly_compatible:
            is_narrower = False
        yield pair.change(f"pattern-properties-{'narrowed' if is_narrower else 'widened'}", f".{name}", *texts)


def _is_closed(schema: Schema) -> bool:
    node = _additional(schema)
    return node is not None and node.raw is False


def default_changes(direction: Direction, at: str, old: Schema, new: Schema) -> RuleResult:
    """Report a default that was added, changed or removed."""
    before, after = (wording.values(schema.default) or "no default" for schema in (old, new))
    if before == after:
        return
    kind = "changed"
    if direction is Direction.REQUEST:
        kind = "added" if not old.default else "changed" if new.default else "removed"
    yield Change(f"{direction}-default-{kind}", at, before, after)
