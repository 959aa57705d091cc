"""An OpenAPI document: which it takes, its operations, its references."""

from pathlib import Path

import pytest

from statuspin.contract.document import Document
from statuspin.errors import CannotRun
from tests.harness.contract.samples import document, operation, raw


@pytest.mark.parametrize("version", ["3.0.0", "3.0.3", "3.1.0", "3.1.1", "3.2.0"])
def test_every_openapi_3_is_taken(version):
    read = document({"/a": {"get": operation("a")}}, version=version)
    assert list(read.operations) == ["a"]
    assert read.is_3_0 == version.startswith("3.0")
    assert (read.title, read.release) == ("Sample", "1.0.0")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"swagger": "2.0", "paths": {}}, "no OpenAPI 3 document: it has no member `openapi`; convert it to 3.x first"),
        ({"openapi": "2.0"}, "it says openapi: 2.0; convert it to 3.x first"),
        ({"openapi": 4}, "it says openapi: 4"),
        ({"hello": 1}, "it has no member `openapi`"),
        ({"openapi": "3.1.0", "paths": []}, "`paths` and `info` have to be objects"),
        ({"openapi": "3.1.0", "info": None}, "`paths` and `info` have to be objects"),
    ],
)
def test_anything_else_is_refused_with_what_it_is(given, said):
    with pytest.raises(CannotRun) as caught:
        Document(given, "spec.json")
    assert str(caught.value).startswith("spec.json: ")
    assert said in str(caught.value)


def test_two_operations_with_one_id_are_named_both():
    read = document({"/a": {"get": operation("same")}, "/b": {"post": operation("same")}})
    with pytest.raises(CannotRun, match="GET /a and POST /b have one operationId, 'same'"):
        _ = read.operations


def test_an_operation_without_an_id_goes_by_method_and_path():
    read = document({"/a/{b}": {"get": {"responses": {}}, "delete": operation("remove")}})
    assert {name: each.label for name, each in read.operations.items()} == {
        "GET /a/{b}": "GET /a/{b}", "remove": "DELETE /a/{b}",
    }  # fmt: skip


def test_a_path_item_may_be_a_reference():
    item = {"get": operation("a"), "parameters": [{"name": "q", "in": "query"}]}
    read = document({"/a": {"$ref": "#/components/pathItems/A"}}, components={"pathItems": {"A": item}})
    assert read.operations["a"].item == item


def test_members_of_a_path_that_are_no_operations_are_left_aside():
    read = document({"/a": {"get": operation("a"), "summary": "x", "servers": []}, "x-more": {"get": operation("b")}})
    assert list(read.operations) == ["a"]


@pytest.mark.parametrize(
    ("reference", "leads_to"),
    [
        ("#/components/schemas/A", {"type": "string"}),
        ("#/components/schemas/B", {"type": "string"}),
        ("#/components/schemas/a~1b~0c", {"type": "integer"}),
        ("#/components/schemas/a%2Fb", {}),
        ("#/components/schemas/With%20space", {"type": "null"}),
        ("#/paths/~1a~1{b}/get/tags/1", "second"),
        ("#/paths/~1a~1%7Bb%7D/get/tags/1", "second"),
        ("#/paths/~1a~1{b}/get/tags/9", {}),
        ("#/components/schemas/None", {}),
        ("#/components/schemas/A/type/deeper", {}),
        ("#/components/schemas/Self", {}),
        ("#/components/schemas/Ping", {}),
        ("other.yaml#/A", {}),
        ("https://example.com/a.yaml", {}),
    ],
)
def test_a_reference_resolves_or_is_empty(reference, leads_to):
    schemas = {
        "A": {"type": "string"},
        "B": {"$ref": "#/components/schemas/A", "description": "left aside"},
        "a/b~c": {"type": "integer"},
        "With space": {"type": "null"},
        "Self": {"$ref": "#/components/schemas/Self"},
        "Ping": {"$ref": "#/components/schemas/Pong"},
        "Pong": {"$ref": "#/components/schemas/Ping"},
    }
    read = document({"/a/{b}": {"get": operation("a", tags=["first", "second"])}}, components={"schemas": schemas})
    assert read.resolve({"$ref": reference}) == leads_to


@pytest.mark.parametrize("name", ["openapi.yaml", "openapi.yml", "openapi.json"])
def test_a_folder_stands_for_its_document(tmp_path: Path, name):
    (tmp_path / name).write_text(str(raw({})).replace("'", '"'))
    assert Document.read(tmp_path).name == str(tmp_path / name)


def test_a_folder_without_a_document_is_named(tmp_path: Path):
    with pytest.raises(CannotRun, match=r"the folder holds no openapi\.yaml"):
        Document.read(tmp_path)
