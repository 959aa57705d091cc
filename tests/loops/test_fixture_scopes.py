"""A pool on a real PostgreSQL in a user's suite: right scopes pass, and the guard explains wrong ones."""

from typing import NamedTuple

import pytest

from tests.loops.conftest import FIX, Suite, another_loop_message, normalize_output

SUITE = """\
import os, asyncpg, pytest

@pytest.fixture(scope="{pool_scope}")
async def pool():
    async with asyncpg.create_pool(os.environ["SERVER"], min_size=1, max_size=2) as pool:
        yield pool

async def test_reads(pool):
    assert await pool.fetchval("SELECT 1") == 1

async def test_reads_again(pool):
    assert await pool.fetchval("SELECT 2") == 2
"""
DRIVER_ERRORS = ("attached to a different loop", "another operation is in progress", "Event loop is closed")


class WrongScopes(NamedTuple):
    """Scopes that do not match, and the names of their loops in the message."""

    pool_scope: str
    fixtures: str
    tests: str
    fixture_loop: str
    test_loop: str


OF_MODULE = "the module's loop of test_suite.py"
OF_FUNCTION = "the function's loop of test_suite.py::{test}"
WRONG_SCOPES = {
    "nothing is set": WrongScopes("session", "", "", "the session's loop", OF_FUNCTION),
    "only fixtures on the session's loop": WrongScopes("session", "session", "", "the session's loop", OF_FUNCTION),
    "fixtures session, tests module": WrongScopes("session", "session", "module", "the session's loop", OF_MODULE),
    "fixtures module, tests function": WrongScopes("module", "module", "function", OF_MODULE, OF_FUNCTION),
    "a module's fixture, tests session": WrongScopes(
        "module", "fixture-scope", "session", OF_MODULE, "the session's loop"
    ),
    "a function's fixture on the session's loop": WrongScopes(
        "function", "session", "", "the session's loop", OF_FUNCTION
    ),
}


@pytest.mark.parametrize("pool_scope", ["session", "function"])
def test_right_scopes_pass(suite: Suite, pool_scope: str) -> None:
    result = suite.run(SUITE.format(pool_scope=pool_scope), "-W", "error", fixtures="session", tests="session")

    result.assert_outcomes(passed=2)
    assert "loop guard: fixtures on session loops, tests on session loops\n" in normalize_output(result)


@pytest.mark.parametrize("wrong", WRONG_SCOPES.values(), ids=WRONG_SCOPES)
def test_the_guard_explains_wrong_scopes_before_the_driver_fails(suite: Suite, wrong: WrongScopes) -> None:
    result = suite.run(SUITE.format(pool_scope=wrong.pool_scope), fixtures=wrong.fixtures, tests=wrong.tests)

    result.assert_outcomes(failed=2)
    for test, line in (("test_reads", 8), ("test_reads_again", 11)):
        message = another_loop_message(
            "pool",
            [f"pool, scope {wrong.pool_scope}, test_suite.py:3", f"on {wrong.fixture_loop}: {{idle}}"],
            "test",
            test,
            [f"{test}, test_suite.py:{line}", f"on {wrong.test_loop.format(test=test)}: {{running}}"],
        )
        assert f"\n{message}" in normalize_output(result)
    assert not any(driver_error in normalize_output(result) for driver_error in DRIVER_ERRORS)


@pytest.mark.parametrize("wrong", list(WRONG_SCOPES.values())[::2], ids=list(WRONG_SCOPES)[::2])
def test_wrong_scopes_are_an_error_of_the_driver_without_the_guard(suite: Suite, wrong: WrongScopes) -> None:
    result = suite.run(
        SUITE.format(pool_scope=wrong.pool_scope), guarded=False, fixtures=wrong.fixtures, tests=wrong.tests
    )

    assert result.parseoutcomes()["failed"] == 2
    assert any(driver_error in normalize_output(result) for driver_error in DRIVER_ERRORS)
    assert "loop_scope = session" not in normalize_output(result).partition("FAILURES")[2]


@pytest.mark.parametrize("narrow", ["function", "module"])
def test_the_guard_explains_a_fixture_that_outlives_its_loop(suite: Suite, narrow: str) -> None:
    result = suite.run(SUITE.format(pool_scope="session"), fixtures=narrow)

    result.assert_outcomes(errors=2)
    message = f"""
Fixture 'pool' is kept for longer than the event loop that it would belong to.

    fixture  pool, scope session, test_suite.py:3
    kept for the session
    loop of  the {narrow}

{FIX}"""
    assert normalize_output(result).count(message) == 2
    assert "ScopeMismatch" not in normalize_output(result)


def test_a_fixture_that_outlives_its_loop_is_an_error_of_pytest_without_the_guard(suite: Suite) -> None:
    result = suite.run(SUITE.format(pool_scope="session"), guarded=False, fixtures="function")

    result.assert_outcomes(errors=2)
    assert "tried to access the function scoped fixture _function_scoped_runner" in normalize_output(result)


def test_the_guard_works_on_several_workers(suite: Suite) -> None:
    right = SUITE.format(pool_scope="session")
    wrong = "\n@pytest.mark.asyncio(loop_scope='function')\nasync def test_elsewhere(pool): pass\n"

    result = suite.run(right + wrong, "-p", "xdist", "-n", "2", fixtures="session", tests="session")

    result.assert_outcomes(passed=2, failed=1)
    assert "than the test 'test_elsewhere' that uses it.\n" in normalize_output(result)
    assert FIX in normalize_output(result)


def test_the_guard_works_in_strict_mode(suite: Suite) -> None:
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
    assert "Fixture 'lock' belongs to another event loop than the test 'test_it' that uses it.\n" in normalize_output(
        result
    )


def test_the_guard_is_on_for_the_tests_of_this_project(request: pytest.FixtureRequest) -> None:
    assert request.config.pluginmanager.has_plugin("loop_guard")
