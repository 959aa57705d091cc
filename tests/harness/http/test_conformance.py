"""Compare responses with the documented responses of their operation."""

from typing import Any

import pytest

from statuspin.http.conformance import Conformance
from statuspin.http.exchange import Answer
from tests.harness.contract.samples import body_response, document

INTEGER = body_response({"type": "integer"})
PROBLEM = body_response({"type": "string"}, media_type="application/problem+json; charset=utf-8")
HEADERS = {
    "Retry-After": {"required": True, "schema": {"type": "integer", "minimum": 1}},
    "X-Share": {"schema": {"type": "number"}},
    "X-Whole": {"schema": {"type": "boolean"}},
    "X-Kind": {"$ref": "#/components/headers/Kind"},
}
KIND = {"headers": {"Kind": {"schema": {"enum": ["a", "b"]}}}}


def find_errors(
    responses: dict[str, Any], status: int, body: bytes = b"1", bodiless: bool = False, **headers: str
) -> list[str]:
    read = document({"/a": {"get": {"operationId": "a", "responses": responses}}}, components=KIND)
    response_headers = {
        "content-type": "application/json",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return Conformance(read).faults(read.operations["a"], Answer(status, response_headers, body), bodiless=bodiless)


@pytest.mark.parametrize(
    ("keys", "status", "is_documented"),
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
def test_a_status_is_documented_by_itself_its_class_or_the_default(keys, status, is_documented):
    responses = {key: {"description": key} for key in keys}
    read = document({"/a": {"get": {"operationId": "a", "responses": responses}}})
    found = Conformance(read).response_for(read.operations["a"], status)
    assert (found or {}).get("description") == is_documented
    expected = [] if is_documented else [f"status {status} is not documented"]
    assert find_errors(responses, status) == expected


@pytest.mark.parametrize(
    ("content", "media_type", "is_valid"),
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
def test_a_media_type_is_documented_by_itself_or_a_range(content, media_type, is_valid):
    found = find_errors({"200": {"description": "", "content": {content: {}}}}, 200, content_type=media_type)
    assert found == (
        [] if is_valid else [f"media type {media_type.lower() or 'no media type'} is not documented, only {content}"]
    )


@pytest.mark.parametrize(
    ("response", "body", "found"),
    [
        (INTEGER, b"1", []),
        (INTEGER, b'"a"', ['body: "a" is not of type "integer"']),
        (INTEGER, b"{", ["the body is not JSON"]),
        (INTEGER, b"", ["the body is not JSON"]),
        (body_response({"type": "null"}), b" null ", []),
        (INTEGER, b"null", ['body: null is not of type "integer"']),
        (body_response(False), b"1", ["body: False schema does not allow 1"]),
        ({"description": "no content is documented"}, b"anything", []),
        ({"description": "", "content": {"application/json": None}}, b"{", []),
    ],
)
def test_a_body_is_validated_by_its_schema(response, body, found):
    assert find_errors({"200": response}, 200, body) == found


def test_a_body_of_another_json_type_is_validated_by_its_schema():
    assert find_errors({"200": PROBLEM}, 200, b"1", content_type="application/problem+json") == [
        'body: 1 is not of type "string"'
    ]


@pytest.mark.parametrize("status", [204, 205, 304])
def test_a_status_without_a_body_needs_none(status):
    assert find_errors({str(status): INTEGER}, status, b"", content_type="") == []


def test_a_response_to_head_needs_no_body():
    assert find_errors({"200": INTEGER}, 200, b"", bodiless=True) == []
    assert find_errors({"200": {**INTEGER, "headers": HEADERS}}, 200, b"", bodiless=True) == [
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
def test_a_header_is_validated_by_its_schema(name, value, found):
    assert find_errors({"200": {**INTEGER, "headers": HEADERS}}, 200, **{"retry_after": "1", name: value}) == found


def test_only_a_missing_required_header_is_an_error():
    assert find_errors({"200": {**INTEGER, "headers": HEADERS}}, 200) == ["header Retry-After is missing"]


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        ("1".encode("utf-8-sig"), "UTF-8 with a byte order mark"),
        ("1".encode("utf-16"), "UTF-16 with a byte order mark"),
        ("[1]".encode("utf-16-le"), "UTF-16"),
        ("[1]".encode("utf-16-be"), "UTF-16"),
        ("[1]".encode("utf-32"), "UTF-32 with a byte order mark"),
        ("[1]".encode("utf-32-be"), "UTF-32"),
    ],
)
def test_json_in_another_encoding_is_an_error(body, encoding):
    reason = "JSON is UTF-8 without a byte order mark (RFC 8259, section 8.1)"
    assert find_errors({"200": INTEGER}, 200, body) == [f"the body is {encoding}; {reason}"]


@pytest.mark.parametrize("status", [204, 205, 304])
def test_a_body_of_a_status_without_a_body_is_an_error(status):
    assert find_errors({str(status): {}}, status, b"") == []
    assert find_errors({str(status): {}}, status, b"", content_length="0") == []
    assert find_errors({str(status): {}}, status, b"{}") == [f"a {status} must not have a body, but bytes follow it"]


def test_a_204_must_not_announce_a_body_and_a_304_may_have_a_content_length():
    announced = "a 204 must not have a body, but it announces one with"
    assert find_errors({"204": {}}, 204, b"", content_length="5") == [f"{announced} Content-Length: 5"]
    assert find_errors({"204": {}}, 204, b"", transfer_encoding="chunked") == [f"{announced} Transfer-Encoding"]
    assert find_errors({"304": {}}, 304, b"", content_length="5") == []


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
def test_responses_must_not_contain_write_only_properties(version, schema):
    paths = {"/a": {"get": {"operationId": "a", "responses": {"200": body_response(schema)}}}}
    read = document(paths, components=SHARED, openapi=version)
    conformance, operation = Conformance(read), read.operations["a"]
    answers = [Answer(200, {"content-type": "application/json"}, body) for body in (
        b'{"id": 1}', b'{"id": 1, "password": "hunter2"}',
    )]  # fmt: skip
    assert conformance.faults(operation, answers[0]) == []
    (error,) = conformance.faults(operation, answers[1])
    assert "hunter2" not in error or "oneOf" in schema
