"""Exported tests repeat the pins: they pass on a correct server and fail on another."""

import ast
from pathlib import Path

import pytest

from statuspin.contract.folder import Contract
from statuspin.export import pytest_file
from statuspin.export.expressions import expression, variable
from tests.harness.cli.commands import CHECKOUT, assert_one_line_error, run_command
from tests.harness.export.exported import run_pytest
from tests.harness.second_api.runs import CONTRACT, library, verify

CREDENTIALS = {
    "READER_CREDENTIALS": "ApiKey reader-key",
    "OTHER_READER_CREDENTIALS": "ApiKey other-reader-key",
    "LIBRARIAN_CREDENTIALS": "ApiKey librarian-key",
    "STRANGER_CREDENTIALS": "ApiKey nobodys-key",
}


def test_every_pin_of_the_library_passes_on_the_library(tmp_path: Path) -> None:
    contract = Contract.read(CONTRACT)

    with library() as url:
        result = run_pytest(pytest_file(contract, contract.matrix), tmp_path, BASE_URL=url, **CREDENTIALS)

    assert result.returncode == 0, result.stdout[-3000:]
    assert f"{len(contract.matrix)} passed" in result.stdout


def test_exported_failed_pins_fail(tmp_path: Path) -> None:
    with library("--fault", "wrong-status") as url:
        run = verify(url, tmp_path, "--allow-writes", "--no-fuzz")
        exported = run_command("export", "--pytest", "--contract", CONTRACT, "--run", tmp_path / "run.json")
        result = run_pytest(exported.stdout, tmp_path, BASE_URL=url, **CREDENTIALS)

    failed = [finding for finding in run.errors if finding["rule"] == "pin-broken"]
    assert exported.stdout.count("\ndef test_") == len(failed) > 0
    assert f"{len(failed)} failed" in result.stdout, result.stdout[-3000:]


def test_credentials_are_environment_variables_that_the_module_names(tmp_path: Path) -> None:
    text = pytest_file(Contract.read(CONTRACT), Contract.read(CONTRACT).matrix)

    assert "nobodys-key" not in text
    for name in CREDENTIALS:
        assert f"os.environ['{name}']" in text
        assert f"    {name}=" in ast.get_docstring(ast.parse(text))


def test_every_pin_of_this_repository_is_exported_as_valid_code_with_a_unique_name() -> None:
    contract = Contract.read(CHECKOUT / "contracts/specs/current")

    module = ast.parse(pytest_file(contract, contract.matrix))

    names = [node.name for node in module.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    assert len(names) == len(set(names)) == len(contract.matrix)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("a {b}", "'a ' + str(b)"),
        ("{b}", "b"),
        ("${TOKEN}!", "os.environ['TOKEN'] + '!'"),
        ({"$repeat": {"text": "a", "times": 3}}, "'a' * 3"),
        ({"$json": '"\\ud800"'}, "json.loads('\"\\\\ud800\"')"),
        ({"$raw": "{b}"}, "'{b}'"),
        ({"a": [1, None, "{b}"]}, "{'a': [1, None, b]}"),
        ('\'quotes\' """ \\ \n', repr('\'quotes\' """ \\ \n')),
    ],
)
def test_a_value_is_exported_as_an_expression(value, code: str) -> None:
    assert expression(value) == code
    ast.parse(code, mode="eval")


@pytest.mark.parametrize(("name", "code"), [("id", "id"), ("class", "class_"), ("answer", "answer_"), ("a-b", "a_b")])
def test_a_name_is_exported_as_a_variable(name: str, code: str) -> None:
    assert variable(name) == code


def test_an_error_if_nothing_can_be_exported(tmp_path: Path) -> None:
    assert_one_line_error("export", "--contract", CONTRACT, "--only", "a", naming="name the format: --pytest")
    assert_one_line_error(
        "export",
        "--pytest",
        "--contract",
        CONTRACT,
        "--only",
        "zzz",
        naming="--only zzz: no pin has this text in its name",
    )
    assert_one_line_error(
        "export", "--pytest", "--contract", CONTRACT, naming="contract-run.json does not exist", cwd=tmp_path
    )
