"""Paths by which a value reaches another loop. The guard follows most of them, and prints the loops for the rest."""

import pytest

from tests.loops.conftest import FIX, STATES, Suite, another_loop_message, normalize_output

POOL = """\
import asyncio, contextvars, os, asyncpg, pytest

@pytest.fixture(scope="session")
async def pool():
    async with asyncpg.create_pool(os.environ["SERVER"], min_size=1, max_size=2) as pool:
        HIDDEN.get().append(pool)
        yield pool

HIDDEN = contextvars.ContextVar("hidden", default=[])
"""
SET_UP = ["pool, scope session, test_suite.py:3", "on the session's loop: {idle}"]


def test_the_guard_follows_a_sync_fixture(suite: Suite) -> None:
    source = """
@pytest.fixture
def repository(pool):
    return lambda: pool.fetchval("SELECT 1")

async def test_it(repository): pass
"""
    result = suite.run(POOL + source, fixtures="session")

    result.assert_outcomes(failed=1)
    through = "through repository, scope function, test_suite.py:11"
    loop = "on the function's loop of test_suite.py::test_it: {running}"
    used_by = ["test_it, test_suite.py:15", through, loop]
    assert another_loop_message("pool", SET_UP, "test", "test_it", used_by) in normalize_output(result)


def test_the_guard_follows_another_async_fixture(suite: Suite) -> None:
    source = """
class TestIt:
    @pytest.fixture
    async def client(self, pool):
        yield pool

    async def test_it(self, client): pass
"""
    result = suite.run(POOL + source)

    result.assert_outcomes(errors=1)
    loop = "on the function's loop of test_suite.py::TestIt::test_it: {running}"
    used_by = ["client, scope function, test_suite.py:12", loop]
    assert another_loop_message("pool", SET_UP, "fixture", "client", used_by) in normalize_output(result)


def test_the_guard_follows_an_attribute_of_a_test_class(suite: Suite) -> None:
    source = """
class TestIt:
    @pytest.fixture(autouse=True)
    def _put(self, pool):
        self.pool = pool

    async def test_it(self): pass
"""
    result = suite.run(POOL + source, fixtures="session")

    result.assert_outcomes(failed=1)
    loop = "on the function's loop of test_suite.py::TestIt::test_it: {running}"
    used_by = ["test_it, test_suite.py:16", "through self.pool", loop]
    assert another_loop_message("pool", SET_UP, "test", "test_it", used_by) in normalize_output(result)


def test_the_guard_follows_a_property_of_hypothesis(suite: Suite) -> None:
    source = """
from hypothesis import HealthCheck, given, settings, strategies

@pytest.mark.parametrize("x", [1])
@settings(max_examples=2, database=None, suppress_health_check=list(HealthCheck))
@given(number=strategies.integers())
async def test_it(pool, number, x): pass
"""
    right = (
        "\n@pytest.mark.asyncio(loop_scope='session')\n@given(strategies.none())\nasync def test_right(pool, _): pass\n"
    )

    result = suite.run(POOL + source + right, fixtures="session")

    result.assert_outcomes(passed=1, failed=1)
    assert (
        "Fixture 'pool' belongs to another event loop than the test 'test_it[1]' that uses it.\n"
        in normalize_output(result)
    )


GLOBALS = {
    "a global": ("KEPT", "    KEPT[0].locked()"),
    "a global of a function that the test calls": ("KEPT", "    call()"),
    "a global of a module": ("kept", "    helpers.kept.value.locked()"),
    "a global of a function in a module": ("kept", "    helpers.use()"),
    "an attribute of a class": ("kept", "    Service.kept.locked()"),
    "a global in a lambda": ("KEPT", "    (lambda: KEPT)()"),
}
HELPERS = """
import types

kept = types.SimpleNamespace(value=None)

def use():
    return kept.value
"""


@pytest.mark.parametrize(("name", "body"), GLOBALS.values(), ids=GLOBALS)
def test_the_guard_follows_globals(suite: Suite, name: str, body: str) -> None:
    suite.pytester.makepyfile(helpers=HELPERS)
    source = f"""
import asyncio, pytest
import helpers

KEPT = []

class Service:
    kept = None

def call():
    return KEPT

@pytest.fixture(scope="session", autouse=True)
async def lock():
    lock = asyncio.Lock()
    KEPT.append(lock)
    helpers.kept.value = lock
    Service.kept = lock

@pytest.fixture(scope="session", autouse=True)
async def keeper(lock):
    return KEPT

async def test_it():
{body}

async def test_another():
    pass

@pytest.mark.any_loop("{name}")
async def test_marked():
{body}
"""
    result = suite.run(source, fixtures="session")

    result.assert_outcomes(passed=2, failed=1)
    message = "Fixture 'keeper' belongs to another event loop than the test 'test_it' that uses it.\n"
    output = normalize_output(result)
    assert message in output
    assert f"through global {name} of " in output


