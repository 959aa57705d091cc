"""(what changes, old, new, request rules there and back, response rules there and back), without the direction."""

from tests.harness.diff.specs import INTEGER, STRING, obj


def _array(**more):
    return {"type": "array"} | more


def _any(*variants):
    return {"anyOf": list(variants)}


_CAT, _DOG = obj(kind={"const": "cat"}), obj(kind={"const": "dog"})

_TYPES = "type-narrowed", "type-widened", "type-narrowed", "type-widened"
_NULLS = "null-refused", "null-accepted", "no-longer-nullable", "newly-nullable"
_VARIANTS = "variant-removed", "variant-added", "variant-removed", "variant-added"
_OTHER = ("schema-changed",) * 4

ARRAYS = [
    ("items", _array(items=STRING), _array(items=INTEGER), *("type-changed",) * 4),
    ("items new", _array(), _array(items=STRING), *_TYPES),
    (
        "items false",
        _array(prefixItems=[STRING], items=STRING),
        _array(prefixItems=[STRING], items=False),
        "type-narrowed",
        "type-widened",
        "type-narrowed",
        "type-widened",
    ),
    ("prefixItems", _array(prefixItems=[STRING]), _array(prefixItems=[INTEGER]), *("type-changed",) * 4),
    ("prefixItems longer", _array(prefixItems=[STRING]), _array(prefixItems=[STRING, STRING]), *_TYPES),
]

UNIONS = [
    ("variant", _any(_CAT, _DOG), _any(_CAT), *_VARIANTS),
    ("one to several", _any(_CAT, _DOG), _CAT, *_VARIANTS),
    ("nothing said to several", {}, _any(_CAT, _DOG), *_TYPES),
    (
        "within a variant",
        _any(_CAT, _DOG),
        _any(_DOG, _CAT | {"required": ["kind"]}),
        "property-newly-required",
        "property-newly-optional",
        "property-required",
        "property-optional",
    ),
    ("the only remaining pair", _any(_CAT, INTEGER), _any(STRING, _CAT), *("type-changed",) * 4),
    (
        "by title",
        _any(obj(a=True) | {"title": "A"}, obj(b=True) | {"title": "B"}, INTEGER),
        _any(obj("b", b=True) | {"title": "B"}, obj(a=True) | {"title": "A"}, INTEGER),
        "property-newly-required",
        "property-newly-optional",
        "property-required",
        "property-optional",
    ),
    ("null", _any(_CAT, _DOG, {"type": "null"}), _any(_CAT, _DOG), *_NULLS),
    ("beside members", obj(a=True) | _any({"required": ["a"]}, {"required": ["b"]}), obj(a=True), *_OTHER),
    ("beside oneOf", _any(_CAT, _DOG) | {"oneOf": [_CAT, _DOG]}, {"oneOf": [_CAT, _DOG]}, *_OTHER),
    (
        "allOf",
        {"allOf": [obj(a=True), obj("b", b=True)]},
        {"allOf": [obj(a=True), obj(b=True)]},
        "property-newly-optional",
        "property-newly-required",
        "property-optional",
        "property-required",
    ),
    ("not", {}, {"not": STRING}, *_OTHER),
    ("if", {"if": STRING, "then": {"minLength": 1}}, {"if": STRING, "then": {"minLength": 2}}, *_OTHER),
    ("dependentRequired", {"dependentRequired": {"a": ["b"]}}, {"dependentRequired": {"a": ["c"]}}, *_OTHER),
    ("unknown keyword", {}, {"colour": "red"}, *_OTHER),
]

ROWS = {"arrays": ARRAYS, "unions": UNIONS}
