"""Schemas: the members of objects."""

from typing import Any

from statuspin.diff import words
from statuspin.diff.changes import Direction, Said
from statuspin.diff.graph import SCHEMAS, Meeting
from statuspin.diff.shape import Shape
from statuspin.diff.view import View


def _visible(shape: Shape, view: View, direction: Direction) -> dict[str, Any]:
    """The members that the sender may send."""
    return {
        name: raw for name, raw in shape.properties.items() if raw is not False and not _hidden(view, raw, direction)
    }


def _hidden(view: View, raw: Any, direction: Direction) -> bool:
    shape = view.shape(raw)
    return shape.read_only if direction is Direction.REQUEST else shape.write_only


def _both_visible(meeting: Meeting) -> tuple[dict[str, Any], dict[str, Any]]:
    graph, direction = meeting.graph, meeting.direction
    return _visible(meeting.old, graph.old, direction), _visible(meeting.new, graph.new, direction)


@SCHEMAS.rule(
    "request-property-added",
    "request-property-refused",
    "request-property-removed",
    "request-required-property-added",
    "response-property-added",
    "response-property-removed",
)
def members(meeting: Meeting) -> Said:
    """Members are gone or new; those that stay are compared."""
    if not (meeting.old.properties or meeting.new.properties):
        return
    old, new = _both_visible(meeting)
    for name, raw in old.items():
        if name in new:
            yield meeting.below(f".{name}", raw, new[name])
        else:
            yield meeting.change(_gone(meeting), f".{name}", words.types(meeting.graph.old.shape(raw)), "gone")
    for name in new.keys() - old.keys():
        is_required = name in meeting.new.required and meeting.direction is Direction.REQUEST
        kind = "required-property-added" if is_required else "property-added"
        yield meeting.change(kind, f".{name}", "not there", words.types(meeting.graph.new.shape(new[name])))


def _gone(meeting: Meeting) -> str:
    is_refused = meeting.direction is Direction.REQUEST and meeting.new.additional is False
    return "property-refused" if is_refused else "property-removed"


@SCHEMAS.rule(
    "request-property-newly-optional",
    "request-property-newly-required",
    "response-property-optional",
    "response-property-required",
)
def required(meeting: Meeting) -> Said:
    """A member that stays is newly required, or no longer."""
    if meeting.old.required == meeting.new.required:
        return
    old, new = _both_visible(meeting)
    fresh = new.keys() - old.keys()
    is_request = meeting.direction is Direction.REQUEST
    for name in sorted(meeting.new.required - meeting.old.required - fresh):
        if name in new or name not in meeting.new.properties:
            kind = "property-newly-required" if is_request else "property-required"
            yield meeting.change(kind, f".{name}", "optional", "required")
    for name in sorted(meeting.old.required - meeting.new.required):
        if name in new or name not in meeting.old.properties:
            kind = "property-newly-optional" if is_request else "property-optional"
            yield meeting.change(kind, f".{name}", "required", "optional")


@SCHEMAS.rule("request-property-deprecated", "response-property-deprecated")
def deprecated(meeting: Meeting) -> Said:
    """A member, or what a parameter takes, is newly deprecated."""
    if meeting.new.deprecated and not meeting.old.deprecated:
        yield meeting.change("property-deprecated", before="current", after="deprecated")


@SCHEMAS.rule(*(f"{way}-object-{kind}" for way in Direction for kind in ("closed", "opened")))
def additional(meeting: Meeting) -> Said:
    """Members that are not named are refused now, or accepted now, or another schema holds for them."""
    old, new = meeting.old.additional, meeting.new.additional
    if old is False and new is False:
        return
    if new is False:
        yield meeting.change("object-closed", "", "open to further members", "closed")
    elif old is False:
        yield meeting.change("object-opened", "", "closed", "open to further members")
    else:
        yield meeting.below(".*", old, new)


@SCHEMAS.rule()
def pattern_properties(meeting: Meeting) -> Said:
    """Members named by a pattern are compared where both sides have the pattern; else the pattern is the change."""
    old, new = meeting.old.pattern_properties, meeting.new.pattern_properties
    for name in sorted(old.keys() & new.keys()):
        yield meeting.below(f".{name}", old[name], new[name])
    for name in sorted(old.keys() ^ new.keys()):
        before, after = ("patternProperties" if name in side else "none" for side in (old, new))
        yield meeting.change("schema-changed", f".{name}", before, after)
