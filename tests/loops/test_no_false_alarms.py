"""The guard allows values that work on every loop, by their type or by configuration."""

import asyncio
from collections import namedtuple
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from uuid import uuid4

import pytest

from pytest_loopguard.made import is_plain
from tests.loops.conftest import Suite, normalize_output


@dataclass(frozen=True)
class Row:
    name: str
    held: object = None


class Kept:
    pass


class Color(Enum):
    RED = 1


class Registry(dict[str, object]):
    pass


Point = namedtuple("Point", "x y")
ENDLESS: list[object] = []
ENDLESS.append(ENDLESS)
FULL = Registry()
FULL.lock = asyncio.Lock()  # type: ignore[attr-defined]
PLAIN = [None, True, 1, 1.5, "url", b"key", Decimal(1), datetime.now(UTC), Path("x"), uuid4(), Color.RED]
PLAIN += [(), [1, "a"], {"a": {1, 2}}, frozenset("ab"), Point(1, 2), Row("a"), [Row("a", held=(Row("b"),))], Registry()]
MAY_BE_BOUND = [Kept(), asyncio.Lock(), [Kept()], {"a": Kept()}, Point(1, Kept()), Row("a", held=Kept()), FULL, ENDLESS]
MAY_BE_BOUND += [lambda: 1, Kept, iter([])]


@pytest.mark.parametrize("value", PLAIN, ids=lambda value: type(value).__name__)
def test_a_value_that_cannot_hold_a_loop_is_plain(value: object) -> None:
    assert is_plain(value)


@pytest.mark.parametrize("value", MAY_BE_BOUND, ids=lambda value: type(value).__name__)
def test_a_value_that_may_hold_a_loop_is_not_plain(value: object) -> None:
    assert not is_plain(value)


def test_fixtures_on_several_loops_pass_if_each_is_used_on_its_own(suite: Suite) -> None:
    source = """
        import asyncio, pathlib, pytest, pytest_asyncio

        @pytest.fixture(scope="session")
        async def lock():
            return asyncio.Lock()

        @pytest.fixture(scope="session")
        async def url(lock):
            async with lock:
                return {"url": "postgresql://", "path": pathlib.Path("here")}

        @pytest_asyncio.fixture(loop_scope="module", scope="module")
        async def of_module():
            yield asyncio.Lock()

        @pytest.fixture
        def table_of(lock):
            return "a name"

        @pytest.fixture(autouse=True, scope="session")
        def _all(pair): pass

        @pytest.fixture(scope="session")
        async def pair():
            return [asyncio.Lock(), asyncio.Lock()]

        async def test_a_plain_value(url): pass

        async def test_a_plain_value_that_a_sync_fixture_made(table_of): pass

        def test_a_sync_test(lock, url, of_module): pass

        @pytest.mark.asyncio(loop_scope="module")
        async def test_on_the_modules_loop(of_module, url): pass

        @pytest.mark.asyncio(loop_scope="session")
        async def test_on_the_sessions_loop(lock):
            async with lock: pass

        async def test_that_only_has_it_in_reach(request): pass

        class TestOverride:
            @pytest_asyncio.fixture(loop_scope="function")
            async def lock(self):
                yield asyncio.Lock()

            @pytest.fixture
            def holder(self, lock):
                return [lock]

            async def test_a_fixture_of_the_same_name(self, lock, holder): pass

            @pytest.mark.parametrize("url", [object()])
            async def test_an_argument_of_the_same_name(self, url): pass
    """
    result = suite.run(source, "-W", "error", fixtures="session", tests="function")

    result.assert_outcomes(passed=8)
    assert "loop guard: fixtures on session loops, tests on function loops\n" in normalize_output(result)


LOCK = """
import asyncio, pytest

@pytest.fixture(scope="session")
async def lock():
    return asyncio.Lock()
"""


def test_fixtures_that_the_ini_file_names_are_allowed_everywhere(suite: Suite) -> None:
    source = """
@pytest.fixture
def pair(lock, other):
    return [lock, other]

@pytest.fixture(scope="session")
async def other():
    return asyncio.Lock()

async def test_it(lock): pass

async def test_another(pair): pass
"""
    result = suite.run(LOCK + source, fixtures="session", ini="loop_guard_ignore = lock more")

    result.assert_outcomes(passed=1, failed=1)
    assert (
        "Fixture 'other' belongs to another event loop than the test 'test_another' that uses it.\n"
        in normalize_output(result)
    )


def test_a_mark_allows_all_or_named_fixtures_for_one_test(suite: Suite) -> None:
    source = """
@pytest.fixture
async def holder(lock):
    return lock

@pytest.mark.any_loop
async def test_all(lock): pass

@pytest.mark.any_loop("lock")
async def test_named(lock): pass

@pytest.mark.any_loop("other")
async def test_another_named(lock): pass

@pytest.mark.any_loop
async def test_by_way_of_a_fixture(holder): pass

async def test_unmarked(lock): pass
"""
    result = suite.run(LOCK + source, "-rA", fixtures="fixture-scope")

    result.assert_outcomes(passed=3, failed=2)
    for name in ("test_another_named", "test_unmarked"):
        assert f"FAILED test_suite.py::{name} " in normalize_output(result)


def test_each_loop_factory_has_its_own_fixtures(suite: Suite) -> None:
    conftest = """
        import asyncio

        def pytest_asyncio_loop_factories(config, item):
            return {"one": asyncio.new_event_loop, "other": asyncio.SelectorEventLoop}
    """
    source = LOCK + "async def test_a(lock): pass\nasync def test_b(lock): pass\n"

    result = suite.run(source, "-W", "error", fixtures="session", tests="session", conftest=conftest)

    result.assert_outcomes(passed=4)


def test_the_guard_imports_and_prints_nothing_without_pytest_asyncio(suite: Suite) -> None:
    source = """
        import sys

        def test_it():
            assert not {"asyncpg", "pytest_asyncio", "app", "tables"} & set(sys.modules)
    """
    result = suite.run(source, "-W", "error", asyncio=False)

    result.assert_outcomes(passed=1)
    assert "loop guard:" not in normalize_output(result)
