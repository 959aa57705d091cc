"""`fuzz` in pins.yaml: operations that are left out, checks, examples, and Schemathesis' own file and hooks."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from statuspin.contract.document import Document
from statuspin.contract.folder import Contract
from statuspin.errors import CannotRun
from statuspin.http.connection import Connection
from statuspin.scaffold.pins import scaffold
from statuspin.verify.fuzz_settings import Budget, fuzz_settings
from statuspin.verify.target import RunningServer
from statuspin.verify.verdict import findings
from statuspin.verify.verification import Plan, Result, Verification
from tests.harness.contract.samples import body_response, contract, operation, raw
from tests.harness.http.server import ReceivedRequest, Response, serve

ITEM = body_response({"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}})
QUERY = [{"name": "q", "in": "query", "schema": {"type": "string"}}]
DOCUMENT = raw(
    {
        "/me": {
            "get": {"operationId": "read_me", "parameters": QUERY, "responses": {"200": ITEM}},
            "delete": {"operationId": "delete_me", "responses": {"204": {"description": ""}}},
        },
        "/other": {"get": {"operationId": "read_other", "parameters": QUERY, "responses": {"200": ITEM}}},
    }
)


def answer(asked: ReceivedRequest) -> Response:
    if asked.method not in ("GET", "DELETE"):
        return Response(405, {}, {"Allow": "GET"})
    return Response(204) if asked.method == "DELETE" else Response(200, {"id": 1})


def folder_of(folder: Path, **fuzz: Any) -> Contract:
    pins = {name: {"rows": [{"actor": "any", "answer": 200}]} for name in ("read_me", "read_other")}
    return contract(folder, DOCUMENT, {"pins": pins, "fuzz": fuzz})


async def fuzzed(read: Contract, budget: Budget | None = None) -> tuple[Result, list[ReceivedRequest]]:
    plan = Plan(pins=False, workers=1, budget=budget or Budget(seconds=5))
    with serve(answer) as server:
        return await Verification(read, RunningServer(server.url, {}), plan).run(), list(server.asked)


def counts(asked: list[ReceivedRequest], path: str) -> int:
    return sum(each.method == "GET" and each.target.partition("?")[0] == path for each in asked)


async def test_an_operation_that_is_skipped_is_never_sent_and_is_named(tmp_path: Path):
    result, asked = await fuzzed(folder_of(tmp_path, skip="delete_me", examples=3))
    assert "DELETE" not in {each.method for each in asked if each.target.startswith("/me")}
    assert counts(asked, "/me")
    notes = [each.message for each in findings(result) if each.rule == "fuzzer-skipped"]
    assert notes == ["not fuzzed because of pins.yaml: delete_me"]


async def test_examples_are_of_all_operations_or_of_one_and_an_option_wins(tmp_path: Path):
    async def sent(name: str, budget: Budget | None = None, **fuzz: Any) -> tuple[int, int]:
        _, asked = await fuzzed(folder_of(tmp_path / name, skip="delete_me", **fuzz), budget)
        return counts(asked, "/me"), counts(asked, "/other")

    few, many = await sent("few", examples=2), await sent("many", examples=40)
    assert few[0] < many[0]
    assert few[1] < many[1]
    one = await sent("one", examples={"read_me": 60})
    assert one[0] > one[1]
    assert await sent("option", Budget(examples=2, seconds=5), examples=40) == few


async def test_a_check_is_switched_off_and_an_unknown_one_is_one_line(tmp_path: Path):
    result, _ = await fuzzed(folder_of(tmp_path / "off", checks={"response_schema_conformance": False}, examples=2))
    assert result.fuzzed is not None
    assert "response_schema_conformance" not in result.fuzzed.checks
    assert "status_code_conformance" in result.fuzzed.checks
    with pytest.raises(CannotRun, match="fuzz → checks: unknown check 'response_schema'; did you mean") as caught:
        await fuzzed(folder_of(tmp_path / "unknown", checks={"response_schema": True}))
    assert "\n" not in str(caught.value)


async def test_the_file_of_schemathesis_beside_the_pins_is_honoured(tmp_path: Path):
    read = folder_of(tmp_path, skip="delete_me")
    (tmp_path / "schemathesis.toml").write_text(
        "[generation]\nmax-examples = 2\n[checks]\nresponse_schema_conformance.enabled = false\n"
        "[phases.stateful]\nenabled = false\n[reports.junit]\npath = 'never.xml'\n"
    )
    result, asked = await fuzzed(read)
    assert result.fuzzed is not None
    assert "response_schema_conformance" not in result.fuzzed.checks
    assert counts(asked, "/other") < 15
    assert not (tmp_path / "never.xml").exists()


async def test_hooks_are_honoured(tmp_path: Path):
    read = folder_of(tmp_path, hooks="hooks.py", examples=2, skip="delete_me")
    (tmp_path / "hooks.py").write_text(
        "import schemathesis\n\n@schemathesis.hook\ndef before_call(context, case, kwargs):\n"
        "    case.headers = {**(case.headers or {}), 'X-Hooked': 'yes'}\n"
    )
    _, asked = await fuzzed(read)
    assert "yes" in {each.headers.get("x-hooked") for each in asked}


@pytest.mark.parametrize(
    ("name", "text", "fuzz", "said"),
    [
        ("schemathesis.toml", "a = ", {}, "schemathesis.toml: not TOML: "),
        ("schemathesis.toml", "unknown = 1", {}, "schemathesis.toml: "),
        ("x.txt", "", {"config": "other.toml"}, "other.toml: no such file or directory"),
        (
            "hooks.py",
            "raise ValueError('no')",
            {"hooks": "hooks.py"},
            "hooks.py: the hooks cannot be loaded: ValueError: no",
        ),
        ("x.txt", "", {"hooks": "none.py"}, "none.py: the hooks cannot be loaded: FileNotFoundError"),
    ],
)
async def test_a_file_that_cannot_be_used_is_one_line(tmp_path: Path, name, text, fuzz, said):
    read = folder_of(tmp_path, **fuzz)
    (tmp_path / name).write_text(text)
    with pytest.raises(CannotRun) as caught:
        await fuzzed(read)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("fuzz", "said"),
    [
        ({"skip": "delete_mi"}, "fuzz → skip: unknown operation 'delete_mi'; did you mean 'delete_me'?"),
        ({"allow_untested": ["x"]}, "fuzz → allow_untested: unknown operation 'x'"),
        ({"examples": {"x": 3}}, "fuzz → examples: unknown operation 'x'"),
    ],
)
def test_an_unknown_operation_is_named(tmp_path: Path, fuzz, said):
    with pytest.raises(CannotRun) as caught:
        folder_of(tmp_path, **fuzz)
    assert said in str(caught.value)


def test_what_the_harness_relies_on_wins_over_the_file(tmp_path: Path):
    (file := tmp_path / "schemathesis.toml").write_text("workers = 8\nseed = 5\nbase-url = 'http://other'\n")
    settings = fuzz_settings("http://here", Connection(), Budget(seed=3, config=file), {})
    assert (settings["workers"], settings["seed"], settings["base-url"]) == (1, 3, "http://here")


OWN = [
    ("delete", "/users/me"), ("delete", "/me/"), ("delete", "/account"), ("delete", "/api/v1/user"),
    ("delete", "/current-user"), ("post", "/logout"), ("post", "/auth/sign-out"), ("delete", "/session"),
    ("post", "/account/delete"), ("delete", "/profile"),
]  # fmt: skip
OTHERS = [("delete", "/users/{id}"), ("get", "/me"), ("delete", "/items"), ("post", "/users"), ("delete", "/items/me2")]


@pytest.mark.parametrize(("method", "path"), OWN + OTHERS)
def test_a_scaffold_leaves_out_what_deletes_the_caller_or_signs_it_out(method, path):
    parameters = [{"name": "id", "in": "path", "required": True, "schema": {"enum": [1]}}] if "{" in path else []
    document = raw(
        {path: {method: {**operation("the_one", "204"), "parameters": parameters}, "head": operation("h", "200")}}
    )
    pins = yaml.safe_load(scaffold(Document(document)))
    is_own = (method, path) in OWN
    assert pins.get("fuzz", {}).get("skip") == (["the_one"] if is_own else None)
    assert bool(pins["pins"]["the_one"]["rows"]) is not is_own
