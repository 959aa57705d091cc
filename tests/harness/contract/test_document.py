"""OpenAPI documents: their versions, operations and references."""

from pathlib import Path

import pytest

from statuspin.contract.document import Document
from statuspin.errors import CannotRun
from tests.harness.contract.samples import document, operation, raw


@pytest.mark.parametrize("version", ["3.0.0", "3.0.3", "3.1.0", "3.1.1", "3.2.0"])
def test_every_openapi_3_is_accepted(version):
    read = document({"/a": {"get": operation("a")}}, version=version)
    assert list(read.operations) == ["a"]
    assert read.is_3_0 == version.startswith("3.0")
    assert (read.title, read.release) == ("Sample", "1.0.0")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            {"swagger": "2.0", "paths": {}},
            "not an OpenAPI 3 document: it is Swagger 2.0; convert it to OpenAPI 3 first",
        ),
        ({"openapi": "2.0"}, "it says openapi: 2.0; use version 3.0, 3.1 or 3.2"),
        ({"openapi": 4}, "it says openapi: 4"),
        ({"hello": 1}, "it has no member `openapi`"),
        ({"openapi": "3.1.0", "paths": []}, "paths: an object is expected, not a list"),
        ({"openapi": "3.1.0", "info": None, "paths": {}}, "info: an object is expected, not null"),
    ],
)
def test_other_documents_are_rejected_with_the_reason(content, message):
    with pytest.raises(CannotRun) as raised:
        Document(content, "spec.json")
    assert str(raised.value).startswith("spec.json: ")
    assert message in str(raised.value)


def test_a_second_operation_with_the_same_id_is_named_by_method_and_path():
    read = document({"/a": {"get": operation("same")}, "/b": {"post": operation("same")}})
    assert {name: each.label for name, each in read.operations.items()} == {"same": "GET /a", "POST /b": "POST /b"}
    assert [(first.label, second.label) for first, second in read.duplicates] == [("GET /a", "POST /b")]


def test_an_error_if_two_paths_differ_only_in_the_name_of_a_parameter():
    item = {"get": operation("a"), "parameters": []}
    with pytest.raises(CannotRun, match=r"paths → /a/\{c\}: is the same path as /a/\{b\}, and both have GET"):
        document({"/a/{b}": item, "/a/{c}": {"get": operation("b")}})
    assert list(document({"/a/{b}": item, "/a/{c}": {"put": operation("b")}}).operations) == ["a", "b"]


def test_methods_of_openapi_3_2_are_operations():
    item = {"query": operation("search"), "additionalOperations": {"COPY": operation("copy")}}
    read = document({"/a": item}, version="3.2.0")
    assert {name: each.label for name, each in read.operations.items()} == {"search": "QUERY /a", "copy": "COPY /a"}


def test_an_operation_may_be_a_reference():
    read = document({"/a": {"get": {"$ref": "#/x-operations/a"}}}, **{"x-operations": {"a": operation("a")}})
    assert read.operations["a"].raw == operation("a")


def test_an_operation_without_an_id_is_named_by_method_and_path():
    read = document({"/a/{b}": {"get": {"responses": {}}, "delete": operation("remove")}})
    assert {name: each.label for name, each in read.operations.items()} == {
        "GET /a/{b}": "GET /a/{b}", "remove": "DELETE /a/{b}",
    }  # fmt: skip


def test_a_path_item_may_be_a_reference():
    item = {"get": operation("a"), "parameters": [{"name": "q", "in": "query"}]}
    read = document({"/a": {"$ref": "#/components/pathItems/A"}}, components={"pathItems": {"A": item}})
    assert read.operations["a"].item == item


def test_other_members_of_a_path_are_ignored():
    read = document({"/a": {"get": operation("a"), "summary": "x", "servers": []}, "x-more": {"get": operation("b")}})
    assert list(read.operations) == ["a"]


@pytest.mark.parametrize(
    ("reference", "leads_to"),
    [
        ("#/components/schemas/A", {"type": "string"}),
        ("#/components/schemas/B", {"type": "string"}),
        ("#/components/schemas/a~1b~0c", {"type": "integer"}),
        ("#/components/schemas/With%20space", {"type": "null"}),
        ("#/paths/~1a~1{b}/get/tags/1", "second"),
        ("#/paths/~1a~1%7Bb%7D/get/tags/1", "second"),
    ],
)
def test_a_reference_resolves(reference, leads_to):
    schemas = {
        "A": {"type": "string"},
        "B": {"$ref": "#/components/schemas/A", "description": "left aside"},
        "a/b~c": {"type": "integer"},
        "With space": {"type": "null"},
    }
    read = document({"/a/{b}": {"get": operation("a", tags=["first", "second"])}}, components={"schemas": schemas})
    assert read.resolve({"$ref": reference}) == leads_to


@pytest.mark.parametrize("name", ["openapi.yaml", "openapi.yml", "openapi.json"])
def test_a_folder_stands_for_its_document(tmp_path: Path, name):
    (tmp_path / name).write_text(str(raw({})).replace("'", '"'))
    assert Document.read(tmp_path).name == str(tmp_path / name)


def test_a_folder_without_a_document_is_named(tmp_path: Path):
    with pytest.raises(CannotRun, match=r"the folder has no openapi\.yaml"):
        Document.read(tmp_path)
