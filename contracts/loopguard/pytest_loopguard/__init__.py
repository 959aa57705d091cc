"""The loop guard: a pytest plugin that reports fixtures that are used on another event loop than their own.

    pytest --loopguard

or `loopguard = true` in pytest's ini file.

With pytest-asyncio, each scope has its own event loop. If the loop scopes are not configured, a fixture with scope
`session` is set up on the session's loop and used on the function's loop. The driver then fails with "attached to a
different loop", "another operation is in progress" or "Event loop is closed", without the name of the fixture. The
guard fails the test before its first line runs. The message names the fixture, both loops, and the fix.

The README.md of the distribution explains the rule, its exceptions and its limits.
"""

import sys

import pytest

from pytest_loopguard.guard import LoopGuard
from pytest_loopguard.messages import describe_limits

_OWN = (None, "", "fixture-scope")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that turn the guard on, and the ini option that excludes fixtures."""
    about = "fail a test that uses an async fixture on another event loop than the fixture's own"
    parser.getgroup("asyncio").addoption("--loopguard", action="store_true", help=about)
    parser.addini("loopguard", about, "bool", default=False)
    parser.addini("loop_guard_ignore", "names of async fixtures whose values work on any event loop", "args", [])


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and the guard if it is turned on."""
    config.addinivalue_line("markers", "any_loop(*fixtures): these async fixtures, or all, work on any event loop")
    if config.getoption("loopguard") or config.getini("loopguard"):
        config.pluginmanager.register(LoopGuard(config), "loop_guard")


def pytest_report_header(config: pytest.Config) -> str | None:
    """Report the loop scopes of fixtures and tests."""
    if not config.pluginmanager.has_plugin("loop_guard"):
        return None
    try:
        fixtures = config.getini("asyncio_default_fixture_loop_scope")
        tests = config.getini("asyncio_default_test_loop_scope")
    except ValueError:  # pytest-asyncio is older, or not installed
        return _limits(config)
    of = "their own scopes'" if fixtures in _OWN else fixtures
    return _limits(config) or f"loop guard: fixtures on {of} loops, tests on {tests} loops"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Report what the guard cannot check, if the header was not printed."""
    limits = _limits(config) if config.pluginmanager.has_plugin("loop_guard") else None
    if limits and terminalreporter.verbosity < 0:
        terminalreporter.write_line(limits)


def _limits(config: pytest.Config) -> str | None:
    plugin = sys.modules.get("pytest_asyncio.plugin")
    if plugin is None or not config.pluginmanager.is_registered(plugin):
        return None
    return describe_limits(sys.modules["pytest_asyncio"].__version__)
