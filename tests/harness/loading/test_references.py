"""References to other files, to anchors and to missing values. Reading turns each into a pointer within it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from statuspin.contract.document import Document
from statuspin.errors import CannotRun

HEAD = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}}


def body_response(schema: Any) -> dict[str, Any]:
    """Return an operation with a response of a schema."""
    return {"responses": {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}}


def read(folder: Path, files: dict[str, Any], **document: Any) -> Document:
    """Write a document and other files to a folder, and read the document."""
    for name, content in {"openapi.yaml": HEAD | {"paths": {}} | document, **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False))
    return Document.read(folder)


def resolve_all(document: Document, node: Any, depth: int = 8) -> Any:
    """Return a value of the document with its references resolved."""
    node = document.resolve(node)
    if isinstance(node, dict):
        return {name: resolve_all(document, child, depth - 1) for name, child in node.items()} if depth else {}
    return [resolve_all(document, child, depth) for child in node] if isinstance(node, list) else node


def schema_of(document: Document, path: str = "/a") -> Any:
    """Return the schema of the response of GET."""
    (operation,) = (each for each in document.operations.values() if each.path == path)
    response = document.resolve(operation.raw["responses"]["200"])
    return resolve_all(document, response["content"]["application/json"]["schema"])


STRING = {"type": "string"}
OTHER_FILES = [
    ("a file", "pet.yaml", {"pet.yaml": STRING}),
    ("JSON", "pet.json", {"pet.json": '{"type": "string"}'}),
    ("a place in a file", "all.yaml#/Pet", {"all.yaml": {"Pet": STRING}}),
    (
        "another document",
        "all.yaml#/components/schemas/Pet",
        {"all.yaml": {"components": {"schemas": {"Pet": STRING}}}},
    ),
    ("a folder", "schemas/pet.yaml", {"schemas/pet.yaml": STRING}),
    ("relative to its file", "one/a.yaml", {"one/a.yaml": {"$ref": "../two/b.yaml"}, "two/b.yaml": STRING}),
    ("back", "a.yaml", {"a.yaml": {"$ref": "openapi.yaml#/components/schemas/Pet"}}),
    ("within its file", "a.yaml#/A", {"a.yaml": {"A": {"$ref": "#/B"}, "B": STRING}}),
    ("an anchor", "a.yaml#pet", {"a.yaml": {"$defs": {"P": STRING | {"$anchor": "pet"}}}}),
    ("an $id", "https://example.com/pet", {}),
    ("an anchor of components", "#pet", {}),
    ("a name that is quoted", "with%20space.yaml#/a~1b", {"with space.yaml": {"a/b": STRING}}),
]


@pytest.mark.parametrize(("reference", "files"), [pytest.param(*row[1:], id=row[0]) for row in OTHER_FILES])
def test_a_reference_to_another_file_is_resolved(tmp_path: Path, reference, files):
    known = {
        "Pet": STRING,
        "Named": STRING | {"$id": "https://example.com/pet"},
        "Anchored": STRING | {"$anchor": "pet"},
    }
    document = read(
        tmp_path, files, paths={"/a": {"get": body_response({"$ref": reference})}}, components={"schemas": known}
    )
    assert schema_of(document) == STRING


KINDS = [
    ("a path item", {"/a": {"$ref": "p.yaml"}}, {"p.yaml": {"get": body_response(STRING)}}),
    ("an operation", {"/a": {"get": {"$ref": "o.yaml"}}}, {"o.yaml": body_response(STRING)}),
    (
        "responses",
        {"/a": {"get": {"responses": {"$ref": "r.yaml"}}}},
        {"r.yaml": body_response(STRING)["responses"]},
    ),
    (
        "a response",
        {"/a": {"get": {"responses": {"200": {"$ref": "r.yaml"}}}}},
        {"r.yaml": body_response({"$ref": "s.yaml"})["responses"]["200"], "s.yaml": STRING},
    ),
]


@pytest.mark.parametrize(("paths", "files"), [pytest.param(*row[1:], id=row[0]) for row in KINDS])
def test_every_part_of_a_document_may_be_in_another_file(tmp_path: Path, paths, files):
    assert schema_of(read(tmp_path, files, paths=paths)) == STRING


def test_parameters_bodies_headers_and_examples_may_be_in_other_files(tmp_path: Path):
    operation = {
        "parameters": [{"$ref": "p.yaml"}],
        "requestBody": {"$ref": "b.yaml"},
        "responses": {"200": {"description": "", "headers": {"x-a": {"$ref": "h.yaml"}}}},
    }
    files = {
        "p.yaml": {"name": "q", "in": "query", "schema": STRING},
        "b.yaml": {"content": {"text/plain": {"schema": STRING, "examples": {"e": {"$ref": "e.yaml"}}}}},
        "h.yaml": {"schema": STRING},
        "e.yaml": {"value": "a"},
    }
    document = read(tmp_path, files, paths={"/a": {"post": operation}})
    found = resolve_all(document, document.operations["POST /a"].raw)
    assert found["parameters"] == [files["p.yaml"]]
    assert found["requestBody"]["content"]["text/plain"]["examples"] == {"e": {"value": "a"}}
    assert found["responses"]["200"]["headers"] == {"x-a": files["h.yaml"]}


def test_components_keep_their_names(tmp_path: Path):
    components = {"schemas": {"Pet": {"$ref": "pet.yaml"}, "Dog": {"$ref": "all.yaml#/Pet"}}}
    document = read(tmp_path, {"pet.yaml": STRING, "all.yaml": {"Pet": {"type": "integer"}}}, components=components)
    assert document.raw["components"] == {"schemas": {"Pet": STRING, "Dog": {"type": "integer"}}}


def test_mutually_recursive_schemas_across_files_are_read(tmp_path: Path):
    one = {"properties": {"two": {"$ref": "two.yaml"}}}
    two = {"properties": {"one": {"$ref": "one.yaml"}}}
    document = read(
        tmp_path, {"one.yaml": one, "two.yaml": two}, paths={"/a": {"get": body_response({"$ref": "one.yaml"})}}
    )
    assert document.raw["components"]["schemas"] == {
        "one": {"properties": {"two": {"$ref": "#/components/schemas/two"}}},
        "two": {"properties": {"one": {"$ref": "#/components/schemas/one"}}},
    }


def test_a_callback_may_refer_to_the_path_that_holds_it():
    callback = {"done": {"{$request.body#/url}": {"$ref": "#/paths/~1a"}}}
    document = Document(HEAD | {"paths": {"/a": {"post": {"callbacks": callback, "responses": {}}}}})
    assert list(document.operations) == ["POST /a"]


def test_properties_may_be_a_reference(tmp_path: Path):
    schema = {"properties": {"$ref": "p.yaml"}}
    assert schema_of(
        read(tmp_path, {"p.yaml": {"b": STRING}}, paths={"/a": {"get": body_response(schema)}})
    ) == {"properties": {"b": STRING}}  # fmt: skip


def test_an_error_if_properties_refer_to_themselves():
    schema = {"properties": {"$ref": "#/components/schemas"}}
    with pytest.raises(CannotRun, match=r"components → schemas → A → properties → \$ref: it refers to itself"):
        Document(HEAD | {"components": {"schemas": {"A": schema}}})


def test_the_targets_of_a_discriminator_are_rewritten_with_their_schemas(tmp_path: Path):
    schema = {
        "oneOf": [{"$ref": "dog.yaml"}],
        "discriminator": {"propertyName": "kind", "mapping": {"d": "dog.yaml", "e": "Dog"}},
    }
    document = read(tmp_path, {"dog.yaml": STRING}, components={"schemas": {"Pet": schema}})
    assert document.raw["components"]["schemas"]["Pet"]["discriminator"]["mapping"] == {
        "d": "#/components/schemas/dog",
        "e": "Dog",
    }


def test_a_reference_in_an_example_is_data():
    schema = {"example": {"$ref": "none.yaml"}, "default": {"$ref": "#/none"}, "enum": [{"$ref": "a"}]}
    Document(HEAD | {"components": {"schemas": {"A": schema, "B": {"properties": {"$ref": STRING}}}}})


def test_a_dynamic_reference_is_resolved_by_its_user():
    page = {"$id": "page", "items": {"$dynamicRef": "#T"}, "$defs": {"T": {"$dynamicAnchor": "T", "type": "null"}}}

    def of(name: str) -> dict[str, Any]:
        return {"$id": f"{name}s", "$ref": "page", "$defs": {"T": {"$dynamicAnchor": "T", "type": name}}}

    schemas = {"Page": page, "Strings": of("string"), "Numbers": of("number")}
    paths = {f"/{name}": {"get": body_response({"$ref": f"#/components/schemas/{name}"})} for name in schemas}
    document = Document(HEAD | {"paths": paths, "components": {"schemas": schemas}})
    pages = {name: document.raw["components"]["schemas"][name] for name in schemas}
    assert {name: resolve_all(document, page)["items"] for name, page in pages.items()} == {
        "Page": {"type": "null"}, "Strings": {"type": "string"}, "Numbers": {"type": "number"},
    }  # fmt: skip


NOWHERE = [
    ("a component", "#/components/schemas/None", "#/components/schemas/None cannot be resolved"),
    ("past a scalar", "#/info/title/deeper", "cannot be resolved"),
    ("a file", "none.yaml", "none.yaml cannot be resolved: {folder}/none.yaml: no such file or directory"),
    ("a place in a file", "other.yaml#/None", "other.yaml#/None cannot be resolved"),
    ("an anchor", "#none", "#none cannot be resolved"),
    ("no JSON, no YAML", "broken.yaml", "broken.yaml: line 1: not YAML"),
    ("another server", "https://example.com/a.yaml", "it is on another server; pass --allow-remote to read it"),
    ("another scheme", "ftp://example.com/a.yaml", "it is neither relative nor an http URL"),
    ("itself", "#/components/schemas/A", "#/components/schemas/A refers to itself"),
    ("no URI", "http://[", "cannot be resolved"),
]


@pytest.mark.parametrize(("reference", "message"), [pytest.param(*row[1:], id=row[0]) for row in NOWHERE])
def test_an_error_with_file_and_place_if_a_reference_leads_nowhere(tmp_path: Path, reference, message):
    files = {"other.yaml": {"A": STRING}, "broken.yaml": "a: [}"}
    with pytest.raises(CannotRun) as raised:
        read(tmp_path, files, components={"schemas": {"A": {"$ref": reference}}})
    assert message.format(folder=tmp_path) in str(raised.value)
    assert f"{tmp_path}/openapi.yaml: line 9: components → schemas → A → $ref: " in str(raised.value)


def test_an_error_in_another_file_names_that_file(tmp_path: Path):
    with pytest.raises(CannotRun) as raised:
        read(tmp_path, {"all.yaml": "\n\nPet: {allOf: 5}"}, components={"schemas": {"A": {"$ref": "all.yaml#/Pet"}}})
    assert str(raised.value) == f"{tmp_path}/all.yaml: line 3: Pet → allOf: a list is expected, not 5"


def test_a_value_in_another_file_is_located_there(tmp_path: Path):
    (tmp_path / "pet.json").write_text('{\n  "type": "object",\n  "properties": {"a": {}}}')
    document = read(tmp_path, {}, components={"schemas": {"Pet": {"$ref": "pet.json"}}})
    location = document.location(("components", "schemas", "Pet", "properties", "a"))
    assert (location.file, location.line, location.column) == (f"{tmp_path}/pet.json", 3, 18)


def test_every_reference_of_many_files_is_followed(tmp_path):
    answer = {"description": "", "content": {"application/json": {"schema": {"$ref": "pet.yaml"}}}}
    names = [str(number) for number in range(200)]
    files = {
        f"{name}.yaml": {"responses": {status: {"$ref": "answer.yaml"} for status in ("200", "404", "default")}}
        for name in names
    }
    document = read(
        tmp_path,
        files | {"answer.yaml": answer, "pet.yaml": STRING},
        paths={f"/{name}": {"get": {"$ref": f"{name}.yaml"}, "put": {"$ref": f"{name}.yaml"}} for name in names},
    )

    references = {
        response["$ref"] for each in document.operations.values() for response in each.raw["responses"].values()
    }
    assert references == {"#/components/responses/answer"}
