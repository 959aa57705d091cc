import pytest

from statuspin.diff import compare
from statuspin.findings import NotCompared
from tests.harness.diff.specs import STRING, answers, json_response, obj, received, spec, takes

_BODY = "get_things · response 200"

DIFFERENT = [
    ("document", spec(), spec(**{"x-a": 1}), NotCompared("extension x-a", "document")),
    ("operation", spec(), spec({"x-a": 1}), NotCompared("extension x-a", "get_things")),
    ("parameter", takes({}), takes({"x-a": 1}), NotCompared("extension x-a", "get_things · query parameter page")),
    (
        "response",
        answers({"200": {"description": ""}}),
        answers({"200": {"description": "", "x-a": 1}}),
        NotCompared("extension x-a", _BODY),
    ),
    ("schema", received(STRING), received(STRING | {"x-a": 1}), NotCompared("extension x-a", _BODY)),
    ("unknown keyword", received(STRING), received(STRING | {"colour": "red"}), NotCompared("keyword colour", _BODY)),
    (
        "several places",
        received(obj(a=STRING, b=STRING)),
        received(obj(a=STRING | {"x-a": 1}, b=STRING | {"x-a": 1})),
        NotCompared("extension x-a", f"{_BODY}.a", 2),
    ),
    (
        "component",
        spec(components={"schemas": {"A": STRING}}),
        spec(),
        NotCompared("component schemas/A, which no operation uses", "components/schemas/A"),
    ),
]


@pytest.mark.parametrize(("old", "new", "expected"), [pytest.param(*row[1:], id=row[0]) for row in DIFFERENT])
def test_a_difference_without_a_rule_is_listed_once(old, new, expected):
    comparison = compare(old, new)
    assert comparison.findings == []
    assert comparison.not_compared == [expected]


@pytest.mark.parametrize("document", [spec(**{"x-a": 1}), received(STRING | {"x-a": 1})])
def test_equal_values_are_not_listed(document):
    assert compare(document, document).not_compared == []


def test_documentation_is_not_listed():
    old = received(STRING | {"title": "a", "example": "a"})
    new = received(STRING | {"description": "b", "examples": ["b"]})
    assert compare(old, new).not_compared == []


def test_a_component_that_an_operation_uses_is_not_listed():
    ref = {"$ref": "#/components/schemas/A"}
    old, new = (
        answers({"200": json_response(ref)}, components={"schemas": {"A": schema}})
        for schema in (STRING, STRING | {"maxLength": 3})
    )
    assert compare(old, new).not_compared == []


@pytest.mark.parametrize(
    ("describe", "nothing", "place"),
    [
        (lambda nothing: spec(components={"schemas": nothing}), {}, "components → schemas"),
        (lambda nothing: spec({"parameters": nothing}), [], "paths → /things → get → parameters"),
        (lambda nothing: spec({"responses": nothing}), {}, "paths → /things → get → responses"),
        (
            lambda nothing: spec({"requestBody": {"content": nothing}}),
            {},
            "paths → /things → get → requestBody → content",
        ),
        (
            lambda nothing: spec({"requestBody": {"content": {"application/json": nothing}}}),
            {},
            "paths → /things → get → requestBody → content → application/json",
        ),
        (lambda nothing: spec(paths=nothing), {}, "paths"),
        (
            lambda nothing: received({"type": "object", "properties": nothing}),
            {},
            "paths → /things → get → responses → 200 → content → application/json → schema → properties",
        ),
    ],
)
def test_null_that_is_read_as_missing_is_listed(describe, nothing, place):
    comparison = compare(describe(nothing), describe(None))
    assert comparison.findings == []
    assert comparison.not_compared == [NotCompared("null, which is read as missing", place)]
    assert compare(describe(None), describe(None)).not_compared == []
