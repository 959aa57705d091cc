"""Ways on which a value gets to another loop: the guard follows those that it can, and tells the state for the rest."""

from tests.loops.conftest import MEND, STATES, Suite, another_loop, told

POOL = """\
import asyncio, os, asyncpg, pytest

@pytest.fixture(scope="session")
async def pool():
    async with asyncpg.create_pool(os.environ["SERVER"], min_size=1, max_size=2) as pool:
        KEPT.append(pool)
        yield pool

KEPT = []
"""
SET_UP = ["pool, scope session, test_suite.py:3", "on the session's loop: {idle}"]


def test_through_a_sync_fixture(suite: Suite) -> None:
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
    assert another_loop("pool", SET_UP, "test", "test_it", used_by) in told(result)


def test_into_another_async_fixture(suite: Suite) -> None:
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
    assert another_loop("pool", SET_UP, "fixture", "client", used_by) in told(result)


def test_into_the_instance_of_a_test(suite: Suite) -> None:
    source = """
class TestIt:
    @pytest.fixture(autouse=True)
    def _put(self, pool):
        self.pool = pool

    async def test_it(self): pass
"""
    result = suite.run(POOL + source, fixtures="session")

    result.assert_outcomes(failed=1)
    used_by = ["test_it, test_suite.py:16", "on the function's loop of test_suite.py::TestIt::test_it: {running}"]
    assert another_loop("pool", SET_UP, "test", "test_it", used_by) in told(result)


def test_into_a_property_of_hypothesis(suite: Suite) -> None:
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
    assert "Fixture 'pool' belongs to another event loop than the test 'test_it[1]' that uses it.\n" in told(result)


def test_where_it_cannot_follow_the_riddle_comes_with_the_state(suite: Suite) -> None:
    source = """
@pytest.fixture
async def asked(request):
    await KEPT[0].fetchval("SELECT 1")

@pytest.fixture(scope="session", autouse=True)
async def _connected(pool): pass

@pytest.mark.asyncio(loop_scope="session")
async def test_right():
    await KEPT[0].fetchval("SELECT 1")

async def test_riddle():
    await KEPT[0].fetchval("SELECT 1")

async def test_riddle_in_a_fixture(asked): pass

async def test_the_words_of_anyone_but_the_driver():
    raise ValueError("another operation is in progress")
"""
    result = suite.run(POOL + source, fixtures="fixture-scope")

    assert result.parseoutcomes() == {"passed": 1, "failed": 2, "errors": 1}
    alive = """\
async fixtures that were alive, and the loops that they were set up on:
    pool, scope session, test_suite.py:3
        on the session's loop: {idle}
    _connected, scope session, test_suite.py:15
        on the session's loop: {idle}
the test itself:
"""
    text = told(result)
    assert text.count("- loop guard -") == 2
    begun = "    on the function's loop of test_suite.py::test_riddle: {idle}\n\n"
    assert (alive + begun).format(**STATES) + MEND in text
    assert alive.format(**STATES) + "    had not begun, or runs on no loop\n\n" + MEND in text


def test_a_loop_that_is_closed_in_a_tear_down_comes_with_the_state_before_it(suite: Suite) -> None:
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
    assert "RuntimeError: Event loop is closed" in told(result)
    assert "- loop guard -" in told(result)
    assert "    lock, scope function, test_suite.py:3\n" in told(result)
