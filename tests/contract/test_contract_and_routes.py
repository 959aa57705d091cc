"""The contract is valid and complete, and has exactly the paths of the service."""

from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Route

from app.http.endpoint import Endpoint
from app.http.endpoints.health import CONTRACT_VERSION
from app.http.routes import API, ROUTES
from app.openapi import contract
from statuspin.contract.document import Document
from statuspin.lint import document_findings
from tests.support.contract import create_validator, resolve

METHODS = ("get", "post", "put", "patch", "delete")
OPERATIONS = [
    pytest.param(path, method, operation, id=operation["operationId"])
    for path, item in contract()["paths"].items()
    for method, operation in item.items()
    if method in METHODS
]


def test_the_contract_is_valid_openapi() -> None:
    assert document_findings(Document(contract())) == []


def test_the_routes_equal_the_paths_of_the_contract() -> None:
    promised = {(path, method) for path, item in contract()["paths"].items() for method in METHODS if method in item}
    served = {
        (route.path, method)
        for route in ROUTES
        if isinstance(route, Route) and route.path.startswith(API) and not route.path.endswith("/")
        for method in METHODS
        if isinstance(route.endpoint, type) and issubclass(route.endpoint, Endpoint) and hasattr(route.endpoint, method)
    }

    assert promised == served


def test_operation_ids_are_unique_and_health_reports_the_version() -> None:
    ids = [operation.values[2]["operationId"] for operation in OPERATIONS]

    assert len(ids) == len(set(ids))
    assert contract()["info"]["version"] == CONTRACT_VERSION


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_an_operation_promises_the_statuses_of_its_kind(path: str, method: str, operation: dict[str, Any]) -> None:
    promised = set(operation["responses"])
    expected = {"204" if method == "delete" else "200", "405", "500"}
    if operation.get("security", contract()["security"]):
        expected |= {"401", "503"}
    if "x-permission" in operation:
        expected |= {"403"}
    if "requestBody" in operation:
        expected |= {"413", "415", "422"}
    if operation.get("parameters") or "{" in path:
        expected |= {"422"}

    assert expected <= promised


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_every_example_of_an_operation_is_valid(path: str, method: str, operation: dict[str, Any]) -> None:
    checked = 0
    with_body = {status: each for status, each in operation["responses"].items() if status != "204"}
    for status, response in with_body.items():
        for example in _find_examples(resolve(response)):
            assert _find_errors(path, method, f"responses/{status}", response, example) == []
            assert example["code"] == int(status)
            checked += 1
    if "requestBody" in operation:
        for example in _find_examples(resolve(operation["requestBody"])):
            assert _find_errors(path, method, "requestBody", operation["requestBody"], example) == []
    assert checked >= len(with_body)


@pytest.mark.parametrize("link", list(contract()["components"].get("links", {})) or ["none"])
def test_a_link_leads_to_an_operation(link: str) -> None:
    target = contract()["components"]["links"][link]["operationId"]

    assert target in {operation.values[2]["operationId"] for operation in OPERATIONS}


def test_the_contract_is_in_the_checkout() -> None:
    assert (Path(__file__).parent.parent.parent / "contracts/specs/current/openapi.yaml").is_file()


def _find_examples(body: dict[str, Any]) -> list[Any]:
    media = body["content"]["application/json"]
    return [resolve(example)["value"] for example in media.get("examples", {}).values()]


def _find_errors(path: str, method: str, place: str, holder: dict[str, Any], example: object) -> list[str]:
    pointer = holder.get("$ref", "").removeprefix("#") or f"/paths/{path.replace('/', '~1')}/{method}/{place}"
    validator = create_validator(f"{pointer}/content/application~1json/schema")
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(example)]
