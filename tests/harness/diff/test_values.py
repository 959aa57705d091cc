"""Verdicts by values: the values that one schema accepts and the other does not."""

import pytest

from statuspin.diff import compare
from statuspin.findings import Severity
from tests.harness.diff.specs import INTEGER, STRING, obj, received, rules, sent, takes


def _number(**more):
    return {"type": "number"} | more


def _verdict(old, new):
    severities = {finding.severity for finding in compare(old, new).findings}
    return next((str(each) for each in Severity if each in severities), "none")


_CAT, _DOG = obj("kind", kind={"const": "cat"}), obj("kind", kind={"const": "dog"})

# (old, new, verdict as a request, verdict as a response)
SCHEMAS = [
    ("an integer is a number", INTEGER | {"minimum": 1}, _number(minimum=0), "note", "error"),
    ("a number with a lower bound is no integer", _number(minimum=3), INTEGER | {"minimum": 1}, "error", "error"),
    ("steps that do not divide each other", INTEGER | {"multipleOf": 2}, INTEGER | {"multipleOf": 3}, "error", "error"),
    ("an integer has step 1", INTEGER, _number(multipleOf=1), "none", "none"),
    ("bounds around integers", INTEGER | {"minimum": 0.5}, INTEGER | {"minimum": 1}, "none", "none"),
    ("few integers as an enum", INTEGER | {"minimum": 0, "maximum": 2}, {"enum": [2, 1, 0]}, "none", "none"),
    ("adjoining ranges", _number(), {"anyOf": [_number(maximum=1), _number(minimum=1)]}, "none", "none"),
    ("ranges with a gap", _number(), {"anyOf": [_number(maximum=1), _number(exclusiveMinimum=1)]}, "none", "none"),
    ("integers with a gap", INTEGER, {"anyOf": [INTEGER | {"maximum": 1}, INTEGER | {"minimum": 3}]}, "error", "note"),
    ("adjoining integers", INTEGER, {"anyOf": [INTEGER | {"maximum": 1}, INTEGER | {"minimum": 2}]}, "none", "none"),
    ("an enum of both booleans", {"type": "boolean", "enum": [True, False]}, {"type": "boolean"}, "none", "none"),
    ("a number that is no boolean", {"enum": [1]}, {"enum": [True]}, "error", "error"),
    (
        "a type beside a union",
        {"anyOf": [{"enum": ["a"]}, {"enum": [1]}]},
        {"type": "string", "anyOf": [{"enum": ["a"]}, {"enum": [1]}]},
        "error",
        "note",
    ),
    ("variants that may both hold", {"anyOf": [obj("a"), obj("b")]}, {"oneOf": [obj("a"), obj("b")]}, "error", "note"),
    ("variants that exclude each other", {"anyOf": [_CAT, _DOG]}, {"oneOf": [_DOG, _CAT]}, "none", "none"),
    ("an equal variant twice", {"anyOf": [_CAT, _DOG]}, {"anyOf": [_CAT, _DOG, _CAT]}, "none", "none"),
    (
        "null or one of several",
        STRING | {"type": ["string", "null"]},
        {"anyOf": [STRING, {"type": "null"}, obj()]},
        "note",
        "error",
    ),
    ("an open enum", {"anyOf": [STRING, {"enum": ["a"]}]}, {"anyOf": [STRING, {"enum": ["a", "b"]}]}, "none", "none"),
    (
        "a tag split in two",
        obj("k", k={"enum": ["a", "b"]}),
        {"oneOf": [obj("k", k={"const": "a"}), obj("k", k={"const": "b"})]},
        "none",
        "none",
    ),
    ("a member there or not", obj(a=STRING), {"anyOf": [obj("a", a=STRING), obj(a=False)]}, "none", "none"),
    (
        "a length as a pattern",
        STRING | {"pattern": "^a{2}$"},
        STRING | {"pattern": "^a{2}$", "maxLength": 2},
        "none",
        "none",
    ),
    ("an array of nothing", {"type": "array", "maxItems": 0}, {"type": "array", "items": False}, "none", "none"),
    (
        "contains by items",
        {"type": "array", "minItems": 1, "items": STRING},
        {"type": "array", "minItems": 1, "items": STRING, "contains": STRING},
        "none",
        "none",
    ),
    (
        "a dependency on what is there anyhow",
        obj("a", "b", a=STRING, b=STRING),
        obj("a", "b", a=STRING, b=STRING) | {"dependentRequired": {"a": ["b"]}},
        "none",
        "none",
    ),
    ("not, of another type", STRING, STRING | {"not": INTEGER}, "none", "none"),
    ("not, wider", STRING | {"not": {"maxLength": 3}}, STRING | {"not": {"maxLength": 2}}, "note", "error"),
    (
        "if, with both ends",
        {"if": STRING, "then": {"maxLength": 3}, "else": True},
        {"if": {"not": STRING}, "else": {"maxLength": 3}},
        "none",
        "none",
    ),
    (
        "binary content",
        STRING | {"format": "binary"},
        STRING | {"contentMediaType": "application/octet-stream"},
        "none",
        "none",
    ),
    ("base64", STRING | {"format": "byte"}, STRING | {"contentEncoding": "base64"}, "none", "none"),
    (
        "a media type within",
        STRING | {"contentMediaType": "image/png"},
        STRING | {"contentMediaType": "image/gif"},
        "error",
        "error",
    ),
    (
        "members by pattern",
        {"patternProperties": {"^a": STRING}},
        {"patternProperties": {"^a": STRING | {"maxLength": 1}}},
        "error",
        "note",
    ),
    (
        "closed by merging",
        {"allOf": [obj(a=STRING), {"additionalProperties": False}]},
        obj() | {"additionalProperties": False},
        "none",
        "none",
    ),
]


