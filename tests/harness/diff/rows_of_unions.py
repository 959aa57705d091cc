"""Rows (change, old, new, request rules both ways, response rules both ways) of arrays and unions.

The names of the rules are without the direction.
"""

from tests.harness.diff.specs import INTEGER, STRING, obj


def _array(**more):
    return {"type": "array"} | more


def _any(*variants):
    return {"anyOf": list(variants)}


_CAT, _DOG = obj("kind", kind={"const": "cat"}), obj("kind", kind={"const": "dog"})

_TYPES = "type-narrowed", "type-widened", "type-narrowed", "type-widened"
_NULLS = "null-refused", "null-accepted", "no-longer-nullable", "newly-nullable"
_VARIANTS = "variant-removed", "variant-added", "variant-removed", "variant-added"
_CONSTRAINTS = "constraint-narrowed", "constraint-widened", "constraint-narrowed", "constraint-widened"
_EXCHANGED = "constraint-narrowed", "constraint-narrowed", "constraint-widened", "constraint-widened"
_DISCRIMINATORS = ("discriminator-changed",) * 4

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
        _any(obj("kind", kind={"const": "cat"}, a=True), _DOG),
        _any(_DOG, obj("kind", "a", kind={"const": "cat"}, a=True)),
        "property-newly-required",
        "property-newly-optional",
        "property-required",
        "property-optional",
    ),
    ("the only remaining pair", _any(_CAT, INTEGER), _any(STRING, _CAT), *("type-changed",) * 4),
    (
        "by title",
        _any(obj("a", a=True) | {"title": "A"}, obj("b", b=True, c=True) | {"title": "B"}, INTEGER),
        _any(obj("b", "c", b=True, c=True) | {"title": "B"}, obj("a", a=True) | {"title": "A"}, INTEGER),
        "property-newly-required",
        "property-newly-optional",
        "property-required",
        "property-optional",
    ),
    (
        "member of a variant",
        _any(obj("kind", kind={"const": "cat"}, name=True), _DOG),
        _any(_CAT, _DOG),
        "property-removed",
        "property-added",
        "property-removed",
        "property-added",
    ),
    (
        "closed variant",
        {"oneOf": [obj("kind", kind={"const": "cat"}), INTEGER]},
        {"oneOf": [obj("kind", kind={"const": "cat"}) | {"additionalProperties": False}, INTEGER]},
        "object-closed",
        "object-opened",
        "object-closed",
        "object-opened",
    ),
    ("null", _any(_CAT, _DOG, {"type": "null"}), _any(_CAT, _DOG), *_NULLS),
    ("beside members", obj(a=True), obj(a=True) | _any({"required": ["a"]}, {"required": ["b"]}), *_CONSTRAINTS),
    ("beside oneOf", {"oneOf": [_CAT, _DOG]}, _any(_CAT, STRING) | {"oneOf": [_CAT, _DOG]}, *_CONSTRAINTS),
    (
        "overlapping variants of oneOf",
        _any(obj("a", a=True), obj("b", b=True)),
        {"oneOf": [obj("a", a=True), obj("b", b=True)]},
        "values-narrowed",
        "values-widened",
        "values-narrowed",
        "values-widened",
    ),
    ("open enum", _any(STRING, {"enum": ["a"]}), _any(STRING, {"enum": ["a", "b"]}), "", "", "", ""),
    (
        "object to looser variants",
        obj("a", a=STRING),
        _any(obj(a=True), obj(b=True)),
        "variant-added",
        "property-newly-required property-removed required-property-added",
        "property-added property-optional property-removed",
        "variant-removed",
    ),
    (
        "allOf",
        {"allOf": [obj(a=True), obj("b", b=True)]},
        {"allOf": [obj(a=True), obj(b=True)]},
        "property-newly-optional",
        "property-newly-required",
        "property-optional",
        "property-required",
    ),
    ("not", {}, {"not": STRING}, *_CONSTRAINTS),
    ("if", {"if": STRING, "then": {"minLength": 1}}, {"if": STRING, "then": {"minLength": 2}}, *_CONSTRAINTS),
    ("dependentRequired", {"dependentRequired": {"a": ["b"]}}, {"dependentRequired": {"a": ["c"]}}, *_EXCHANGED),
    ("dependentSchemas", {}, {"dependentSchemas": {"a": {"required": ["b"]}}}, *_CONSTRAINTS),
    ("propertyNames", {}, {"propertyNames": {"maxLength": 2}}, *_CONSTRAINTS),
    ("contains", _array(), _array(contains=STRING), *_CONSTRAINTS),
    ("minContains", _array(contains=STRING), _array(contains=STRING, minContains=2), *_CONSTRAINTS),
    ("maxContains", _array(contains=STRING), _array(contains=STRING, maxContains=2), *_CONSTRAINTS),
    ("contentSchema", STRING, STRING | {"contentSchema": STRING}, *_CONSTRAINTS),
    ("unknown keyword", {}, {"colour": "red"}, "", "", "", ""),
]

_ANIMALS = {"oneOf": [_CAT, _DOG]}

DISCRIMINATORS = [
    (
        "discriminator",
        _ANIMALS,
        _ANIMALS | {"discriminator": {"propertyName": "kind"}},
        "discriminator-added",
        "discriminator-removed",
        "discriminator-added",
        "discriminator-removed",
    ),
    (
        "its member",
        _ANIMALS | {"discriminator": {"propertyName": "kind"}},
        _ANIMALS | {"discriminator": {"propertyName": "sort"}},
        *_DISCRIMINATORS,
    ),
    (
        "its mapping",
        _ANIMALS | {"discriminator": {"propertyName": "kind", "mapping": {"c": "Cat"}}},
        _ANIMALS | {"discriminator": {"propertyName": "kind", "mapping": {"c": "Dog"}}},
        *_DISCRIMINATORS,
    ),
]

ROWS = {"arrays": ARRAYS, "unions": UNIONS, "discriminators": DISCRIMINATORS}
