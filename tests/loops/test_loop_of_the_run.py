"""TEST_LOOP selects the loop of a run, for tests and fixtures, in every worker."""

import asyncio
import os

import pytest

from tests.loops.conftest import Suite, normalize_output

CONFTEST = """
from tests.support.loops import loop_factories, set_debug_mode

def pytest_configure(config):
    set_debug_mode(config)

def pytest_asyncio_loop_factories(config, item):
    return loop_factories()
"""
SUITE = """
import asyncio, time, pytest

@pytest.fixture(scope="session")
async def loop():
    return asyncio.get_running_loop()

def describe(loop):
    return f"{type(loop).__module__.partition('.')[0]} {loop.get_debug()}"

async def test_its_loop(loop, request):
    assert asyncio.get_running_loop() is loop
    assert describe(loop) == request.config.getoption("--expect")
    loop.slow_callback_duration = 0
    await asyncio.sleep(0)  # debug mode logs a warning of a slow callback and does not raise
"""
OPTION = """
def pytest_addoption(parser):
    parser.addoption("--expect")
"""


@pytest.mark.parametrize(
    ("chosen", "expected", "workers"),
    [
        (None, "asyncio False", ()),
        ("uvloop", "uvloop False", ()),
        ("debug", "asyncio True", ()),
        ("debug", "asyncio True", ("-p", "xdist", "-n", "1")),
    ],
    ids=["unset", "uvloop", "debug", "debug, in a worker"],
)
def test_a_suite_runs_on_the_selected_loop(
    suite: Suite, monkeypatch: pytest.MonkeyPatch, chosen: str | None, expected: str, workers: tuple[str, ...]
) -> None:
    monkeypatch.delenv("TEST_LOOP", raising=False)
    if chosen == "uvloop":
        pytest.importorskip("uvloop")
    if chosen is not None:
        monkeypatch.setenv("TEST_LOOP", chosen)

    options = ("-W", "error", "--expect", expected, *workers)
    result = suite.run(SUITE, *options, fixtures="session", tests="session", conftest=CONFTEST + OPTION)

    result.assert_outcomes(passed=1)


def test_an_unknown_loop_is_rejected_by_name(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_LOOP", "trio")

    result = suite.run(SUITE, fixtures="session", tests="session", conftest=CONFTEST + OPTION)

    assert result.ret != 0
    assert "TEST_LOOP is 'trio'; use asyncio, uvloop or debug" in normalize_output(result) + result.stderr.str()


async def test_this_run_uses_the_selected_loop() -> None:
    chosen = os.environ.get("TEST_LOOP", "asyncio")
    loop = asyncio.get_running_loop()

    assert type(loop).__module__.startswith("uvloop" if chosen == "uvloop" else "asyncio")
    assert loop.get_debug() == (chosen == "debug")
