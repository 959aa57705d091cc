import pytest

from statuspin.diff import compare
from statuspin.findings import Severity
from tests.harness.diff.specs import (
    INTEGER,
    STRING,
    answers,
    changes,
    json_response,
    obj,
    received,
    rules,
    sent,
    spec,
    takes,
)

PLACES = [
    (
        "request body",
        sent(obj(user_response=STRING | {"maxLength": 5000})),
        sent(obj(user_response=STRING | {"maxLength": 4000})),
        ("request-bound-narrowed", "request body · user_response", "maxLength 5000", "maxLength 4000"),
    ),
    (
        "response",
        answers({"404": json_response(obj(data=obj(status={"const": "a"})))}),
        answers({"404": json_response(obj(data=obj(status={"const": "b"})))}),
        ("response-const-changed", "response 404 · data.status", '"a"', '"b"'),
    ),
    (
        "parameter",
        takes({"schema": STRING}),
        takes({"schema": INTEGER}),
        ("request-type-changed", "query parameter page", "string", "integer"),
    ),
    (
        "elements",
        received({"type": "array", "items": obj(a=STRING)}),
        received({"type": "array", "items": obj(a=INTEGER)}),
        ("response-type-changed", "response 200 · [].a", "string", "integer"),
    ),
    (
        "whole body",
        received(STRING),
        received({"type": ["string", "null"]}),
        ("response-newly-nullable", "response 200", "never null", "null accepted"),
    ),
    (
        "variant",
        received({"anyOf": [obj(k={"const": "cat"}, a=STRING), STRING]}),
        received({"anyOf": [obj(k={"const": "cat"}, a=INTEGER), STRING]}),
        ("response-type-changed", "response 200 · <cat>.a", "string", "integer"),
    ),
    (
        "media type",
        answers({"200": {"content": {"a/b": {"schema": STRING}, "a/c": {}}}}),
        answers({"200": {"content": {"a/b": {"schema": INTEGER}, "a/c": {}}}}),
        ("response-type-changed", "response 200 (a/b)", "string", "integer"),
    ),
    (
        "header",
        answers({"200": {"headers": {"X-Total": {"schema": STRING}}}}),
        answers({"200": {}}),
        ("response-header-removed", "response 200 · header x-total", "sent", "removed"),
    ),
    (
        "status",
        answers("200 404"),
        answers("200 403"),
        ("error-status-exchanged", "response 404", "404", "403"),
    ),
]


@pytest.mark.parametrize(("old", "new", "change"), [pytest.param(*row[1:], id=row[0]) for row in PLACES])
def test_a_finding_has_the_place_and_the_values_before_and_after(old, new, change):
    assert changes(old, new) == [change]


def test_a_finding_has_a_message_and_a_reason():
    (finding,) = compare(answers("200 404"), answers("200 403")).findings
    assert finding.operation == "get_things"
    assert finding.severity is Severity.ERROR
    assert finding.message == "The status 404 was replaced by 403."
    assert finding.why == "Clients that act on the old status take the wrong branch on the new one."


def test_braces_in_a_contract_are_text():
    (finding,) = compare(sent(STRING | {"pattern": "a"}), sent(STRING | {"pattern": "{place} {0} {}"})).findings
    assert finding.message == "Request body has to match {place} {0} {}, not a."


def test_an_operation_without_an_id_is_named_by_method_and_path():
    paths = {"/a/{id}": {"get": {"responses": {"200": {"description": ""}}}}}
    (finding,) = compare(spec(paths=paths), spec(paths={})).findings
    assert (finding.operation, finding.message) == ("GET /a/{id}", "GET /a/{id} was removed, and its whole path.")


def _with_path(path, name, schema, *, of_the_item=False):
    parameters = {"parameters": [{"name": name, "in": "path", "required": True, "schema": schema}]}
    get = {"operationId": "get_a", "responses": {"200": {"description": ""}}}
    item = {"get": get} | parameters if of_the_item else {"get": get | parameters}
    return spec(paths={path: item})


def test_a_path_parameter_may_be_renamed_or_moved_to_the_path():
    old = _with_path("/a/{id}", "id", STRING)
    assert changes(old, _with_path("/a/{key}", "key", STRING, of_the_item=True)) == []
    assert changes(old, _with_path("/a/{key}", "key", INTEGER, of_the_item=True)) == [
        ("request-type-changed", "path parameter key", "string", "integer")
    ]


def test_a_parameter_of_the_operation_overrides_that_of_the_path():
    item = {"parameters": [{"name": "page", "in": "query", "schema": INTEGER}]}
    whole = takes({"schema": STRING}).raw["paths"]["/things"]
    assert changes(spec(paths={"/things": whole | item}), takes({"schema": STRING})) == []


def test_descriptions_are_no_change():
    old = sent(obj(a=STRING | {"description": "a", "example": "x", "title": "A", "x-order": 1}))
    assert changes(old, sent(obj(a=STRING | {"description": "b", "examples": ["y"]}))) == []


def test_a_shared_schema_is_reported_for_each_operation_and_response():
    def both(schema):
        responses = {code: json_response({"$ref": "#/components/schemas/A"}) for code in ("200", "404")}
        paths = {path: {"get": {"responses": responses}} for path in ("/a", "/b")}
        return spec(
            paths=paths, components={"schemas": {"A": obj(one=schema, other={"$ref": "#/components/schemas/A"})}}
        )

    found = [(each.operation, each.place) for each in compare(both(STRING), both(INTEGER)).findings]
    assert found == [
        (operation, f"response {code} · one") for operation in ("GET /a", "GET /b") for code in ("200", "404")
    ]


@pytest.mark.parametrize("keyword", ["x-samples", "default", "const", "example"])
def test_a_reference_within_a_value_is_not_followed(keyword):
    document = received({"type": "object", keyword: {"code": {"$ref": "samples/python.yml"}}})
    operation = spec({"x-samples": [{"source": {"$ref": "samples/python.yml"}}]})

    assert rules(document, document) == []
    assert rules(operation, operation) == []
