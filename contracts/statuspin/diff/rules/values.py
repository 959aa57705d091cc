"""Schemas: type, null, values, bounds, patterns, formats, and what is compared as a whole."""

from typing import Any

from statuspin.diff import words
from statuspin.diff.changes import Direction, Said
from statuspin.diff.graph import SCHEMAS, UNIONS, Graph, Meeting
from statuspin.diff.shape import LOWER, UPPER, Bound, Shape, text_of

_FORMATS_WITHIN = {
    ("int32", "int64"),
    ("float", "double"),
    ("email", "idn-email"),
    ("uri", "iri"),
    ("uri", "uri-reference"),
}


@SCHEMAS.rule(
    *(f"{way}-type-{kind}" for way in Direction for kind in ("changed", "narrowed", "widened")),
)
def type_(meeting: Meeting) -> Said:
    """A type is another one, or there are fewer or more of them."""
    old, new = meeting.old, meeting.new
    if old.types == new.types:
        return
    narrowed, widened = _lacks(new, old), _lacks(old, new)
    kind = "changed" if narrowed and widened else "narrowed" if narrowed else "widened"
    yield meeting.change(f"type-{kind}", before=words.types(old), after=words.types(new))


def _lacks(shape: Shape, other: Shape) -> bool:
    """Whether some type of `other` is none of `shape`."""
    if shape.types is None:
        return False
    if other.types is None:
        return True
    covered = shape.types | ({"integer"} if "number" in shape.types else set())
    return not other.types <= covered


@UNIONS.rule("request-null-accepted", "request-null-refused", "response-newly-nullable", "response-no-longer-nullable")
def null(meeting: Meeting) -> Said:
    """Null is accepted where it was not, or the other way round."""
    old, new = meeting.old, meeting.new
    if old.nullable == new.nullable or not (_says_types(old) and _says_types(new)):
        return
    names = {
        Direction.REQUEST: ("null-refused", "null-accepted"),
        Direction.RESPONSE: ("no-longer-nullable", "newly-nullable"),
    }
    before, after = ("null accepted" if shape.nullable else "never null" for shape in (old, new))
    yield meeting.change(names[meeting.direction][new.nullable], before=before, after=after)


def _says_types(shape: Shape) -> bool:
    return shape.types is not None or shape.variants is not None


@SCHEMAS.rule(
    *(f"{way}-enum-{kind}" for way in Direction for kind in ("narrowed", "widened")),
    *(f"{way}-const-changed" for way in Direction),
)
def enum(meeting: Meeting) -> Said:
    """Values are gone from an enum or new in it; one constant takes the place of another."""
    old, new = meeting.old.enum, meeting.new.enum
    if _types_clash(meeting) or (old is None and new is None):
        return
    if old is None or new is None:
        kind = "enum-narrowed" if old is None else "enum-widened"
        texts = ["any value" if named is None else words.values(named.values()) for named in (old, new)]
        yield meeting.change(kind, before=texts[0], after=texts[1])
        return
    gone = [value for text, value in old.items() if text not in new]
    fresh = [value for text, value in new.items() if text not in old]
    if gone and fresh and len(old) == len(new) == 1:
        yield meeting.change("const-changed", before=words.values(gone), after=words.values(fresh))
        return
    if gone:
        yield meeting.change("enum-narrowed", before=f"with {words.values(gone)}", after="without")
    if fresh:
        yield meeting.change("enum-widened", before="without", after=f"with {words.values(fresh)}")


def _types_clash(meeting: Meeting) -> bool:
    old, new = meeting.old.types, meeting.new.types
    return old is not None and new is not None and not old & new


