"""Every operation of the contract has all its parts. A failure names the file in which a part is missing."""

import re
from typing import Any

import pytest

from app.http import schemas
from app.openapi import contract, pins
from tests.security.test_object_level_authorization import OPERATIONS as AUTHORIZED
from tests.support.command_line import CHECKOUT
from tests.support.contract import resolve

OPERATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    operation["operationId"]: (path, operation)
    for path, item in contract()["paths"].items()
    for operation in item.values()
    if isinstance(operation, dict) and "operationId" in operation
}
SHARED_TESTS = {
    "health": "test_public_operations.py",
    "readiness": "test_public_operations.py",
    "list_permissions": "test_public_operations.py",
    "jwks": "test_jwks_and_me.py",
    "me": "test_jwks_and_me.py",
}
"""The operations whose tests share a file. A new operation has a file of its own."""

VERSIONS = {
    "pyproject.toml": r'^version = "([^"]+)"',
    "app/http/endpoints/health.py": r'^CONTRACT_VERSION = "([^"]+)"',
    "contracts/specs/current/pins.yaml": r"data\.version: ([\d.]+)",
    "deploy/compose.yaml": r"image: interview-system:([\d.]+)",
}
"""The files that repeat the version of the contract, and where."""


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_has_api_tests(name: str) -> None:
    file = SHARED_TESTS.get(name, f"test_{name}.py")

    assert (CHECKOUT / "tests" / "api" / file).is_file(), f"add tests/api/{file} with the tests of {name}"


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_has_pins_with_a_budget_of_statements(name: str) -> None:
    assert name in pins()["pins"], f"add the pins of {name} to contracts/specs/current/pins.yaml"
    rows = pins()["pins"][name]["rows"]
    succeeding = [row for row in rows if 200 <= (row.get("answer") or 0) < 300 and row.get("mode") is None]

    assert name == "readiness" or any("statements" in row for row in succeeding), (
        f"state `statements` in a row of {name} that succeeds, in contracts/specs/current/pins.yaml"
    )


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_on_an_interview_is_tested_with_every_caller(name: str) -> None:
    path, operation = OPERATIONS[name]
    body = (
        resolve(operation["requestBody"])["content"]["application/json"]["schema"] if "requestBody" in operation else {}
    )
    on_an_interview = "{interview_id}" in path or "interview_id" in resolve(body).get("properties", {})

    assert not on_an_interview or name in AUTHORIZED, (
        f"add {name} to OPERATIONS in tests/security/test_object_level_authorization.py"
    )


@pytest.mark.parametrize("name", [name for name, (_, operation) in OPERATIONS.items() if "requestBody" in operation])
def test_a_request_body_has_a_model_with_the_name_of_its_schema(name: str) -> None:
    body = resolve(OPERATIONS[name][1]["requestBody"])["content"]["application/json"]["schema"]
    model = body["$ref"].rpartition("/")[2]

    assert hasattr(schemas, model), f"add the class {model} to app/http/schemas.py, or rename the schema of {name}"


@pytest.mark.parametrize("file", VERSIONS)
def test_a_file_that_repeats_the_version_has_that_of_the_contract(file: str) -> None:
    version = contract()["info"]["version"]
    found = re.findall(VERSIONS[file], (CHECKOUT / file).read_text(encoding="utf-8"), re.MULTILINE)

    assert found == [version], f"{file} says {found}, contracts/specs/current/openapi.yaml says {version}"
