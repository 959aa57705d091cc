"""Run a user's small suite in a new process, with pytest-asyncio and the guard and no other plugin."""

import re
from dataclasses import dataclass

import pytest

from tests.support.cluster import server_url
from tests.support.command_line import CHECKOUT
from tests.support.timeouts import TIMEOUT

FIX = """\
Give fixtures and tests one loop, in pytest's ini file (in pyproject.toml with "session" in quotes):

    asyncio_default_fixture_loop_scope = session
    asyncio_default_test_loop_scope = session

and no other loop_scope on the fixture or on the test.
"""
STATES = {"idle": "<_UnixSelectorEventLoop running=False closed=False debug=False> at 0x…"}
STATES["running"] = STATES["idle"].replace("running=False", "running=True")


@dataclass
class Suite:
    """Runs a suite of a user in a new process."""

    pytester: pytest.Pytester
    monkeypatch: pytest.MonkeyPatch

    def run(
        self,
        source: str,
        *arguments: str,
        fixtures: str = "",
        tests: str = "",
        mode: str = "auto",
        ini: str = "",
        guarded: bool = True,
        asyncio: bool = True,
        conftest: str = "",
    ) -> pytest.RunResult:
        """Run `source`. `fixtures` and `tests` are the default loop scopes in the ini file, unset if empty."""
        lines = [f"asyncio_mode = {mode}"] if asyncio else []
        lines += [f"asyncio_default_fixture_loop_scope = {fixtures}"] if fixtures else []
        lines += [f"asyncio_default_test_loop_scope = {tests}"] if tests else []
        self.pytester.makeini("\n".join(["[pytest]", *lines, ini]))
        if "SERVER" in source + conftest:
            self.monkeypatch.setenv("SERVER", server_url())
        self.pytester.makepyfile(test_suite=source, conftest=conftest)
        plugins = ["-p", "pytest_asyncio.plugin"] * asyncio + ["-p", "pytest_loopguard", "--loopguard"] * guarded
        options = ("--strict-markers", "--strict-config", "-p", "no:cacheprovider")
        return self.pytester.runpytest_subprocess(*plugins, *options, *arguments, timeout=TIMEOUT)


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Suite:
    """Create a suite that can import the plugin. $SERVER is the URL of a PostgreSQL server, if its source uses it."""
    monkeypatch.setenv("PYTHONPATH", str(CHECKOUT / "contracts/loopguard"))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)  # these suites run nothing of the service
    return Suite(pytester, monkeypatch)


def normalize_output(result: pytest.RunResult) -> str:
    """Return the output without addresses, and with one class of loop for all platforms."""
    text = re.sub(r"0x[0-9a-f]+", "0x…", result.stdout.str())
    return re.sub(r"<\w+EventLoop ", "<_UnixSelectorEventLoop ", text)


def another_loop_message(fixture: str, set_up: list[str], kind: str, user: str, used_by: list[str]) -> str:
    """Return the guard's message. `set_up` and `used_by` are lines; those of loops end with {idle} or {running}."""
    tail = f"If {fixture!r} works on any loop, name it in loop_guard_ignore, or mark the test with any_loop.\n"
    head = f"Fixture {fixture!r} belongs to another event loop than the {kind} {user!r} that uses it.\n"
    first, second = ("\n             ".join(lines).format(**STATES) for lines in (set_up, used_by))
    return f"{head}\n    set up   {first}\n    used by  {second}\n\n{FIX}\n{tail}"
