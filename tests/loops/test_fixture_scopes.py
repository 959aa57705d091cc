"""Small suites of a user's, with a pool on a real PostgreSQL: right scopes pass, wrong ones fail with our message."""

import os

import pytest

from tests.support.cluster import SERVER_URL
from tests.support.command_line import CHECKOUT

SUITE = """
    import os
    import asyncpg
    import pytest
    import pytest_asyncio

    @pytest_asyncio.fixture(scope="session"{fixture})
    async def pool():
        async with asyncpg.create_pool(os.environ["SERVER"], min_size=1, max_size=2) as pool:
            yield pool

    @pytest.mark.asyncio{test}
    async def test_one(pool):
        assert await pool.fetchval("SELECT 1") == 1

    @pytest.mark.asyncio{test}
    async def test_two(pool):
        assert await pool.fetchval("SELECT 2") == 2
"""

RIGHT = "[pytest]\nasyncio_default_fixture_loop_scope = session\nasyncio_default_test_loop_scope = session\n"
WRONG = {
    "both unset": "[pytest]\n",
    "tests unset": "[pytest]\nasyncio_default_fixture_loop_scope = session\n",
    "tests on a module's loop": RIGHT.replace("test_loop_scope = session", "test_loop_scope = module"),
}
GUARDED = ("-p", "contracts.pytest_plugin", "-p", "no:cacheprovider")
OBSCURE = ("different loop", "another operation is in progress", "Event loop is closed", "is in a wrong state")


@pytest.fixture(autouse=True)
def _users_project(monkeypatch: pytest.MonkeyPatch) -> None:
    """The plugin is importable; the suite knows where PostgreSQL is."""
    monkeypatch.setenv("PYTHONPATH", str(CHECKOUT))
    monkeypatch.setenv("SERVER", os.environ[SERVER_URL])


def _run(pytester: pytest.Pytester, ini: str, *arguments: str, fixture: str = "", test: str = "") -> pytest.RunResult:
    pytester.makeini(ini)
    pytester.makepyfile(SUITE.format(fixture=fixture, test=test))
    return pytester.runpytest_subprocess(*arguments, "-p", "no:schemathesis", timeout=60)


def test_right_scopes_pass(pytester: pytest.Pytester) -> None:
    _run(pytester, RIGHT, *GUARDED).assert_outcomes(passed=2)


def test_right_scopes_named_by_the_tests_themselves_pass(pytester: pytest.Pytester) -> None:
    result = _run(pytester, "[pytest]\n", *GUARDED, fixture=', loop_scope="session"', test='(loop_scope="session")')

    result.assert_outcomes(passed=2)


@pytest.mark.parametrize("ini", WRONG.values(), ids=WRONG)
def test_wrong_scopes_fail_and_name_the_fixture_both_loops_and_the_mend(pytester: pytest.Pytester, ini: str) -> None:
    result = _run(pytester, ini, *GUARDED)

    outcomes = result.parseoutcomes()
    assert outcomes.get("failed", 0) >= 1
    text = result.stdout.str()
    assert (
        "LoopMismatch: the test 'test_one' runs on another event loop than the fixture 'pool', which it uses." in text
    )
    assert (
        "'pool' (session scope, test_wrong_scopes_fail_and_name_the_fixture_both_loops_and_the_mend.py:6) was made on <"
        in text
    )
    assert "the test 'test_one' runs on <" in text
    assert "asyncio_default_fixture_loop_scope = session" in text
    assert "asyncio_default_test_loop_scope = session" in text
    assert not any(obscure in line for obscure in OBSCURE for line in text.splitlines() if line.startswith("E  "))


def test_without_the_guard_the_same_suite_fails_with_a_riddle(pytester: pytest.Pytester) -> None:
    result = _run(pytester, WRONG["tests unset"], "-p", "no:cacheprovider")

    assert result.parseoutcomes().get("failed", 0) >= 1
    text = result.stdout.str()
    assert any(riddle in text for riddle in OBSCURE)
    assert "LoopMismatch" not in text


def test_a_fixture_that_uses_another_of_a_different_loop_is_named_too(pytester: pytest.Pytester) -> None:
    pytester.makeini(WRONG["both unset"])
    pytester.makepyfile(
        """
        import asyncio
        import pytest
        import pytest_asyncio

        @pytest_asyncio.fixture(loop_scope="session", scope="session")
        async def lock():
            return asyncio.Lock()

        @pytest_asyncio.fixture(loop_scope="function")
        async def holder(lock):
            return lock

        @pytest.mark.asyncio(loop_scope="function")
        async def test_it(holder):
            pass
        """
    )

    result = pytester.runpytest_subprocess(*GUARDED, "-p", "no:schemathesis", timeout=60)

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["*the fixture 'holder' (function scope, *) runs on another event loop than the fixture 'lock'*"]
    )


@pytest.mark.parametrize(
    ("value", "marker", "ini"),
    [
        ('{"url": ["postgresql://", 5432]}', "", ""),
        ("asyncio.Lock()", "@pytest.mark.any_loop", ""),
        ("asyncio.Lock()", "", "loop_guard_ignore = settings"),
    ],
    ids=["a value that is bound to no loop", "a test that may use any loop", "a fixture that is left out"],
)
def test_no_false_alarm_for(pytester: pytest.Pytester, value: str, marker: str, ini: str) -> None:
    pytester.makeini(f"[pytest]\nasyncio_default_fixture_loop_scope = session\n{ini}\n")
    pytester.makepyfile(
        f"""
        import asyncio
        import pytest
        import pytest_asyncio

        @pytest_asyncio.fixture(scope="session")
        async def settings():
            return {value}

        {marker}
        @pytest.mark.asyncio
        async def test_it(settings):
            assert settings

        def test_sync(settings):
            assert settings
        """
    )

    pytester.runpytest_subprocess(*GUARDED, "-p", "no:schemathesis", timeout=60).assert_outcomes(passed=2)


def test_it_works_on_several_workers(pytester: pytest.Pytester) -> None:
    _run(pytester, RIGHT, *GUARDED, "-n", "2").assert_outcomes(passed=2)
