"""(what changes, old, new, request rules there and back, response rules there and back), without the direction."""

from tests.harness.diff.specs import INTEGER, STRING, obj


def _text(**more):
    return STRING | more


def _number(**more):
    return {"type": "number"} | more


def _array(**more):
    return {"type": "array"} | more


_CLOSED = obj(a=True) | {"additionalProperties": False}

# narrowed: what is accepted or sent shrinks from old to new.
_TYPES = "type-narrowed", "type-widened", "type-narrowed", "type-widened"
_BOUNDS = "bound-narrowed", "bound-widened", "bound-narrowed", "bound-widened"
_ENUMS = "enum-narrowed", "enum-widened", "enum-narrowed", "enum-widened"
_NULLS = "null-refused", "null-accepted", "no-longer-nullable", "newly-nullable"
_FORMATS = "format-narrowed", "format-widened", "format-narrowed", "format-changed"
_OBJECTS = "object-closed", "object-opened", "object-closed", "object-opened"
_OTHER = ("schema-changed",) * 4

VALUES = [
    ("type", STRING, INTEGER, *("type-changed",) * 4),
    ("type of several", {"type": ["string", "integer"]}, STRING, *_TYPES),
    ("number to integer", _number(), INTEGER, *_TYPES),
    ("any type", {}, STRING, *_TYPES),
    ("nothing", STRING, False, *_TYPES),
    ("null", {"type": ["string", "null"]}, STRING, *_NULLS),
    ("null in an enum", {"enum": ["a", None]}, {"enum": ["a"]}, *_NULLS),
    ("enum", {"enum": ["a", "b"]}, {"enum": ["a"]}, *_ENUMS),
    ("enum new", STRING, _text(enum=["a"]), *_ENUMS),
    (
        "enum of one and zero",
        {"enum": [1, True]},
        {"enum": [1]},
        *(f"{each} {kind}" for each, kind in zip(_ENUMS, _TYPES, strict=True)),
    ),
    ("const", {"const": "a"}, {"const": "b"}, *("const-changed",) * 4),
    ("const new", STRING, _text(const="a"), *_ENUMS),
    ("maxLength", _text(maxLength=5000), _text(maxLength=4000), *_BOUNDS),
    ("maxLength new", STRING, _text(maxLength=4000), *_BOUNDS),
    ("minLength", _text(minLength=1), _text(minLength=2), *_BOUNDS),
    ("maximum", _number(maximum=9), _number(exclusiveMaximum=9), *_BOUNDS),
    ("minimum", _number(minimum=0), _number(exclusiveMinimum=0), *_BOUNDS),
    ("multipleOf", _number(multipleOf=2), _number(multipleOf=4), *_BOUNDS),
    ("uniqueItems", _array(), _array(uniqueItems=True), *_BOUNDS),
    ("maxItems", _array(maxItems=2), _array(maxItems=1), *_BOUNDS),
    ("minProperties", obj(), obj() | {"minProperties": 1}, *_BOUNDS),
    ("pattern", _text(pattern="a"), _text(pattern="b"), *("pattern-changed",) * 4),
    (
        "pattern new",
        STRING,
        _text(pattern="b"),
        "pattern-changed",
        "pattern-removed",
        "pattern-added",
        "pattern-changed",
    ),
    (
        "format",
        _text(format="date"),
        _text(format="uuid"),
        "format-narrowed",
        "format-narrowed",
        "format-changed",
        "format-changed",
    ),
    (
        "format new",
        STRING,
        _text(format="uuid"),
        "format-narrowed",
        "format-widened",
        "format-narrowed",
        "format-removed",
    ),
    ("int64 to int32", INTEGER | {"format": "int64"}, INTEGER | {"format": "int32"}, *_FORMATS),
    ("default", _text(default="a"), _text(default="b"), "default-changed", "default-changed", "", ""),
    ("default new", STRING, _text(default="b"), "", "default-changed", "", ""),
    ("deprecated", STRING, _text(deprecated=True), "property-deprecated", "", "property-deprecated", ""),
]

MEMBERS = [
    (
        "member",
        obj(a=True),
        obj(a=True, b=True),
        "property-added",
        "property-removed",
        "property-added",
        "property-removed",
    ),
    (
        "required member",
        obj("a", a=True),
        obj("a", "b", a=True, b=True),
        "required-property-added",
        "property-removed",
        "property-added",
        "property-removed",
    ),
    (
        "member of a closed object",
        _CLOSED,
        obj(a=True, b=True) | {"additionalProperties": False},
        "property-added",
        "property-refused",
        "property-added",
        "property-removed",
    ),
    (
        "need",
        obj(a=True),
        obj("a", a=True),
        "property-newly-required",
        "property-newly-optional",
        "property-required",
        "property-optional",
    ),
    (
        "need of what is not described",
        obj(),
        obj("a"),
        "property-newly-required",
        "property-newly-optional",
        "property-required",
        "property-optional",
    ),
    ("readOnly", obj(), obj("a", a=_text(readOnly=True)), "", "", "property-added", "property-removed"),
    ("writeOnly", obj(), obj("a", a=_text(writeOnly=True)), "required-property-added", "property-removed", "", ""),
    (
        "readOnly new",
        obj("a", a=True),
        obj("a", a=_text(readOnly=True)),
        "property-removed",
        "required-property-added",
        "",
        "",
    ),
    ("closed", obj(a=True), _CLOSED, *_OBJECTS),
    ("closed by unevaluatedProperties", obj(a=True), obj(a=True) | {"unevaluatedProperties": False}, *_OBJECTS),
    (
        "map",
        {"type": "object", "additionalProperties": True},
        {"type": "object", "additionalProperties": STRING},
        *_TYPES,
    ),
    ("patternProperties", obj(), obj() | {"patternProperties": {"^a": STRING}}, *_OTHER),
    ("below patternProperties", {"patternProperties": {"^a": {}}}, {"patternProperties": {"^a": STRING}}, *_TYPES),
    ("member below members", obj(a=obj(b=INTEGER)), obj(a=obj(b=STRING)), *("type-changed",) * 4),
]

ROWS = {"values": VALUES, "members": MEMBERS}