@pytest.mark.parametrize(
    ("old", "new", "sent_verdict", "received_verdict"), [pytest.param(*row[1:], id=row[0]) for row in SCHEMAS]
)
def test_schemas_are_compared_by_the_values_that_they_accept(old, new, sent_verdict, received_verdict):
    assert _verdict(sent(old), sent(new)) == sent_verdict
    assert _verdict(received(old), received(new)) == received_verdict


_LIST = {"type": "array", "items": INTEGER}

PARAMETERS = [
    ("an integer is a string", INTEGER, STRING, "note"),
    ("a boolean is a string", {"type": "boolean"}, STRING, "note"),
    ("a boolean is one of two texts", {"type": "boolean"}, {"enum": ["true", "false"]}, "note"),
    ("a string is no integer", STRING, INTEGER, "error"),
    ("digits as texts are integers", {"enum": ["1", "2"]}, INTEGER, "note"),
    ("an integer fits a pattern", INTEGER | {"minimum": 0}, STRING | {"pattern": "^-?[0-9]+$"}, "note"),
    ("one value may become a list", INTEGER, _LIST, "note"),
    ("one value is no list of two", INTEGER, _LIST | {"minItems": 2}, "error"),
    ("one value may become one of two lists", INTEGER, {"anyOf": [_LIST, _LIST | {"minItems": 1}]}, "note"),
    (
        "one value is an element of no list",
        {"type": "boolean"},
        {"oneOf": [_LIST, {"type": "array", "items": {"type": "object"}}]},
        "error",
    ),
    ("one value is an excluded list", INTEGER, _LIST | {"not": {"type": "array", "maxItems": 1}}, "error"),
    ("a list is not one value", _LIST, INTEGER, "error"),
    ("a pattern that accepts everything", STRING | {"pattern": "^a"}, STRING | {"pattern": ".*"}, "note"),
    ("64 bits are what clients send", INTEGER, INTEGER | {"format": "int64"}, "note"),
    ("32 bits are fewer", INTEGER, INTEGER | {"format": "int32"}, "error"),
]


@pytest.mark.parametrize(("old", "new", "verdict"), [pytest.param(*row[1:], id=row[0]) for row in PARAMETERS])
def test_parameters_are_compared_in_their_serialized_form(old, new, verdict):
    assert _verdict(takes({"schema": old}), takes({"schema": new})) == verdict


def test_a_request_is_not_breaking_for_values_that_clients_do_not_send():
    assert _verdict(sent(obj(a=STRING)), sent(obj(a=STRING, b=INTEGER))) == "note"
    assert _verdict(sent({"type": "object"}), sent(obj(b=INTEGER))) == "error"
    everything = {"type": "object", "additionalProperties": True}
    assert _verdict(sent(everything), sent(obj(b=INTEGER) | {"additionalProperties": True})) == "error"
    assert _verdict(sent(obj(a=STRING)), sent(obj(a=STRING) | {"maxProperties": 1})) == "note"


def test_read_only_members_are_not_sent():
    old = obj("id", id=STRING | {"readOnly": True})
    assert rules(sent(old), sent(obj("id", id=INTEGER | {"readOnly": True}))) == []


def test_deeply_nested_schemas_are_compared():
    old, new = STRING, INTEGER
    for _ in range(120):
        old, new = obj(a=old), obj(a=new)
    assert rules(received(old), received(new)) == ["response-type-changed"]


def test_a_schema_that_accepts_nothing_is_compared_by_its_keywords():
    old = STRING | {"minLength": 5, "maxLength": 3}
    assert rules(sent(old), sent(old | {"maxLength": 2})) == ["request-bound-narrowed"]


_HUGE = 10**400  # beyond the largest float


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (_number(), _number(multipleOf=_HUGE)),
        (_number(), _number(multipleOf=1e308)),
        (_number(), _number(multipleOf=0.1, minimum=_HUGE)),
        (_number(), _number(minimum=_HUGE, maximum=_HUGE + 3, multipleOf=0.5)),
        (INTEGER | {"exclusiveMinimum": 1}, INTEGER | {"exclusiveMinimum": _HUGE}),
        ({"enum": [1, _HUGE]}, {"enum": [1]}),
        (STRING, STRING | {"minLength": _HUGE}),
        ({"type": "array", "maxItems": _HUGE}, {"type": "array", "maxItems": 1}),
    ],
)
def test_numbers_beyond_floats_are_compared(old, new):
    assert _verdict(sent(old), sent(new)) == "error"
    assert _verdict(received(new), received(old)) == "error"
