"""The structure of a document is checked when it is read, before any command uses it."""

from typing import Any

import pytest

from statuspin.contract.document import Document
from statuspin.errors import CannotRun


def document(**more: Any) -> Document:
    return Document({"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {}, **more}, "spec.yaml")


def schema(**keywords: Any) -> dict[str, Any]:
    return {"components": {"schemas": {"A": keywords}}}


MALFORMED = [
    ({"paths": []}, "paths: an object is expected, not a list"),
    ({"paths": {"/a": None}}, "paths → /a: an object is expected, not null"),
    ({"paths": {"/a": {"get": "x"}}}, "paths → /a → get: an object is expected, not a string"),
    ({"paths": {"/a": {"parameters": {"id": 1}}}}, "paths → /a → parameters: a list is expected, not an object"),
    ({"paths": {"/a": {"parameters": [{"in": "query"}]}}}, "paths → /a → parameters → 0: `name` is missing"),
    (
        {"paths": {"/a": {"parameters": [{"name": 1, "in": "query"}]}}},
        "paths → /a → parameters → 0 → name: a string is expected, not 1; put it in quotes",
    ),
    ({"paths": {"/a": {"get": {"responses": [1]}}}}, "paths → /a → get → responses: an object is expected, not a list"),
    (
        {"components": {"schemas": {"A": None}}},
        "components → schemas → A: an object, true or false is expected, not null",
    ),
    (schema(allOf=1), "components → schemas → A → allOf: a list is expected, not 1"),
    (schema(properties=[]), "components → schemas → A → properties: an object is expected, not a list"),
    (
        schema(items="x"),
        "components → schemas → A → items: an object, true or false or a list is expected, not a string",
    ),
    (
        schema(type=["string", None]),
        "components → schemas → A → type → 1: a string is expected, not null; put it in quotes",
    ),
    (schema(type=None), "components → schemas → A → type: a string or a list is expected, not null; put it in quotes"),
    (schema(multipleOf=0), "components → schemas → A → multipleOf: a number above 0 is expected, not 0"),
    (
        schema(minLength=float("inf")),
        "components → schemas → A → minLength: a number from 0 upwards is expected, not inf",
    ),
    (schema(**{"$ref": 5}), "components → schemas → A → $ref: a string is expected, not 5; put it in quotes"),
    (schema(**{"$ref": None}), "components → schemas → A → $ref: a string is expected, not null; put it in quotes"),
    (
        {"components": {"responses": {"A": {"$ref": None}}}},
        "components → responses → A → $ref: a string is expected, not null; put it in quotes",
    ),
    (
        {"paths": {"/a": {"$ref": ["#"]}}},
        "paths → /a → $ref: a string is expected, not a list",
    ),
    (
        schema(**{"$schema": 1, "$id": "/a"}),
        "components → schemas → A → $schema: a string is expected, not 1; put it in quotes",
    ),
    ({"servers": {"url": "x"}}, "servers: a list is expected, not an object"),
    ({"security": [{"x-key": 1}]}, "security → 0 → x-key: a list is expected, not 1"),
    ({"paths": {"users": {}}}, "paths → users: the name has to start with /"),
    ({"security": [["key"]]}, "security → 0: an object is expected, not a list"),
]


@pytest.mark.parametrize(("content", "message"), MALFORMED)
def test_an_error_with_the_place_if_a_value_has_another_type(content, message):
    with pytest.raises(CannotRun) as raised:
        document(**content)
    assert str(raised.value) == f"spec.yaml: {message}"


TAKEN = [
    ("an empty media type", {"paths": {"/a": {"get": {"responses": {"200": {"content": {"text/html": None}}}}}}}),
    ("components with nothing behind them", {"components": {"schemas": None}}),
    ("no paths", {"paths": None, "servers": None, "security": None}),
    ("no responses", {"paths": {"/a": {"get": {"responses": None, "requestBody": {"content": None}}}}}),
    ("scalars with nothing behind them", schema(pattern=None, format=None, required=None, maxLength=None)),
    ("a scheme without scopes", {"security": [{"key": None}]}),
    ("extensions", {"x-a": 1, "paths": {"x-b": 2, "/a": {"x-c": 3, "get": {"responses": {"x-d": 4}}}}}),
    ("a required flag as older drafts have it", schema(required=True)),
    ("true and false", schema(additionalProperties=False, items=True)),
    ("unknown keywords", schema(madeUp=[1])),
    ("examples in any form", {"components": {"schemas": {}, "examples": []}}),
]


@pytest.mark.parametrize("content", [pytest.param(row[1], id=row[0]) for row in TAKEN])
def test_irregularities_of_real_documents_are_accepted(content):
    document(**content)


def test_a_name_without_a_value_is_ignored():
    read = document(paths={"/a": {"get": {"security": None, "responses": None}}}, components={"schemas": None})
    assert (read.raw["paths"]["/a"], read.raw["components"]) == ({"get": {}}, {})
    assert sorted(read.empty) == [
        ("components", "schemas"),
        ("paths", "/a", "get", "responses"),
        ("paths", "/a", "get", "security"),
    ]


@pytest.mark.parametrize(
    ("version", "named"), [("3.0.3", "`paths`"), ("3.1.0", "`paths` or `webhooks` or `components`")]
)
def test_an_error_if_the_paths_are_misspelled(version, named):
    with pytest.raises(CannotRun) as raised:
        Document({"openapi": version, "info": {"title": "T", "version": "1"}, "path": {}}, "spec.yaml")
    assert str(raised.value) == f"spec.yaml: not an OpenAPI document: it has no {named}"


def test_an_extension_may_have_a_member_that_is_named_like_the_dialect():
    data = {"components": {"schemas": {"A": {"$id": "/a"}}}, "x-form": {"$schema": {"title": "A form"}}}
    assert document(**data).raw["x-form"] == {"$schema": {"title": "A form"}}
