"""Output has colours and a progress line on a terminal, and is plain text in a pipe or with NO_COLOR."""

import os
import pty
import re
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest

from app.database.migrations import expected
from tests.support.cluster import create_empty_database, drop_database
from tests.support.command_line import CHECKOUT, environment, run_subprocess

COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3|4|9)\d(?:;\d+)*m")
WRONG = {"POOL_MAX_SIZE": "many"}


@pytest.fixture
async def empty_database_url() -> AsyncIterator[str]:
    """Create a database without tables. Return its URL."""
    url = await create_empty_database()
    yield url
    await drop_database(url)


def test_an_error_is_red_on_a_terminal() -> None:
    status, output = _run_on_terminal("migrate", **WRONG)

    assert status == 2
    assert output.startswith("\x1b[31m\x1b[1merror:\x1b[0m POOL_MAX_SIZE"), output


def test_an_error_is_plain_on_a_terminal_if_no_color_is_set() -> None:
    status, output = _run_on_terminal("migrate", NO_COLOR="1", **WRONG)

    assert (status, output[:20]) == (2, "error: POOL_MAX_SIZE")
    assert "\x1b" not in output


def test_an_error_is_plain_in_a_pipe() -> None:
    assert "\x1b" not in run_subprocess("migrate", **WRONG).stderr


def test_a_migration_shows_progress_and_erases_it(empty_database_url: str) -> None:
    status, output = _run_on_terminal("migrate", DATABASE_URL=empty_database_url)

    assert status == 0
    assert "Bringing the database up to date …" in output
    assert re.search(r"\x1b\[\??\w+$", output), output[-20:]


def test_a_migration_has_no_colours_if_no_color_is_set(empty_database_url: str) -> None:
    status, output = _run_on_terminal("migrate", DATABASE_URL=empty_database_url, NO_COLOR="1")

    assert status == 0
    assert "Bringing the database up to date …" in output
    assert not COLOUR.search(output), output


@pytest.mark.parametrize("terminal", ["a pipe", "dumb"])
def test_a_migration_shows_no_progress_in_a_pipe_or_dumb_terminal(empty_database_url: str, terminal: str) -> None:
    if terminal == "dumb":
        assert _run_on_terminal("migrate", DATABASE_URL=empty_database_url, TERM="dumb") == (0, "")
        return
    result = run_subprocess("migrate", DATABASE_URL=empty_database_url)
    assert (result.returncode, result.stderr) == (0, "")
    assert len(result.stdout.splitlines()) == len(expected()) + 1


def test_text_logs_are_plain_in_a_pipe() -> None:
    script = (
        "from app.logs import *; from app.settings import Settings; configure_logs(Settings()); "
        "structlog.get_logger().warning('it')"
    )
    output = subprocess.run(
        [sys.executable, "-c", script], env=environment(LOG_FORMAT="text"), cwd=CHECKOUT, capture_output=True, text=True
    )

    assert "it" in output.stderr
    assert "\x1b" not in output.stderr


def test_only_a_spinner_imports_rich() -> None:
    names = ("yaspin", "termcolor", "black")
    script = f"import sys, app.__main__; print([name for name in {names} if name in sys.modules])"

    loaded = subprocess.run([sys.executable, "-c", script], cwd=CHECKOUT, capture_output=True, text=True)

    assert (loaded.stdout, loaded.stderr) == ("[]\n", "")


def _run_on_terminal(*arguments: str, **settings: str) -> tuple[int, str]:
    """Run a command whose standard error is a terminal. Return its exit status and its output."""
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0) as screen:
        try:
            process = subprocess.Popen(
                [sys.executable, "-m", "app", *arguments],
                cwd=CHECKOUT,
                env=environment(**{"NO_COLOR": "", "TERM": "xterm-256color", **settings}),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=theirs,
            )
        finally:
            os.close(theirs)
        output = b""
        with process:
            while chunk := _read(screen.fileno()):
                output += chunk
    return process.returncode, output.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux raises EIO if the other end is closed
        return b""
