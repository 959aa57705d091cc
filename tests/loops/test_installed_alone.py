"""The harness is a package of its own: installed, it serves a project that has nothing else of ours."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.command_line import CHECKOUT

SUITE = """
import asyncio, pytest

@pytest.fixture(scope="session")
async def lock():
    return asyncio.Lock()

async def test_it(lock): pass
"""

API = """
openapi: 3.0.3
info: {title: Pings, version: 1.0.0}
paths:
  /ping:
    get:
      operationId: ping
      responses:
        "200": {description: It lives.}
        "405": {description: Only GET.}
"""


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=CHECKOUT / "contracts", check=True, capture_output=True, timeout=60)
    (wheel,) = folder.glob("interview_contracts-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "content")
    return folder / "content"


def test_the_wheel_holds_one_package_with_all_of_its_modules_and_data(unpacked: Path) -> None:
    package = CHECKOUT / "contracts"
    modules = {path.relative_to(package) for path in package.rglob("*.py")}
    data = {path.relative_to(package) for kind in ("*.yaml", "*.j2") for path in package.rglob(kind)}

    assert {path.name for path in unpacked.iterdir() if path.suffix != ".dist-info"} == {"contracts"}
    assert Path("pytest_plugin/__init__.py") in modules
    assert Path("specs/current/pins.yaml") in data
    for path in modules | data:
        assert (unpacked / "contracts" / path).read_bytes() == (package / path).read_bytes()


def test_its_plugin_guards_a_project_that_has_nothing_else(unpacked: Path, tmp_path: Path) -> None:
    (tmp_path / "test_suite.py").write_text(SUITE)
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = session\n"
    )
    plugins = ["-p", "no:cacheprovider", "-p", "pytest_asyncio.plugin", "-p", "contracts.pytest_plugin"]
    alone = {**os.environ, "PYTHONPATH": str(unpacked), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-P", "-m", "pytest", *plugins]

    result = subprocess.run(command, cwd=tmp_path, env=alone, capture_output=True, text=True, timeout=60)

    assert result.returncode == 1, result
    assert "Fixture 'lock' belongs to another event loop than the test 'test_it' that uses it.\n" in result.stdout


def test_its_command_line_scaffolds_and_lints_a_contract_without_the_service(unpacked: Path, tmp_path: Path) -> None:
    openapi = tmp_path / "openapi.yaml"
    openapi.write_text(API)
    alone = {**os.environ, "PYTHONPATH": str(unpacked)}

    def contracts(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-P", "-m", "contracts", *arguments]
        return subprocess.run(command, cwd=tmp_path, env=alone, capture_output=True, text=True, timeout=60)

    made = contracts("init", str(openapi))
    linted = contracts("lint", "--contract", str(tmp_path))

    assert (made.returncode, made.stderr) == (0, "")
    assert "1 operations, 2 pins to begin with" in made.stdout
    assert (linted.returncode, linted.stderr) == (0, "")
    assert "nothing wrong" in linted.stdout