def test_the_guard_follows_globals_of_async_fixtures(suite: Suite) -> None:
    source = """
import asyncio, pytest

KEPT = []

@pytest.fixture(scope="session")
async def lock():
    KEPT.append(asyncio.Lock())
    return KEPT[0]

@pytest.fixture(loop_scope="function")
async def user():
    return KEPT

@pytest.mark.asyncio(loop_scope="session")
async def test_first(lock): pass

async def test_it(user): pass
"""
    source = source.replace("@pytest.fixture(loop", "@pytest_asyncio.fixture(loop").replace(
        "pytest\n", "pytest, pytest_asyncio\n", 1
    )
    result = suite.run(source, fixtures="session")

    result.assert_outcomes(passed=1, errors=1)
    message = "Fixture 'lock' belongs to another event loop than the fixture 'user' that uses it.\n"
    assert message in normalize_output(result)


def test_the_guard_names_a_global_that_no_fixture_made(suite: Suite) -> None:
    source = """\
import asyncio, os, asyncpg

async def make():
    return await asyncpg.create_pool(os.environ["SERVER"], min_size=1)

POOL = asyncio.run(make())

async def test_it():
    await POOL.fetchval("SELECT 1")
"""
    result = suite.run(source, fixtures="session", tests="session")

    result.assert_outcomes(failed=1)
    expected = """\
The Pool in the global POOL of test_suite belongs to another event loop than the test 'test_it' that uses it.

    held by  global POOL of test_suite
             on a loop of its own: <_UnixSelectorEventLoop running=False closed=True debug=False> at 0x…
    used by  test_it, test_suite.py:8
             on the session's loop: <_UnixSelectorEventLoop running=True closed=False debug=False> at 0x…

Create it in an async fixture, and let tests ask for the fixture by its name:

    @pytest_asyncio.fixture(scope="session", loop_scope="session")
    async def pool():
        async with ... as pool:  # what creates it today
            yield pool

Then give fixtures and tests one loop, in pytest's ini file (in pyproject.toml with "session" in quotes):

    asyncio_default_fixture_loop_scope = session
    asyncio_default_test_loop_scope = session

If 'POOL' works on any loop, name it in loop_guard_ignore, or mark the test with any_loop.
"""
    assert expected in normalize_output(result)


def test_the_guard_adds_the_loops_to_a_drivers_error(suite: Suite) -> None:
    source = """
@pytest.fixture
async def connected(request):
    await HIDDEN.get()[0].fetchval("SELECT 1")

@pytest.fixture(scope="session", autouse=True)
async def _connected(pool): pass

@pytest.mark.asyncio(loop_scope="session")
async def test_right():
    await HIDDEN.get()[0].fetchval("SELECT 1")

async def test_driver_error():
    await HIDDEN.get()[0].fetchval("SELECT 1")

async def test_driver_error_in_a_fixture(connected): pass

async def test_the_message_of_another_library():
    raise ValueError("another operation is in progress")
"""
    result = suite.run(POOL + source, fixtures="fixture-scope")

    assert result.parseoutcomes() == {"passed": 1, "failed": 2, "errors": 1}
    alive = """\
async fixtures that were set up, and their loops:
    pool, scope session, test_suite.py:3
        on the session's loop: {idle}
    _connected, scope session, test_suite.py:15
        on the session's loop: {idle}
the test itself:
"""
    text = normalize_output(result)
    assert text.count("- loop guard -") == 2
    began = "    on the function's loop of test_suite.py::test_driver_error: {idle}\n\n"
    assert (alive + began).format(**STATES) + FIX in text
    assert alive.format(**STATES) + "    had not begun, or runs on no loop\n\n" + FIX in text


def test_the_guard_adds_the_loops_to_an_error_of_a_tear_down(suite: Suite) -> None:
    source = """
        import asyncio, pytest

        @pytest.fixture
        async def lock():
            yield asyncio.Lock()
            loop = asyncio.new_event_loop()
            loop.close()
            loop.call_soon(print)

        async def test_it(lock): pass
    """
    result = suite.run(source, fixtures="function")

    result.assert_outcomes(passed=1, errors=1)
    assert "RuntimeError: Event loop is closed" in normalize_output(result)
    assert "- loop guard -" in normalize_output(result)
    assert "    lock, scope function, test_suite.py:3\n" in normalize_output(result)
