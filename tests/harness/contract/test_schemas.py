"""Validation by schemas."""

import pytest

from statuspin.contract.schemas import Schemas, convert_from_3_0
from statuspin.errors import CannotRun
from tests.harness.contract.samples import body_response, document


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "string", "nullable": False}, {"type": "string"}),
        ({"type": "string", "nullable": True, "enum": ["a"]}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"allOf": [{}], "nullable": True}, {"anyOf": [{"allOf": [{}]}, {"type": "null"}]}),
        ({"nullable": True}, {}),
        ({"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        ({"maximum": 9, "exclusiveMaximum": True}, {"exclusiveMaximum": 9}),
        ({"minimum": 1, "exclusiveMinimum": False}, {"minimum": 1}),
        ({"properties": {"nullable": {"type": "boolean"}}}, {"properties": {"nullable": {"type": "boolean"}}}),
        ({"items": [{"type": "integer", "nullable": True}]}, {"items": [{"type": ["integer", "null"]}]}),
    ],
)  # fmt: skip
def test_a_schema_of_3_0_is_converted_to_3_1(old, new):
    assert convert_from_3_0(old) == new


NODE = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "integer", "minimum": 1},
        "next": {"$ref": "#/components/schemas/Node"},
        "born": {"type": "string", "format": "date"},
        "kind": {"oneOf": [{"const": "a"}, {"const": "b"}]},
    },
}


@pytest.mark.parametrize(
    ("value", "faults"),
    [
        ({"id": 1}, []),
        ({"id": 1, "next": {"id": 2, "next": {"id": 3}}}, []),
        ({"id": 1, "next": {"id": 2, "next": {"id": 0}}}, ["next.next.id: 0 is less than the minimum of 1"]),
        ({}, ['"id" is a required property']),
        ([], ['[] is not of type "object"']),
        ({"id": 1, "born": "yesterday"}, ['born: "yesterday" is not a "date"']),
        ({"id": 1, "kind": "c"}, ["kind: \"c\" is not valid under any of the schemas listed in the 'oneOf' keyword"]),
    ],
)
def test_a_validation_error_names_its_place(value, faults):
    schemas = Schemas(document({}, components={"schemas": {"Node": NODE}}))
    assert schemas.faults({"$ref": "#/components/schemas/Node"}, value) == faults


def test_a_long_value_is_cut_in_the_message():
    fault = Schemas(document({})).faults({"maxLength": 3}, "x" * 5000)[0]
    assert len(fault) < 200
    assert " … " in fault


def test_a_document_of_3_0_accepts_null_only_if_nullable():
    old = document({}, version="3.0.3", components={"schemas": {"A": {"type": "string", "nullable": True}}})
    assert Schemas(old).faults({"$ref": "#/components/schemas/A"}, None) == []
    assert Schemas(old).faults({"type": "string"}, None) == ['null is not of type "string"']


@pytest.mark.parametrize(("schema", "value", "sound"), [(True, 1, True), (False, 1, False), ({}, 1, True)])
def test_a_schema_may_be_a_boolean(schema, value, sound):
    assert (not Schemas(document({})).faults(schema, value)) == sound


def test_a_schema_may_refer_to_a_schema_in_a_path():
    paths = {"/a": {"get": {"responses": {"200": body_response({"type": "integer"})}}}}
    schema = {"$ref": "#/paths/~1a/get/responses/200/content/application~1json/schema"}
    assert Schemas(document(paths)).faults(schema, "a") == ['"a" is not of type "integer"']


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/components/schemas/None"},
        {"$ref": "https://127.0.0.1:1/a.json"},
        {"pattern": "("},
        {"type": "text"},
    ],
    ids=["nowhere", "outside", "pattern", "type"],
)
def test_an_invalid_schema_is_one_line(schema):
    with pytest.raises(CannotRun, match=r"^openapi\.yaml: a schema cannot be used: [^\n]+$"):
        Schemas(document({})).faults(schema, {"a": 1})