@SCHEMAS.rule(*(f"{way}-bound-{kind}" for way in Direction for kind in ("narrowed", "widened")))
def bounds(meeting: Meeting) -> Said:
    """A bound is tighter or looser."""
    old, new = meeting.old.bounds, meeting.new.bounds
    if old == new or _types_clash(meeting):
        return
    for keyword in sorted(old.keys() | new.keys()):
        before, after = old.get(keyword), new.get(keyword)
        texts = (words.bound(keyword, before), words.bound(keyword, after))
        if _refuses(keyword, after, before):
            yield meeting.change("bound-narrowed", "", *texts)
        elif before != after:
            yield meeting.change("bound-widened", "", *texts)


def _refuses(keyword: str, one: Bound | None, other: Bound | None) -> bool:
    """Whether `one` refuses something that `other` accepts."""
    if one is None or one == other:
        return False
    if other is None:
        return True
    if keyword in LOWER:
        return one > other
    if keyword in UPPER:
        return (-one[0], one[1]) > (-other[0], other[1])
    return not one[0] or not (other[0] / one[0]).is_integer()


@SCHEMAS.rule(
    "request-pattern-changed", "request-pattern-removed", "response-pattern-added", "response-pattern-changed"
)
def pattern(meeting: Meeting) -> Said:
    """A pattern is new, gone or another one."""
    old, new = meeting.old.patterns, meeting.new.patterns
    if old == new or _types_clash(meeting):
        return
    kind = "changed"
    if meeting.direction is Direction.REQUEST and new < old:
        kind = "removed"
    if meeting.direction is Direction.RESPONSE and old < new:
        kind = "added"
    yield meeting.change(f"pattern-{kind}", before=words.names(old, "no pattern"), after=words.names(new, "no pattern"))


@SCHEMAS.rule(
    "request-format-narrowed",
    "request-format-widened",
    "response-format-changed",
    "response-format-narrowed",
    "response-format-removed",
)
def format_(meeting: Meeting) -> Said:
    """A format is new, gone or another one."""
    old, new = meeting.old.formats, meeting.new.formats
    if old == new or _types_clash(meeting):
        return
    if meeting.direction is Direction.REQUEST:
        kind = "widened" if _formats_within(old, new) else "narrowed"
    elif _formats_within(new, old):
        kind = "narrowed"
    else:
        kind = "changed" if new else "removed"
    yield meeting.change(f"format-{kind}", before=words.names(old, "no format"), after=words.names(new, "no format"))


def _formats_within(inner: frozenset[str], outer: frozenset[str]) -> bool:
    """Whether what satisfies the formats of `inner` satisfies those of `outer`."""
    return all(name in inner or any((each, name) in _FORMATS_WITHIN for each in inner) for name in outer)


@SCHEMAS.rule("request-default-changed")
def default(meeting: Meeting) -> Said:
    """What is assumed where a client sends nothing is another value."""
    old, new = meeting.old.default, meeting.new.default
    if meeting.direction is Direction.REQUEST and old is not None and old != new:
        yield meeting.change("default-changed", before=words.short(old), after=words.short(new or "no default"))


@SCHEMAS.rule("request-schema-changed", "response-schema-changed")
def rest(meeting: Meeting) -> Said:
    """Keywords that no other rule knows how to compare differ."""
    old, new = meeting.old.rest, meeting.new.rest
    different = [keyword for keyword in sorted(old.keys() | new.keys()) if not _same_rest(meeting, keyword)]
    if different:
        before, after = ([keyword for keyword in different if keyword in side] for side in (old, new))
        yield meeting.change("schema-changed", before=words.names(before), after=words.names(after))


def _same_rest(meeting: Meeting, keyword: str) -> bool:
    old, new = meeting.old.rest.get(keyword, ()), meeting.new.rest.get(keyword, ())
    return _alike(meeting.graph, list(old), list(new))


def _alike(graph: Graph, old: Any, new: Any) -> bool:
    """Whether two values of a keyword say the same; objects are taken for schemas."""
    if isinstance(old, dict) and isinstance(new, dict):
        return graph.same(old, new)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(_alike(graph, *pair) for pair in zip(old, new, strict=True))
    return text_of(old) == text_of(new)
