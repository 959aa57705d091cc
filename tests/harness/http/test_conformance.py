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
    found = Conformance(read).response_for(read.operations["a"], status)
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
        [] if sound else [f"media type {media_type.lower() or 'no media type'} is not documented, only {content}"]
    )


@pytest.mark.parametrize(
    ("response", "body", "found"),
    [
        (INTEGER, b"1", []),
        (INTEGER, b'"a"', ['body: "a" is not of type "integer"']),
        (INTEGER, b"{", ["the body is not JSON"]),
        (INTEGER, b"", ["the body is not JSON"]),
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


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("1".encode("utf-8-sig"), "UTF-8 with a byte order mark"),
        ("1".encode("utf-16"), "UTF-16 with a byte order mark"),
        ("[1]".encode("utf-16-le"), "UTF-16"),
        ("[1]".encode("utf-16-be"), "UTF-16"),
        ("[1]".encode("utf-32"), "UTF-32 with a byte order mark"),
        ("[1]".encode("utf-32-be"), "UTF-32"),
    ],
)
def test_json_in_another_encoding_is_named(body, said):
    mend = "JSON is UTF-8 without a byte order mark (RFC 8259, section 8.1)"
    assert faults({"200": INTEGER}, 200, body) == [f"the body is {said}; {mend}"]


@pytest.mark.parametrize("status", [204, 205, 304])
def test_a_body_of_an_answer_that_has_none_is_named(status):
    assert faults({str(status): {}}, status, b"") == []
    assert faults({str(status): {}}, status, b"", content_length="0") == []
    assert faults({str(status): {}}, status, b"{}") == [f"a {status} must not have a body, but bytes follow it"]


def test_a_204_that_announces_a_body_is_named_and_a_304_may_name_the_length_of_the_representation():
    announced = "a 204 must not have a body, but it announces one with"
    assert faults({"204": {}}, 204, b"", content_length="5") == [f"{announced} Content-Length: 5"]
    assert faults({"204": {}}, 204, b"", transfer_encoding="chunked") == [f"{announced} Transfer-Encoding"]
    assert faults({"304": {}}, 304, b"", content_length="5") == []


SECRET = {"type": "string", "writeOnly": True}
ACCOUNT = {
    "type": "object",
    "required": ["id", "password"],
    "properties": {"id": {"type": "integer", "readOnly": True}, "password": SECRET},
}
SHARED = {"schemas": {"Secret": SECRET, "Account": ACCOUNT, "default": ACCOUNT}}
BY_REFERENCE = {**ACCOUNT, "properties": {"password": {"$ref": "#/components/schemas/Secret"}}}


@pytest.mark.parametrize(
    "schema",
    [
        ACCOUNT,
        BY_REFERENCE,
        {"$ref": "#/components/schemas/Account"},
        {"$ref": "#/components/schemas/default"},
        {"allOf": [{"$ref": "#/components/schemas/Account"}, {"required": ["password"]}]},
        {"allOf": [{"properties": {"password": {"allOf": [SECRET]}}}], "required": ["password"]},
        {"oneOf": [{"$ref": "#/components/schemas/Account"}, {"type": "string"}]},
    ],
)
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_answers_are_without_write_only_properties(version, schema):
    paths = {"/a": {"get": {"operationId": "a", "responses": {"200": answering(schema)}}}}
    read = document(paths, components=SHARED, openapi=version)
    conformance, operation = Conformance(read), read.operations["a"]
    answers = [Answer(200, {"content-type": "application/json"}, body) for body in (
        b'{"id": 1}', b'{"id": 1, "password": "hunter2"}',
    )]  # fmt: skip
    assert conformance.faults(operation, answers[0]) == []
    (fault,) = conformance.faults(operation, answers[1])
    assert "hunter2" not in fault or "oneOf" in schema
