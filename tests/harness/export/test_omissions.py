"""An exported file and standard error say what the tests do not repeat."""

import ast
import builtins
from pathlib import Path
from typing import Any

import pytest

from statuspin.contract.folder import Contract
from statuspin.export import find_omissions, pytest_file
from tests.harness.cli.commands import CHECKOUT, run_command
from tests.harness.contract.samples import contract, operation, raw

SCHEMAS = "whether responses match the schemas, headers and media types of the OpenAPI document"
BUDGETS = "budgets of SQL statements"
CSRF = "the CSRF value of unsafe requests, so the server may reject them"
PATHS = {"/a": {"get": operation("get_a"), "post": operation("add_a")}}
LOGIN = {"url": "POST /login", "cookies": True, "csrf": {"header": "X-Csrf", "from": "cookie.csrf"}}
SERVICE = {"start": ["run"], "ready": "/", "modes": {"full": {"occupied_by": {"operation": "get_a", "actor": "user"}}}}
BASE = {"actors": {"anonymous": {"anonymous": True}, "user": {}, "forged": {"tampered": "user"}, "key": {"token": "t"}}}


def read(folder: Path, row: dict[str, Any], name: str = "get_a", **more: Any) -> Contract:
    pins = {"pins": {name: {"states": ["-"], "rows": [{"actor": "user", "answer": 200, **row}], **more.pop("own", {})}}}
    return contract(folder, raw(PATHS), {**BASE, **pins, **more})


@pytest.mark.parametrize(
    ("row", "name", "more", "omissions"),
    [
        ({}, "get_a", {}, []),
        ({"statements": 2}, "get_a", {}, [BUDGETS]),
        ({"then": [{"operation": "get_a", "actor": "user", "statements": 1}]}, "get_a", {}, [BUDGETS]),
        (
            {"state": "made"}, "get_a",
            {
                "own": {"states": ["made"]},
                "states": {"made": {"steps": [{"operation": "get_a", "actor": "user", "statements": 1}]}},
            },
            [BUDGETS],
        ),
        ({}, "add_a", {"login": LOGIN}, [CSRF]),
        ({"actor": "forged"}, "add_a", {"login": LOGIN}, [CSRF]),
        ({"before": [{"operation": "add_a", "actor": "user"}]}, "get_a", {"login": LOGIN}, [CSRF]),
        ({}, "get_a", {"login": LOGIN}, []),
        ({"actor": "anonymous"}, "add_a", {"login": LOGIN}, []),
        ({"actor": "key"}, "add_a", {"login": LOGIN}, []),
        ({"mode": "full"}, "get_a", {"service": SERVICE}, ["the request that occupies the server in the mode full"]),
        (
            {"assumed": True}, "get_a", {},
            ["`assumed`, so another documented status fails the test instead of skipping it"],
        ),
    ],
)  # fmt: skip
def test_the_module_names_each_part_that_its_tests_do_not_repeat(
    tmp_path: Path, row: dict[str, Any], name: str, more: dict[str, Any], omissions: list[str]
) -> None:
    read_contract = read(tmp_path, row, name, **more)

    text = pytest_file(read_contract, read_contract.matrix)

    assert find_omissions(read_contract, read_contract.matrix) == [SCHEMAS, *omissions]
    docstring = ast.get_docstring(ast.parse(text)) or ""
    assert [line[2:] for line in docstring.splitlines() if line.startswith("- ")] == [SCHEMAS, *omissions]


def test_standard_error_names_the_parts_that_the_tests_do_not_repeat(tmp_path: Path) -> None:
    read(tmp_path, {"statements": 2})

    exported = run_command("export", "--pytest", "--contract", tmp_path, "--only", "get_a")

    assert exported.returncode == 0
    assert exported.stderr == f"note: the tests do not repeat {SCHEMAS}; {BUDGETS}\n"
    assert BUDGETS in exported.stdout


def test_an_exported_module_calls_only_functions_that_exist() -> None:
    current = Contract.read(CHECKOUT / "contracts/specs/current")
    module = ast.parse(pytest_file(current, current.matrix))

    called = {
        node.func.id for node in ast.walk(module) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    functions = {node.name for node in ast.walk(module) if isinstance(node, ast.FunctionDef)}
    imported = {alias.name for node in ast.walk(module) if isinstance(node, ast.ImportFrom) for alias in node.names}

    assert "tamper" in called
    assert called - functions - imported - set(dir(builtins)) == set()
