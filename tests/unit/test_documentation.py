"""The documentation is complete: requirements are traced to tests that exist, settings and dependencies described."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from app.settings import Settings
from tests.support.command_line import CHECKOUT

TESTS_README = (CHECKOUT / "tests" / "README.md").read_text(encoding="utf-8")
README = (CHECKOUT / "README.md").read_text(encoding="utf-8")

CRITERIA = [
    f"{requirement}.{criterion}"
    for requirement, count in enumerate((4, 4, 4, 4, 4, 4, 4, 4), start=1)
    for criterion in range(1, count + 1)
]


def _find_named_tests() -> list[str]:
    return sorted(set(re.findall(r"`((?:\w+/)+test_\w+\.py(?:::\w+)?)`", TESTS_README)))


def test_every_acceptance_criterion_is_traced_once() -> None:
    assert re.findall(r"^\| (\d\.\d) \| .*`\w+/test_\w+\.py::test_", TESTS_README, re.MULTILINE) == CRITERIA


@pytest.mark.parametrize("named", _find_named_tests())
def test_a_named_test_exists(named: str) -> None:
    path, _, function = named.partition("::")
    tree = ast.parse((CHECKOUT / "tests" / path).read_text(encoding="utf-8"))
    found = {node.name for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}

    assert not function or function in found


def test_every_folder_is_in_the_table() -> None:
    folders = {path.name for path in (CHECKOUT / "tests").iterdir() if (path / "__init__.py").exists()}

    assert {folder for folder in folders if f"`{folder}/`" not in TESTS_README} == set()


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_setting_has_a_description_for_the_reference(name: str) -> None:
    assert Settings.model_fields[name].description


def test_every_dependency_has_a_purpose_in_the_documentation() -> None:
    declared = [
        requirement
        for project in ("pyproject.toml", "contracts/pyproject.toml")
        for requirements in _requirements(CHECKOUT / project)
        for requirement in requirements
    ]
    names = {re.split(r"[\[<>=; ]", requirement)[0] for requirement in declared}
    page = (CHECKOUT / "docs/explanation/dependencies.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"[\w-]+", " ".join(re.findall(r"^\| ([^|]+) \|", page, re.MULTILINE))))

    assert names - explained == set()


def _requirements(path: Path) -> list[list[str]]:
    project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
    return [project["dependencies"], *project.get("optional-dependencies", {}).values()]


def test_ci_runs_the_readmes_test_command() -> None:
    (command,) = re.findall(r"^python3 -m venv .*tox run-parallel$", README, re.MULTILINE)

    assert command in (CHECKOUT / ".ci" / "run").read_text(encoding="utf-8")


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 120
    assert len(README.split()) <= 900
