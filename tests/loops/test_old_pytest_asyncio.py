"""With an old pytest-asyncio, the guard says what it cannot see."""

import pytest

from pytest_loopguard.messages import describe_limits
from tests.loops.conftest import Suite, normalize_output

LIMITS = (
    "loop guard: pytest-asyncio 1.0.0 hides on which loops async fixtures are set up. The guard checks only what async"
    " tests reach without them. Install pytest-asyncio 1.1 or later\n"
)
SUITE = "import pytest_asyncio\npytest_asyncio.__version__ = '1.0.0'\n"


@pytest.mark.parametrize("version", ["0.21.1", "0.26.0", "1.0.0", "1.0.0rc1"])
def test_the_limits_name_the_version(version: str) -> None:
    assert describe_limits(version) == LIMITS.replace("1.0.0", version).rstrip()


@pytest.mark.parametrize("version", ["1.1", "1.1.0a1", "1.5.0", "2.0", "10.0"])
def test_a_newer_version_has_no_limits(version: str) -> None:
    assert describe_limits(version) is None


@pytest.mark.parametrize("option", ["-v", "-q"])
def test_a_run_prints_the_limits_once(suite: Suite, option: str) -> None:
    suite.pytester.makepyfile(old=SUITE)

    result = suite.run("def test_it(): pass", "-p", "old", option)

    result.assert_outcomes(passed=1)
    assert normalize_output(result).count(LIMITS) == 1
