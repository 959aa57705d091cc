"""On a terminal: colours and a sign of life. In a pipe, and with NO_COLOR: plain text."""

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
async def empty() -> AsyncIterator[str]:
    """A database without any table; its URL."""
    url = await create_empty_database()
    yield url
    await drop_database(url)


def test_an_error_is_red_on_a_terminal() -> None:
    status, said = _on_a_terminal("migrate", **WRONG)

    assert status == 2
    assert said.startswith("\x1b[31m\x1b[1merror:\x1b[0m POOL_MAX_SIZE"), said


def test_an_error_is_plain_on_a_terminal_where_no_color_is_set() -> None:
    status, said = _on_a_terminal("migrate", NO_COLOR="1", **WRONG)

    assert (status, said[:20]) == (2, "error: POOL_MAX_SIZE")
    assert "\x1b" not in said


def test_an_error_is_plain_in_a_pipe() -> None:
    assert "\x1b" not in run_subprocess("migrate", **WRONG).stderr


def test_a_migration_shows_that_it_is_under_way_and_leaves_nothing_behind_it(empty: str) -> None:
    status, said = _on_a_terminal("migrate", DATABASE_URL=empty)

    assert status == 0
    assert "Bringing the database up to date …" in said
    assert re.search(r"\x1b\[\??\w+$", said), said[-20:]


def test_a_migration_has_no_colours_where_no_color_is_set(empty: str) -> None:
    status, said = _on_a_terminal("migrate", DATABASE_URL=empty, NO_COLOR="1")

    assert status == 0
    assert "Bringing the database up to date …" in said
    assert not COLOUR.search(said), said


@pytest.mark.parametrize("terminal", ["a pipe", "dumb"])
def test_a_migration_says_nothing_of_being_under_way_to_who_cannot_show_it(empty: str, terminal: str) -> None:
    if terminal == "dumb":
        assert _on_a_terminal("migrate", DATABASE_URL=empty, TERM="dumb") == (0, "")
        return
    result = run_subprocess("migrate", DATABASE_URL=empty)
    assert (result.returncode, result.stderr) == (0, "")
    assert len(result.stdout.splitlines()) == len(expected()) + 1


def test_text_logs_are_plain_in_a_pipe() -> None:
    script = (
        "from app.logs import *; from app.settings import Settings; configure_logs(Settings()); "
        "structlog.get_logger().warning('it')"
    )
    said = subprocess.run(
        [sys.executable, "-c", script], env=environment(LOG_FORMAT="text"), cwd=CHECKOUT, capture_output=True, text=True
    )

    assert "it" in said.stderr
    assert "\x1b" not in said.stderr


def test_nothing_but_a_spinner_loads_what_draws_it() -> None:
    names = ("yaspin", "termcolor", "black")
    script = f"import sys, app.__main__; print([name for name in {names} if name in sys.modules])"

    loaded = subprocess.run([sys.executable, "-c", script], cwd=CHECKOUT, capture_output=True, text=True)

    assert (loaded.stdout, loaded.stderr) == ("[]\n", "")


def _on_a_terminal(*arguments: str, **settings: str) -> tuple[int, str]:
    """Run a command whose standard error is a terminal; its exit status, and what the terminal got."""
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
        said = b""
        with process:
            while chunk := _read(screen.fileno()):
                said += chunk
    return process.returncode, said.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux says EIO where every other end is closed
        return b""
