"""The harness and the loop guard are separate distributions: each works without the rest of this project."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.command_line import CHECKOUT
from tests.support.timeouts import TIMEOUT

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


CONTRACTS = CHECKOUT / "contracts"


def unpack_wheel(project: Path, folder: Path) -> Path:
    """Build the wheel of `project` and return the folder of its unpacked content."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=project, check=True, capture_output=True, timeout=TIMEOUT)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "content")
    return folder / "content"


@pytest.fixture(scope="module")
def statuspin_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the content of the wheel of statuspin."""
    return unpack_wheel(CONTRACTS, tmp_path_factory.mktemp("statuspin"))


@pytest.fixture(scope="module")
def guard_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the content of the wheel of pytest-loopguard."""
    return unpack_wheel(CONTRACTS / "loopguard", tmp_path_factory.mktemp("loopguard"))


@pytest.mark.parametrize(
    ("wheel", "package"),
    [("statuspin_wheel", CONTRACTS / "statuspin"), ("guard_wheel", CONTRACTS / "loopguard/pytest_loopguard")],
)
def test_a_wheel_has_one_package_with_all_modules_and_data(
    request: pytest.FixtureRequest, wheel: str, package: Path
) -> None:
    unpacked: Path = request.getfixturevalue(wheel)
    files = {path.relative_to(package) for path in package.rglob("*.*") if path.suffix != ".pyc"}

    assert {path.name for path in unpacked.iterdir() if path.suffix != ".dist-info"} == {package.name}
    assert Path("py.typed") in files
    for path in files:
        assert (unpacked / package.name / path).read_bytes() == (package / path).read_bytes()


@pytest.mark.parametrize(
    ("ini", "option", "status"), [("", "--loopguard", 1), ("loopguard = true\n", "-q", 1), ("", "-q", 0)]
)
def test_the_guard_has_an_entry_point_and_an_option(
    guard_wheel: Path, tmp_path: Path, ini: str, option: str, status: int
) -> None:
    (tmp_path / "test_suite.py").write_text(SUITE)
    (tmp_path / "pytest.ini").write_text(
        f"[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = session\n{ini}"
    )
    command = [sys.executable, "-P", "-m", "pytest", "--strict-config", "-p", "no:cacheprovider", option]

    result = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(guard_wheel)},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )

    message = "Fixture 'lock' belongs to another event loop than the test 'test_it' that uses it.\n"
    assert (result.returncode, message in result.stdout) == (status, bool(status)), result


def test_the_harness_scaffolds_and_lints_a_contract_without_the_service(statuspin_wheel: Path, tmp_path: Path) -> None:
    openapi = tmp_path / "openapi.yaml"
    openapi.write_text(API)
    environment = {**os.environ, "PYTHONPATH": str(statuspin_wheel)}

    def statuspin(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-P", "-m", "statuspin", *arguments]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=TIMEOUT)

    scaffold_result = statuspin("init", str(openapi))
    lint_result = statuspin("lint", "--contract", str(tmp_path))

    assert (scaffold_result.returncode, scaffold_result.stderr) == (0, "")
    assert "1 operations, 2 pins written" in scaffold_result.stdout
    assert (lint_result.returncode, lint_result.stderr) == (0, "")
    assert "no problems" in lint_result.stdout


def test_a_missing_dependency_is_one_line(statuspin_wheel: Path, tmp_path: Path) -> None:
    # -S disables site-packages, so that the dependencies of statuspin are missing.
    command = [sys.executable, "-S", "-m", "statuspin", "--help"]
    environment = {"PYTHONPATH": str(statuspin_wheel)}

    result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=TIMEOUT)

    expected = "error: the package click is not installed; run: pip install statuspin\n"
    assert (result.returncode, result.stdout, result.stderr) == (2, "", expected)


def test_python_m_contracts_names_the_new_command() -> None:
    command = [sys.executable, "-m", "contracts", "verify", "--only", "a · b"]

    result = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=TIMEOUT)

    expected = "error: the harness is now the package statuspin; run: python -m statuspin verify --only 'a · b'\n"
    assert (result.returncode, result.stdout, result.stderr) == (2, "", expected)
