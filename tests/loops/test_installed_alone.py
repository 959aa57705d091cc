"""The tools of contracts/ are a package of their own: installed, it guards a project that has nothing else of ours."""

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


def test_the_wheel_holds_one_package_with_all_of_its_modules_and_specs(unpacked: Path) -> None:
    package = CHECKOUT / "contracts"
    modules = {path.relative_to(package) for path in package.rglob("*.py")}
    specs = {path.relative_to(package) for path in package.rglob("specs/**/*.yaml")}

    assert {path.name for path in unpacked.iterdir() if path.suffix != ".dist-info"} == {"contracts"}
    assert Path("pytest_plugin/__init__.py") in modules
    assert Path("specs/current/openapi.yaml") in specs
    for path in modules | specs:
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
