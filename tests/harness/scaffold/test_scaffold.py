"""A first pins.yaml has no row that a server in order would break."""

from typing import Any

import pytest
import yaml

from statuspin.contract.document import Document
from statuspin.scaffold.pins import scaffold
from tests.harness.contract.samples import raw

SECURED = {
    "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    "security": [{"token": []}],
}


def operation(name: str, *statuses: str, **parts: Any) -> dict[str, Any]:
    return {"operationId": name, "responses": {status: {"description": status} for status in statuses}, **parts}


def write(item: dict[str, Any], path: str = "/pets", **parts: Any) -> tuple[dict[str, Any], str]:
    """Return the pins of the first operation, and the text of the file."""
    text = scaffold(Document({**raw({path: item}), **parts}))
    (pins,) = yaml.safe_load(text)["pins"].values()
    return pins, text


def parameter(name: str, place: str, schema: dict[str, Any], **parts: Any) -> dict[str, Any]:
    return {"name": name, "in": place, "required": True, "schema": schema, **parts}


def test_a_success_needs_a_resource_if_the_path_has_a_parameter() -> None:
    found = parameter("id", "path", {"type": "integer"})

    pins, text = write({"get": operation("get_pet", "200", "404", parameters=[found])}, "/pets/{id}")

    assert [row["answer"] for row in pins["rows"]] == [404]
    assert "# - {actor: anonymous, answer: 200}  # if `request` names something that exists" in text


def test_a_success_needs_no_resource_if_the_path_has_a_closed_list_of_values() -> None:
    found = parameter("kind", "path", {"enum": ["cat", "dog"]})

    pins, _ = write({"get": operation("list_kind", "200", parameters=[found])}, "/pets/{kind}")

    assert pins == {"request": {"path": {"kind": "cat"}}, "rows": [{"actor": "any", "answer": 200}]}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "array", "items": {"enum": ["available", "sold"]}}, ["available"]),
        ({"type": "array", "items": {"type": "string"}, "minItems": 2}, ["x", "x"]),
        ({"type": "array", "items": {"type": "string"}, "maxItems": 0}, []),
        ({"type": "array"}, []),
    ],
)
def test_a_required_array_has_an_item(schema: dict[str, Any], value: list[str]) -> None:
    pins, _ = write({"get": operation("find", "200", parameters=[parameter("status", "query", schema)])})

    assert pins["request"] == {"query": {"status": value}}


def test_a_secured_operation_gets_a_row_without_credentials_if_it_names_401() -> None:
    named, _ = write({"get": operation("list_pets", "200", "401")}, **SECURED)
    unnamed, _ = write({"get": operation("list_pets", "200")}, **SECURED)

    assert named["rows"] == [{"actor": "anonymous", "answer": 401}, {"actor": "caller", "answer": 200}]
    assert unnamed["rows"] == [{"actor": "caller", "answer": 200}]


@pytest.mark.parametrize("media_type", ["application/x-www-form-urlencoded", "multipart/form-data", "application/json"])
def test_a_body_without_its_read_only_properties_in_each_media_type(media_type: str) -> None:
    properties = {"id": {"type": "integer", "readOnly": True}, "name": {"type": "string"}}
    schema = {"type": "object", "required": ["id", "name"], "properties": properties}
    body = {"content": {media_type: {"schema": schema}}}

    pins, _ = write({"post": operation("create_pet", "201", requestBody=body)})

    assert pins["request"] == {"body": {"name": "x"}}


def test_the_end_of_the_callers_own_account_stays_a_comment() -> None:
    pins, text = write({"delete": operation("delete_me", "204")}, "/users/me", **SECURED)

    assert pins["rows"] == []
    assert "# - {actor: caller, answer: 204}" in text
    assert "fuzz: {skip: [delete_me], " in text


@pytest.mark.parametrize(
    ("statuses", "assumed"),
    [
        (("200", "422"), {"malformed id": False, "no JSON": False}),
        (("200", "422", "400"), {"malformed id": True, "no JSON": True}),
        (("200", "400", "404"), {"malformed id": True, "no JSON": False, "unknown id": True}),
    ],
)
def test_a_row_is_assumed_if_another_documented_status_is_as_good(statuses: tuple[str, ...], assumed: dict[str, bool]):
    found = parameter("id", "path", {"type": "integer"})
    body = {"content": {"application/json": {"schema": {"type": "object"}}}}

    pins, _ = write({"put": operation("put_pet", *statuses, parameters=[found], requestBody=body)}, "/pets/{id}")

    assert {row["input"]: row.get("assumed", False) for row in pins["rows"] if "input" in row} == assumed


@pytest.mark.parametrize(("statuses", "assumed"), [(("200", "401"), False), (("200", "401", "403"), True)])
def test_401_is_assumed_if_the_operation_documents_403(statuses: tuple[str, ...], assumed: bool) -> None:
    pins, _ = write({"get": operation("list_pets", *statuses)}, **SECURED)

    assert pins["rows"][0] == {"actor": "anonymous", "answer": 401, **({"assumed": True} if assumed else {})}


def test_405_is_not_expected_of_a_method_that_another_path_has() -> None:
    paths = {
        "/users/me": {"get": operation("get_me", "200", "405")},
        "/users/{id}": {"put": operation("put_user", "200"), "post": operation("post_user", "200")},
    }

    rows = yaml.safe_load(scaffold(Document(raw(paths))))["pins"]["get_me"]["rows"]

    assert [row["with"]["method"] for row in rows if row["answer"] == 405] == ["PATCH"]


@pytest.mark.parametrize("place", ["query", "header", "body", "none"])
def test_a_success_is_assumed_if_the_request_has_values_that_are_made_up(place: str) -> None:
    body = {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}}
    sent = {"parameters": [parameter("client", place, {"type": "string"})]}
    parts = {"none": {}, "body": body}.get(place, sent)

    pins, _ = write({"post": operation("create_token", "200", "422", **parts)})

    assert pins["rows"][0].get("assumed", False) is (place != "none")
