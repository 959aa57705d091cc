"""Rows (change, old, new, request rules both ways, response rules both ways) of schemas.

The names of the rules are without the direction.
"""

from tests.harness.diff.specs import INTEGER, STRING, obj


def _text(**more):
    return STRING | more


def _number(**more):
    return {"type": "number"} | more


def _array(**more):
    return {"type": "array"} | more


_CLOSED = obj(a=True) | {"additionalProperties": False}

# Narrowed: the new schema accepts fewer values.
_TYPES = "type-narrowed", "type-widened", "type-narrowed", "type-widened"
_BOUNDS = "bound-narrowed", "bound-widened", "bound-narrowed", "bound-widened"
_ENUMS = "enum-narrowed", "enum-widened", "enum-narrowed", "enum-widened"
_NULLS = "null-refused", "null-accepted", "no-longer-nullable", "newly-nullable"
_FORMATS = "format-narrowed", "format-widened", "format-narrowed", "format-changed"
_OBJECTS = "object-closed", "object-opened", "object-closed", "object-opened"
_CONSTRAINTS = "constraint-narrowed", "constraint-widened", "constraint-narrowed", "constraint-widened"
_VALUES = "values-narrowed", "values-widened", "values-narrowed", "values-widened"

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
    ("integer below an exclusive bound", INTEGER | {"maximum": 0}, INTEGER | {"exclusiveMaximum": 0}, *_BOUNDS),
    (
        "integer to number below an exclusive bound",
        INTEGER | {"maximum": 0},
        _number(exclusiveMaximum=0),
        *("bound-narrowed type-widened", "bound-widened type-narrowed") * 2,
    ),
    (
        "integer to number below a fraction",
        INTEGER | {"maximum": 1},
        _number(maximum=0.5),
        *("bound-narrowed type-widened", "bound-widened type-narrowed") * 2,
    ),
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
    (
        "pattern wider",
        _text(pattern="^[a-z]$"),
        _text(pattern="^[a-z0-9]$"),
        "pattern-widened",
        "pattern-changed",
        "pattern-changed",
        "pattern-narrowed",
    ),
    ("pattern that is not decided", _text(pattern="^(?!a)"), _text(pattern="^(?![a])"), *("pattern-undecided",) * 4),
    (
        "default",
        obj(a=_text(default="a")),
        obj(a=_text(default="b")),
        "default-changed",
        "default-changed",
        "default-changed",
        "default-changed",
    ),
    (
        "default new",
        obj(a=STRING),
        obj(a=_text(default="b")),
        "default-added",
        "default-removed",
        "default-changed",
        "default-changed",
    ),
    (
        "default of a required member",
        obj("a", a=STRING),
        obj("a", a=_text(default="b")),
        "",
        "",
        "default-changed",
        "default-changed",
    ),
    ("step that does not divide", _number(multipleOf=2), _number(multipleOf=3), *_BOUNDS[:1] * 2, *_BOUNDS[3:] * 2),
    ("bound of another type", _array(maximum=9), _array(maximum=8), *_BOUNDS),
    (
        "bound and type",
        _number(minimum=3),
        INTEGER | {"minimum": 1},
        "bound-widened type-narrowed",
        "bound-narrowed type-widened",
        "bound-widened type-narrowed",
        "bound-narrowed type-widened",
    ),
    (
        "int64 new",
        INTEGER,
        INTEGER | {"format": "int64"},
        "format-widened",
        "format-widened",
        "format-narrowed",
        "format-removed",
    ),
    (
        "contentMediaType",
        _text(contentMediaType="image/png"),
        _text(contentMediaType="image/gif"),
        *("constraint-narrowed",) * 2,
        *("constraint-widened",) * 2,
    ),
    ("contentEncoding", STRING, _text(contentEncoding="base64"), *_CONSTRAINTS),
    (
        "x-extensible-enum",
        _text(**{"x-extensible-enum": ["a", "b"]}),
        _text(**{"x-extensible-enum": ["a"]}),
        "extensible-enum-narrowed",
        "extensible-enum-widened",
        "extensible-enum-narrowed",
        "extensible-enum-widened",
    ),
    ("xml", _text(xml={"name": "a"}), _text(xml={"name": "b"}), *("xml-changed",) * 4),
    (
        "deprecated",
        STRING,
        _text(deprecated=True),
        "property-deprecated",
        "property-undeprecated",
        "property-deprecated",
        "property-undeprecated",
    ),
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
        "property-unexpected",
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
        "property-read-only",
        "required-property-added",
        "",
        "",
    ),
    (
        "sunset",
        obj(a=_text(deprecated=True, **{"x-sunset": "2030-01-01"})),
        obj(a=_text(deprecated=True)),
        *("property-sunset-removed", "") * 2,
    ),
    (
        "sunset earlier",
        obj(a=_text(deprecated=True, **{"x-sunset": "2030-01-02"})),
        obj(a=_text(deprecated=True, **{"x-sunset": "2030-01-01"})),
        *("property-sunset-earlier", "") * 2,
    ),
    (
        "stability",
        obj(a=True),
        obj(a=_text(**{"x-stability-level": "beta"})),
        *("property-stability-lowered", "property-stability-raised") * 2,
    ),
    ("closed", obj(a=True), _CLOSED, *_OBJECTS),
    ("closed by unevaluatedProperties", obj(a=True), obj(a=True) | {"unevaluatedProperties": False}, *_OBJECTS),
    (
        "map",
        {"type": "object", "additionalProperties": True},
        {"type": "object", "additionalProperties": STRING},
        "object-restricted type-narrowed",
        *_TYPES[1:],
    ),
    (
        "member of a map",
        {"type": "object", "additionalProperties": STRING},
        obj(a=STRING | {"maxLength": 2}) | {"additionalProperties": STRING},
        "bound-narrowed property-added",
        "bound-widened property-removed",
        "bound-narrowed property-added",
        "property-removed",
    ),
    (
        "patternProperties",
        obj(),
        obj() | {"patternProperties": {"^a": STRING}},
        "pattern-properties-narrowed",
        "pattern-properties-widened",
        "pattern-properties-narrowed",
        "pattern-properties-widened",
    ),
    (
        "patternProperties of a closed object",
        _CLOSED,
        _CLOSED | {"patternProperties": {"^b": STRING}},
        "pattern-properties-widened",
        "pattern-properties-narrowed",
        "pattern-properties-widened",
        "pattern-properties-narrowed",
    ),
    ("below patternProperties", {"patternProperties": {"^a": {}}}, {"patternProperties": {"^a": STRING}}, *_TYPES),
    ("member below members", obj(a=obj(b=INTEGER)), obj(a=obj(b=STRING)), *("type-changed",) * 4),
]

ROWS = {"values": VALUES, "members": MEMBERS}
