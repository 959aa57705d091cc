"""A valid contract, and one error for each rule of lint."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from statuspin.contract.document import Document
from statuspin.findings import Severity
from statuspin.lint import document_findings, matrix_findings
from tests.harness.contract.samples import contract, operation, raw

DOCUMENT = raw(
    {
        "/a": {"get": operation("list_a", "200", "4XX", "500"), "post": operation("make_a", "201", "500", "x-y")},
    }
)
PINS: dict[str, Any] = {
    "actors": {"anonymous": {"anonymous": True}, "owner": {}},
    "states": {"new": {"steps": [{"operation": "make_a", "actor": "owner", "answer": 201}]}},
    "service": {"start": ["x"], "ready": "/", "modes": {"slow": {}}},
    "pins": {
        "list_a": {
            "states": ["new"],
            "rows": [
                {"actor": "owner", "answer": 200},
                {"actor": "owner", "mode": "slow", "answer": 200},
                {"actor": "owner", "input": "odd", "answer": 422},
            ],
            "impossible": [{"actor": "anonymous", "because": "nobody else is there"}],
        },
        "make_a": {"rows": [{"actor": "any", "answer": 201}]},
    },
}
Change = Callable[[dict[str, Any], dict[str, Any]], Any]


def find_findings(folder: Path, change: Change) -> list[tuple[str, Severity, str, str]]:
    document, pins = copy.deepcopy((DOCUMENT, PINS))
    change(document, pins)
    read = contract(folder, document, pins)
    findings = [*document_findings(read.document), *matrix_findings(read)]
    return [(each.rule, each.severity, each.operation, each.message) for each in findings]


def test_a_valid_contract_has_no_finding(tmp_path: Path):
    assert find_findings(tmp_path, lambda document, pins: None) == []


def rows(pins: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return pins["pins"][name]["rows"]


BROKEN: list[tuple[str, str, str, Change]] = [
    (
        "status-unpinned",
        "list_a",
        "4XX is promised, but no pin provokes it",
        lambda document, pins: rows(pins, "list_a").pop(2),
    ),
    (
        "status-unpinned",
        "make_a",
        "default is promised, but no pin provokes it",
        lambda document, pins: document["paths"]["/a"]["post"]["responses"].update(default={"description": ""}),
    ),
    (
        "status-unpromised",
        "make_a",
        "a pin promises 409, but openapi.yaml does not",
        lambda document, pins: rows(pins, "make_a").append({"actor": "owner", "input": "again", "answer": 409}),
    ),
    (
        "status-never",
        "make_a",
        "a pin promises 500, but the status is forbidden",
        lambda document, pins: rows(pins, "make_a").append({"actor": "owner", "input": "odd", "answer": 500}),
    ),
    (
        "combination-unpinned",
        "list_a",
        "neither a row nor a reason for anonymous · new",
        lambda document, pins: pins["pins"]["list_a"].pop("impossible"),
    ),
    (
        "combination-unpinned",
        "make_a",
        "neither a row nor a reason for anonymous",
        lambda document, pins: rows(pins, "make_a")[0].update(actor="owner"),
    ),
    (
        "combination-impossible",
        "list_a",
        "anonymous · new is pinned, but also listed as impossible: nobody else is there",
        lambda document, pins: rows(pins, "list_a")[0].update(actor="any"),
    ),
    (
        "pin-twice",
        "make_a",
        "2 pins have the name “make_a · owner”; give their inputs different names",
        lambda document, pins: rows(pins, "make_a").append({"actor": "owner", "answer": 201}),
    ),
]
WARNINGS: list[tuple[str, str, str, Change]] = [
    ("state-unused", "", "no operation uses the state “old”", lambda document, pins: pins["states"].update(old={})),
    ("mode-unused", "", "no pin uses the mode “slow”", lambda document, pins: rows(pins, "list_a").pop(1)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "operation", "message", "change"), BROKEN, ids=[f"{n}-{b[0]}" for n, b in enumerate(BROKEN)]
)
def test_an_error_is_found_only_by_its_rule(tmp_path: Path, rule, operation, message, change):
    assert find_findings(tmp_path, change) == [(rule, Severity.ERROR, operation, message)]


@pytest.mark.parametrize(("rule", "operation", "message", "change"), WARNINGS, ids=[each[0] for each in WARNINGS])
def test_a_warning_is_found_by_its_rule(tmp_path: Path, rule, operation, message, change):
    assert find_findings(tmp_path, change) == [(rule, Severity.WARNING, operation, message)]


def test_an_operation_without_pins_is_found_with_its_statuses(tmp_path: Path):
    assert [
        (rule, name, message)
        for rule, _, name, message in find_findings(tmp_path, lambda _, pins: pins["pins"].pop("make_a"))
    ] == [
        ("operation-unpinned", "make_a", "it has no pins"),
        ("status-unpinned", "make_a", "201 is promised, but no pin provokes it"),
    ]


def test_missing_combinations_are_counted(tmp_path: Path):
    def change(document: dict[str, Any], pins: dict[str, Any]) -> None:
        pins["actors"].update({f"actor {number}": {} for number in range(7)})
        rows(pins, "make_a")[0]["actor"] = "owner"
        pins["pins"]["list_a"]["impossible"] = [{"because": "it is not looked at"}]
        rows(pins, "list_a")[0]["input"] = "any"

    (finding,) = find_findings(tmp_path, change)
    assert finding[3] == "neither a row nor a reason for actor 0, actor 1, actor 2, actor 3 and 4 more"


def test_an_operation_without_an_id_is_a_warning():
    document = Document(raw({"/a": {"get": {"responses": {"200": {"description": ""}}}}}))
    (finding,) = document_findings(document)
    assert (finding.rule, finding.severity, finding.operation) == ("operation-nameless", Severity.WARNING, "GET /a")


def test_an_operation_id_that_is_used_twice_is_an_error():
    document = Document(raw({"/a": {"get": operation("same")}, "/b": {"post": operation("same")}}))
    (finding,) = document_findings(document)
    assert (finding.rule, finding.severity, finding.operation) == ("operation-id-repeated", Severity.ERROR, "POST /b")
    assert finding.message == "its operationId 'same' is also that of GET /a"


def test_a_recursive_schema_is_valid():
    node = {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}}}
    assert document_findings(Document(raw({}, components={"schemas": {"Node": node}}))) == []


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
def test_an_invalid_document_is_an_error_with_its_place(version):
    findings = document_findings(Document({**raw({}, version=version), "info": {"title": "Sample"}}))
    assert [(each.rule, each.severity, each.place) for each in findings] == [
        ("openapi-invalid", Severity.ERROR, "info")
    ]
    assert findings[0].message == 'info: "version" is a required property'


INVALID = [
    (
        "a type",
        {"type": "strng"},
        '"strng" is not valid under any of the schemas listed in the',
        "components → schemas → A → type",
    ),
    ("a bound", {"minLength": 0, "title": 1}, "1 is not of type", "components → schemas → A → title"),
]


@pytest.mark.parametrize(("schema", "message", "place"), [pytest.param(*row[1:], id=row[0]) for row in INVALID])
@pytest.mark.parametrize("version", ["3.1.0", "3.2.0"])
def test_an_invalid_schema_is_an_error_with_its_place(version, schema, message, place):
    (finding,) = document_findings(Document(raw({}, version=version, components={"schemas": {"A": schema}})))
    assert (finding.rule, finding.place) == ("openapi-invalid", place)
    assert message in finding.message


def test_a_name_without_a_value_is_invalid():
    (finding,) = document_findings(Document(raw({}, components={"schemas": None})))
    assert (finding.rule, finding.place) == ("openapi-invalid", "components → schemas")
    assert finding.message.endswith("the name has no value; remove it, or write {} or []")


def test_the_deepest_error_of_alternatives_is_reported():
    parameter = {"name": "q", "in": "query", "schema": {"type": "string", "title": 1}}
    document = raw({"/a": {"get": operation("a") | {"parameters": [parameter]}}}, version="3.0.3")
    (finding,) = document_findings(Document(document))
    assert finding.place == "paths → /a → get → parameters → 0 → schema → title"


PARAMETER = {"name": "id", "in": "path", "required": True, "schema": {}}


@pytest.mark.parametrize(
    ("path", "parameters", "message"),
    [
        ("/a/{id}", [], "the path parameter 'id' is not among its parameters"),
        (
            "/a",
            [{"name": "id", "in": "path", "required": True, "schema": {}}],
            "the path parameter 'id' is not in its path",
        ),
    ],
)
def test_a_path_parameter_that_is_in_one_place_only_is_an_error(path, parameters, message):
    document = Document(raw({path: {"get": operation("a"), "parameters": parameters}}))
    (finding,) = document_findings(document)
    assert (finding.rule, finding.operation, finding.message) == ("path-parameter-unmatched", "a", message)


@pytest.mark.parametrize(("draft", "severity"), [(True, Severity.WARNING), (False, Severity.ERROR)])
def test_a_gap_is_a_warning_only_in_a_draft(draft: bool, severity: Severity, tmp_path: Path):
    def change(document: dict[str, Any], pins: dict[str, Any]) -> None:
        pins["draft"] = draft
        pins["pins"]["make_a"] = {}
        document["paths"]["/b"] = {"get": operation("get_b", "200")}

    found = {(rule, each) for rule, each, _, _ in find_findings(tmp_path, change)}

    gaps = ("operation-unpinned", "status-unpinned", "combination-unpinned")
    assert found == {(rule, severity) for rule in gaps}


def test_a_wrong_promise_stays_an_error_in_a_draft(tmp_path: Path):
    def change(document: dict[str, Any], pins: dict[str, Any]) -> None:
        pins["draft"] = True
        pins["pins"]["make_a"]["rows"].append({"actor": "owner", "input": "odd", "answer": 409})

    assert ("status-unpromised", Severity.ERROR) in {
        (rule, severity) for rule, severity, _, _ in find_findings(tmp_path, change)
    }
