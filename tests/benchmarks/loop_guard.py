"""Measure what the loop guard costs per test: `python -m tests.benchmarks.loop_guard`.

A suite of short tests runs with and without the guard in turns, each time in a new process. The figures are the least
CPU time of the rounds, which other work on the machine changes least. The time of a suite of one test is subtracted.
"""

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import click

from tests.support.command_line import CHECKOUT

_SUITE = """
import pytest, types

LIMITS = {"a": [1, 2]}
SERVICE = types.SimpleNamespace(limits=LIMITS)

@pytest.fixture(scope="session")
async def url():
    return "postgresql://"

@pytest.fixture
async def user(url):
    return types.SimpleNamespace(url=url)

@pytest.fixture
def holder(user):
    return [user]

def read_limits():
    return SERVICE.limits
"""

_TEST = """
async def test_{number}(holder):
    assert read_limits() is LIMITS
"""


@click.command()
@click.option("--tests", default=1000, show_default=True, type=click.IntRange(1), help="Tests in the suite.")
@click.option(
    "--rounds", default=5, show_default=True, type=click.IntRange(1), help="Runs with the guard, and without."
)
@click.option("--scope", default="function", show_default=True, help="Loop scope of the tests.")
def main(tests: int, rounds: int, scope: str) -> None:
    """Print the CPU time per test with and without the guard, their difference and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        suite = Path(folder)
        fixtures = "fixture-scope" if scope == "function" else scope
        (suite / "pytest.ini").write_text(
            "[pytest]\nasyncio_mode = auto\n"
            f"asyncio_default_fixture_loop_scope = {fixtures}\nasyncio_default_test_loop_scope = {scope}\n"
        )
        seconds: dict[bool, list[float]] = {False: [], True: []}
        for _ in range(rounds):
            for guarded, measured in seconds.items():
                (suite / "test_suite.py").write_text(_create_suite(tests))
                full = _run(suite, guarded=guarded)
                (suite / "test_suite.py").write_text(_create_suite(1))
                measured.append((full - _run(suite, guarded=guarded)) / tests)
    without, with_guard = (min(seconds[each]) * 1000 for each in (False, True))
    click.echo(
        f"without the guard {without:.3f} ms, with it {with_guard:.3f} ms a test:"
        f" {with_guard - without:.3f} ms more, {with_guard / without:.2f} times as much"
    )


def _create_suite(tests: int) -> str:
    return _SUITE + "".join(_TEST.format(number=number) for number in range(tests))


def _run(folder: Path, *, guarded: bool) -> float:
    """Run the suite in `folder` and return the CPU time in seconds."""
    guard = ["-p", "pytest_loopguard", "--loopguard"] if guarded else []
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "pytest_asyncio.plugin", *guard]
    path = os.environ.get("PYTHONPATH") or str(CHECKOUT / "contracts/loopguard")
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": path}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
