"""Whether an answer is one that openapi.yaml has for its operation."""

from typing import Any

import pytest

from statuspin.http.conformance import Conformance
from statuspin.http.exchange import Answer
from tests.harness.contract.samples import answering, document

INTEGER = answering({"type": "integer"})
PROBLEM = answering({"type": "string"}, media_type="application/problem+json; charset=utf-8")
HEADERS = {
    "Retry-After": {"required": True, "schema": {"type": "integer", "minimum": 1}},
    "X-Share": {"schema": {"type": "number"}},
    "X-Whole": {"schema": {"type": "boolean"}},
    "X-Kind": {"$ref": "#/components/headers/Kind"},
}
KIND = {"headers": {"Kind": {"schema": {"enum": ["a", "b"]}}}}


def faults(
    responses: dict[str, Any], status: int, body: bytes = b"1", bodiless: bool = False, **headers: str
) -> list[str]:
    read = document({"/a": {"get": {"operationId": "a", "responses": responses}}}, components=KIND)
    told = {"content-type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return Conformance(read).faults(read.operations["a"], Answer(status, told, body), bodiless=bodiless)


@pytest.mark.parametrize(
    ("keys", "status", "covering"),
    [
        (["200"], 200, "200"),
        (["200"], 201, None),
        (["200", "2XX"], 201, "2XX"),
        (["2XX", "default"], 200, "2XX"),
        (["4xx"], 404, "4xx"),
        (["404", "4XX", "default"], 404, "404"),
        (["404", "default"], 500, "default"),
        ([], 200, None),
    ],
)
def test_a_status_is_covered_by_itself_its_class_or_the_default(keys, status, covering):
    responses = {key: {"description": key} for key in keys}
    read = document({"/a": {"get": {"operationId": "a", "responses": responses}}})
    found = Conformance(read).promised(read.operations["a"], status)
    assert (found or {}).get("description") == covering
    expected = [] if covering else [f"status {status} is not documented"]
    assert faults(responses, status) == expected


@pytest.mark.parametrize(
    ("content", "media_type", "sound"),
    [
        ("application/json", "application/json", True),
        ("application/json", "Application/JSON; charset=utf-8", True),
        ("application/json; charset=utf-8", "application/json", True),
        ("application/*", "application/json", True),
        ("*/*", "text/html", True),
        ("application/json", "text/html", False),
        ("application/json", "application/problem+json", False),
        ("image/*", "application/json", False),
        ("application/json", "", False),
    ],
)
def test_a_media_type_is_documented_by_itself_or_a_range(content, media_type, sound):
    found = faults({"200": {"description": "", "content": {content: {}}}}, 200, content_type=media_type)
    assert found == (
        [] if sound else [f"media type {media_type.lower() or 'no media type'} is not documented, {content} is"]
    )


@pytest.mark.parametrize(
    ("response", "body", "found"),
    [
        (INTEGER, b"1", []),
        (INTEGER, b'"a"', ['body: "a" is not of type "integer"']),
        (INTEGER, b"{", ["the body is no JSON"]),
        (INTEGER, b"", ["the body is no JSON"]),
        (answering({"type": "null"}), b" null ", []),
        (INTEGER, b"null", ['body: null is not of type "integer"']),
        (answering(False), b"1", ["body: False schema does not allow 1"]),
        ({"description": "no content is documented"}, b"anything", []),
        ({"description": "", "content": {"application/json": None}}, b"{", []),
    ],
)
def test_a_body_is_held_to_its_schema(response, body, found):
    assert faults({"200": response}, 200, body) == found


def test_a_body_of_another_json_type_is_held_to_its_schema():
    assert faults({"200": PROBLEM}, 200, b"1", content_type="application/problem+json") == [
        'body: 1 is not of type "string"'
    ]


@pytest.mark.parametrize("status", [204, 205, 304])
def test_an_answer_that_has_no_body_is_not_asked_for_one(status):
    assert faults({str(status): INTEGER}, status, b"", content_type="") == []


def test_an_answer_to_head_is_not_asked_for_a_body():
    assert faults({"200": INTEGER}, 200, b"", bodiless=True) == []
    assert faults({"200": {**INTEGER, "headers": HEADERS}}, 200, b"", bodiless=True) == [
        "header Retry-After is missing"
    ]


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("retry_after", "3", []),
        ("retry_after", "soon", ['header Retry-After: "soon" is not of type "integer"']),
        ("retry_after", "1_0", ['header Retry-After: "1_0" is not of type "integer"']),
        ("retry_after", "0", ["header Retry-After: 0 is less than the minimum of 1"]),
        ("x_share", "0.5", []),
        ("x_share", "half", ['header X-Share: "half" is not of type "number"']),
        ("x_whole", "true", []),
        ("x_whole", "yes", ['header X-Whole: "yes" is not of type "boolean"']),
        ("x_kind", "b", []),
        ("x_kind", "c", ['header X-Kind: "c" is not one of "a" or "b"']),
    ],
)
def test_a_header_is_held_to_its_schema(name, value, found):
    assert faults({"200": {**INTEGER, "headers": HEADERS}}, 200, **{"retry_after": "1", name: value}) == found


def test_a_header_that_is_required_and_missing_is_a_fault_and_an_optional_one_is_not():
    assert faults({"200": {**INTEGER, "headers": HEADERS}}, 200) == ["header Retry-After is missing"]
