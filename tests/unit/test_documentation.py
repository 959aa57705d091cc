"""What is written down is true: every requirement is traced to tests that exist, every setting and command is there."""

import ast
import re

import pytest

from app.settings import Settings
from tests.support.command_line import CHECKOUT

TRACES = (CHECKOUT / "tests" / "README.md").read_text(encoding="utf-8")
README = (CHECKOUT / "README.md").read_text(encoding="utf-8")

CRITERIA = [
    f"{requirement}.{criterion}"
    for requirement, count in enumerate((4, 4, 4, 4, 4, 4, 4, 4), start=1)
    for criterion in range(1, count + 1)
]


def _written(default: object) -> str:
    """A default as the table has it."""
    if default is None or default == ():
        return "—"
    if isinstance(default, tuple):
        return f"`{','.join(default)}`"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{default:g}`" if isinstance(default, float) else f"`{default}`"


def _named_tests() -> list[str]:
    return sorted(set(re.findall(r"`((?:\w+/)+test_\w+\.py(?:::\w+)?)`", TRACES)))


def test_every_acceptance_criterion_is_traced_once() -> None:
    assert re.findall(r"^\| (\d\.\d) \| .*`\w+/test_\w+\.py::test_", TRACES, re.MULTILINE) == CRITERIA


@pytest.mark.parametrize("named", _named_tests())
def test_a_test_that_is_named_exists(named: str) -> None:
    path, _, function = named.partition("::")
    tree = ast.parse((CHECKOUT / "tests" / path).read_text(encoding="utf-8"))
    found = {node.name for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}

    assert not function or function in found


def test_every_room_has_its_line() -> None:
    rooms = {path.name for path in (CHECKOUT / "tests").iterdir() if (path / "__init__.py").exists()}

    assert {room for room in rooms if f"`{room}/`" not in TRACES} == set()


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_setting_stands_in_the_readme_with_its_default_and_what_it_is(name: str) -> None:
    field = Settings.model_fields[name]
    (row,) = re.findall(rf"^\| `{name.upper()}` \| (.*) \| (.*) \|$", README, re.MULTILINE)
    default = _written(field.default)

    assert row == (default, field.description)


def test_the_readme_names_no_setting_that_is_gone() -> None:
    written = set(re.findall(r"^\| `([A-Z_]+)` \|", README, re.MULTILINE))

    assert written == {name.upper() for name in Settings.model_fields}


def test_ci_runs_the_readmes_test_command() -> None:
    (command,) = re.findall(r"^python3 -m venv .*tox run$", README, re.MULTILINE)

    assert command in (CHECKOUT / ".ci" / "run").read_text(encoding="utf-8")
