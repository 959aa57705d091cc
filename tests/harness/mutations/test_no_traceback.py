"""Every command completes or stops with one line for any document.

The documents are mutations of one that contains every object and keyword, and of small ones.
"""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from statuspin.cli.diff import diff
from statuspin.cli.init import init
from statuspin.cli.lint import lint
from statuspin.errors import CannotRun

EVERYTHING = yaml.safe_load(Path(__file__).with_name("everything.yaml").read_text())
SMALL = {
    "openapi": "3.0.3",
    "info": {"title": "T", "version": "1"},
    "paths": {"/a": {"get": {"operationId": "a", "responses": {"200": {"description": "", "content": {}}}}}},
    "components": {"schemas": {"A": {"type": "object", "properties": {"b": {"$ref": "#/components/schemas/A"}}}}},
}
JUNK = [
    *(None, True, False, 0, 1, -1, 1.5, 1e308, 10**30, float("inf"), "", "x", "\0", "²00", "#/components/schemas/None"),
    *([], [[]], [1], [None], {}, {"a": 1}, {"": {}}, {"x-a": 1}, ["string", "null"], {"type": "object"}),
    *({"$ref": "#"}, {"$ref": "#/paths"}, {"$ref": "#/components/schemas"}, {"$ref": 5}, {"$ref": "none.yaml"}),
]
POINTERS = ["", "#", "#/paths", "#/components", "#/components/schemas/Pet", "#/components/schemas/A", "#Pet", "#/%zz~3"]
NAMES = ["", "/", "{", "/{", "/{}", "x-", "4XX", "default", "999", "$ref", "$id", "$dynamicRef", "/a/{b}/{b}", "type"]

Place = tuple[Any, Any]


def find_places(node: Any) -> list[Place]:
    """Return every container with each of its keys."""
    found: list[Place] = []
    waiting = [node]
    while waiting:
        holder = waiting.pop()
        keys: Any = list(holder) if isinstance(holder, dict) else range(len(holder)) if isinstance(holder, list) else ()
        found += [(holder, key) for key in keys]
        waiting += [holder[key] for key in keys]
    return found


BASES = [SMALL, *(EVERYTHING | {"openapi": version} for version in ("3.2.0", "3.1.0", "3.0.3"))]


@st.composite
def mutants(draw: st.DrawFn, bases: list[dict[str, Any]] | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Draw a document and a copy in which a few values are replaced, moved, wrapped, renamed or removed."""
    base = draw(st.sampled_from(bases or BASES))
    document = copy.deepcopy(base)
    for _ in range(draw(st.integers(1, 4))):
        known = find_places(document)
        if known:
            mutate(*draw(st.sampled_from(known)), draw)
    return base, document


def mutate(holder: Any, key: Any, draw: st.DrawFn) -> None:
    """Change the value of a key in a container."""
    junk, name = draw(st.sampled_from(JUNK)), draw(st.sampled_from(NAMES))
    match draw(st.sampled_from(["junk", "nest", "wrap", "list", "rename", "drop", "exchange", "exchange"])):
        case "junk":
            holder[key] = copy.deepcopy(junk)
        case "nest":
            holder[key] = copy.deepcopy(holder)
        case "wrap":
            holder[key] = {name: holder[key]}
        case "list":
            holder[key] = [holder[key]]
        case "rename" if isinstance(holder, dict):
            holder[name] = holder.pop(key)
        case "exchange":
            exchange(holder, key, draw)
        case _:
            del holder[key]


def exchange(holder: Any, key: Any, draw: st.DrawFn) -> None:
    """Double a value, change its type, or change what it refers to."""
    match draw(st.sampled_from(["double", "text", "point", "break"])):
        case "double" if isinstance(holder, list):
            holder.insert(key, copy.deepcopy(holder[key]))
        case "double":
            holder[f"{key}2"] = copy.deepcopy(holder[key])
        case "text":
            holder[key] = 7 if isinstance(holder[key], str) else str(holder[key])
        case "point":
            holder[key] = {"$ref": draw(st.sampled_from(POINTERS))}
        case "break" if key == "$ref" and isinstance(holder[key], str):
            holder[key] = draw(st.sampled_from([holder[key][:-1], f"{holder[key]}/0", holder[key].rpartition("/")[0]]))
        case _:
            holder[key] = {"": holder[key]}


def run_command(command: Any, *arguments: object) -> int:
    """Return the exit status of a command."""
    try:
        return int(command.main([str(each) for each in arguments], standalone_mode=False))
    except CannotRun:
        return 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Create a folder, which all mutants use in turn."""
    return tmp_path_factory.mktemp("mutants")


def _with_union(target: str) -> dict[str, Any]:
    """Return a document with a variant that is a reference."""
    variants = [{"type": "string"}, {"$ref": target}]
    schemas = {"A": {"properties": {"b": {"oneOf": variants}}}, "B": {"type": "object"}}
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}
    get = {"operationId": "a", "requestBody": body, "responses": {"200": {"description": ""} | body}}
    return SMALL | {"paths": {"/a": {"get": get}}, "components": {"schemas": schemas}}


ALL_METHODS = {m: {"responses": {"200": {"description": ""}}} for m in ("get", "put", "post", "patch", "delete")}


@pytest.mark.usefixtures("capsys")
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example((SMALL, SMALL | {"paths": {"/x": ALL_METHODS}}))
@example((SMALL, SMALL | {"components": {"schemas": None}}))
@example((SMALL, SMALL | {"paths": {"/x": {"parameters": {"id": 1}}}}))
@example((_with_union("#/components/schemas/B"), _with_union("#")))
@given(mutants())
def test_every_command_completes_or_stops_with_one_line(folder: Path, documents):
    for name, document in zip(("old.json", "openapi.json"), documents, strict=True):
        (folder / name).write_text(json.dumps(document))
    pins = folder / "pins.yaml"
    pins.unlink(missing_ok=True)
    old, new = folder / "old.json", folder / "openapi.json"
    assert {run_command(diff, old, new), run_command(diff, new, old, "--format", "json")} <= {0, 1, 2}
    started = run_command(init, folder)
    if started == 2:
        pins.write_text("{}")
    assert run_command(lint, "--contract", folder) in ({0, 1} if started == 0 else {0, 1, 2})


ODD = ["", "[]", "null", "a: !!python/object:os.system {}", "a: !!set {b}", "a: !!binary aGk=", "a: .nan", "? [a]: b"]


@pytest.mark.parametrize("text", ODD)
def test_an_invalid_document_is_one_line(folder: Path, text):
    (folder / "odd.yaml").write_text(text)
    assert run_command(diff, folder / "odd.yaml", folder / "odd.yaml") == 2


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=8), st.integers(0, 4_000), st.integers(0, 8))
def test_a_corrupted_file_is_one_line_or_completes(folder: Path, inserted, start, length):
    content = Path(__file__).with_name("everything.yaml").read_bytes()
    (folder / "bytes.yaml").write_bytes(content[:start] + inserted + content[start + length :])
    assert run_command(diff, folder / "bytes.yaml", Path(__file__).with_name("everything.yaml")) in {0, 1, 2}
