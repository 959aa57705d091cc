"""A pool on a real PostgreSQL, in a user's suite: right scopes pass, wrong ones are told whole; unguarded, a riddle."""

from typing import NamedTuple

import pytest

from tests.loops.conftest import MEND, Suite, another_loop, told

SUITE = """\
import os, asyncpg, pytest

@pytest.fixture(scope="{kept}")
async def pool():
    async with asyncpg.create_pool(os.environ["SERVER"], min_size=1, max_size=2) as pool:
        yield pool

async def test_reads(pool):
    assert await pool.fetchval("SELECT 1") == 1

async def test_reads_again(pool):
    assert await pool.fetchval("SELECT 2") == 2
"""
RIDDLES = ("attached to a different loop", "another operation is in progress", "Event loop is closed")


class Wrong(NamedTuple):
    """Scopes that do not go together, and what the loops are called then."""

    kept: str
    fixtures: str
    tests: str
    fixture_loop: str
    test_loop: str


OF_MODULE = "the module's loop of test_suite.py"
OF_FUNCTION = "the function's loop of test_suite.py::{test}"
WRONG = {
    "nothing is set": Wrong("session", "", "", "the session's loop", OF_FUNCTION),
    "fixtures on the session's loop alone": Wrong("session", "session", "", "the session's loop", OF_FUNCTION),
    "fixtures session, tests module": Wrong("session", "session", "module", "the session's loop", OF_MODULE),
    "fixtures module, tests function": Wrong("module", "module", "function", OF_MODULE, OF_FUNCTION),
    "a module's fixture, tests session": Wrong("module", "fixture-scope", "session", OF_MODULE, "the session's loop"),
    "a function's fixture on the session's loop": Wrong("function", "session", "", "the session's loop", OF_FUNCTION),
}


@pytest.mark.parametrize("kept", ["session", "function"])
def test_right_scopes_pass(suite: Suite, kept: str) -> None:
    result = suite.run(SUITE.format(kept=kept), "-W", "error", fixtures="session", tests="session")

    result.assert_outcomes(passed=2)
    assert "loop guard: fixtures on session loops, tests on session loops\n" in told(result)


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_scopes_are_told_whole_and_before_the_driver_can_speak(suite: Suite, wrong: Wrong) -> None:
    result = suite.run(SUITE.format(kept=wrong.kept), fixtures=wrong.fixtures, tests=wrong.tests)

    result.assert_outcomes(failed=2)
    for test, line in (("test_reads", 8), ("test_reads_again", 11)):
        message = another_loop(
            "pool",
            [f"pool, scope {wrong.kept}, test_suite.py:3", f"on {wrong.fixture_loop}: {{idle}}"],
            "test",
            test,
            [f"{test}, test_suite.py:{line}", f"on {wrong.test_loop.format(test=test)}: {{running}}"],
        )
        assert f"\n{message}" in told(result)
    assert not any(riddle in told(result) for riddle in RIDDLES)


@pytest.mark.parametrize("wrong", list(WRONG.values())[::2], ids=list(WRONG)[::2])
def test_without_the_guard_the_same_scopes_are_a_riddle(suite: Suite, wrong: Wrong) -> None:
    result = suite.run(SUITE.format(kept=wrong.kept), guarded=False, fixtures=wrong.fixtures, tests=wrong.tests)

    assert result.parseoutcomes()["failed"] == 2
    assert any(riddle in told(result) for riddle in RIDDLES)
    assert "loop_scope = session" not in told(result).partition("FAILURES")[2]


@pytest.mark.parametrize("narrow", ["function", "module"])
def test_a_fixture_that_is_kept_for_longer_than_its_loop_is_told_whole_each_time(suite: Suite, narrow: str) -> None:
    result = suite.run(SUITE.format(kept="session"), fixtures=narrow)

    result.assert_outcomes(errors=2)
    message = f"""
Fixture 'pool' is kept for longer than the event loop that it would belong to.

    fixture  pool, scope session, test_suite.py:3
    kept for the session
    loop of  the {narrow}

{MEND}"""
    assert told(result).count(message) == 2
    assert "ScopeMismatch" not in told(result)


def test_without_the_guard_that_is_a_riddle_too(suite: Suite) -> None:
    result = suite.run(SUITE.format(kept="session"), guarded=False, fixtures="function")

    result.assert_outcomes(errors=2)
    assert "tried to access the function scoped fixture _function_scoped_runner" in told(result)


def test_on_several_workers_right_scopes_pass_and_wrong_ones_are_told(suite: Suite) -> None:
    right = SUITE.format(kept="session")
    wrong = "\n@pytest.mark.asyncio(loop_scope='function')\nasync def test_elsewhere(pool): pass\n"

    result = suite.run(right + wrong, "-p", "xdist", "-n", "2", fixtures="session", tests="session")

    result.assert_outcomes(passed=2, failed=1)
    assert "than the test 'test_elsewhere' that uses it.\n" in told(result)
    assert MEND in told(result)


def test_in_strict_mode_it_guards_what_pytest_asyncio_runs(suite: Suite) -> None:
    source = """
        import asyncio, pytest, pytest_asyncio

        @pytest_asyncio.fixture(scope="session", loop_scope="session")
        async def lock():
            return asyncio.Lock()

        @pytest.mark.asyncio
        async def test_it(lock): pass

        @pytest.mark.asyncio(loop_scope="session")
        async def test_on_its_loop(lock): pass
    """
    result = suite.run(source, mode="strict", fixtures="function")

    result.assert_outcomes(passed=1, failed=1)
    assert "Fixture 'lock' belongs to another event loop than the test 'test_it' that uses it.\n" in told(result)


def test_the_projects_own_tests_are_guarded(request: pytest.FixtureRequest) -> None:
    assert request.config.pluginmanager.has_plugin("loop_guard")
