"""The loop guard: a pytest plugin that says which fixture is used on another event loop than its own.

    pytest --loopguard

or `loopguard = true` in pytest's ini file.

With pytest-asyncio each scope has an event loop of its own. If the scopes are not set, a fixture that is kept for
the session is set up on the session's loop and used on the function's, and the driver says "attached to a different
loop", "another operation is in progress" or "Event loop is closed", and names nothing. The guard fails that test before
its first line runs, and names the fixture, both loops and the two lines of configuration that mend it.

The rule: an async test or async fixture that runs on one loop may not be given what an async fixture made on another,
be it as an argument, as an attribute of the test's instance, or within what a sync fixture made of it. Excepted is

- what can hold no loop: None, numbers, texts, bytes, dates, paths, UUIDs, enums, and built-in containers, named tuples
  and dataclasses of those;
- what is said to be free of a loop: fixtures named in the ini option `loop_guard_ignore`, and every fixture (or those
  named) for a test marked `any_loop` (`@pytest.mark.any_loop("catalogue")`).

Sync tests run on no loop and are never failed. What a fixture leaves in a global, and what `request.getfixturevalue`
hands out, is not followed; a test that fails with one of those three texts is therefore given a section in its report
that tells which async fixtures were alive, and on which loops.

Needs pytest (8.3), and pytest-asyncio (1.1) for fixtures to look at.
"""

import pytest

from pytest_loopguard.guard import LoopGuard

_OWN = (None, "", "fixture-scope")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that switch the guard on and the ini option that excepts fixtures."""
    about = "fail a test that uses an async fixture on another event loop than the fixture's own"
    parser.getgroup("asyncio").addoption("--loopguard", action="store_true", help=about)
    parser.addini("loopguard", about, "bool", default=False)
    parser.addini("loop_guard_ignore", "names of async fixtures whose values work on any event loop", "args", [])


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and the guard if it is switched on."""
    config.addinivalue_line("markers", "any_loop(*fixtures): these async fixtures, or all, work on any event loop")
    if config.getoption("loopguard") or config.getini("loopguard"):
        config.pluginmanager.register(LoopGuard(config), "loop_guard")


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say on which loops fixtures and tests run."""
    if not config.pluginmanager.has_plugin("loop_guard"):
        return None
    try:
        fixtures = config.getini("asyncio_default_fixture_loop_scope")
        tests = config.getini("asyncio_default_test_loop_scope")
    except ValueError:  # without pytest-asyncio
        return None
    of = "their own scopes'" if fixtures in _OWN else fixtures
    return f"loop guard: fixtures on {of} loops, tests on {tests} loops"
