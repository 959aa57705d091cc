"""Run the command line as a script would, without the settings of this machine."""

import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from app.__main__ import main
from app.settings import Settings
from tests.support.connections import connection_settings
from tests.support.fork_server import ForkedProcess, can_fork
from tests.support.timeouts import TIMEOUT

CHECKOUT = Path(__file__).parent.parent.parent


def environment(**settings: str) -> dict[str, str]:
    """Return the environment of a process that has only these settings."""
    known = {name.upper() for name in Settings.model_fields}
    if "DATABASE_URL" in settings:
        settings = {**settings, **connection_settings(settings["DATABASE_URL"])}
    return {**{name: value for name, value in os.environ.items() if name not in known}, **settings}


def run_subprocess(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m app …` in a new process, without a terminal."""
    variables = environment(**settings)
    if not can_fork(variables):
        command = [sys.executable, "-m", "app", *arguments]
        pipes: dict[str, Any] = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True}
        return subprocess.run(command, cwd=CHECKOUT, env=variables, timeout=TIMEOUT, **pipes)
    return run_forked("app", arguments, variables, CHECKOUT)


def run_forked(
    module: str, arguments: Sequence[str], variables: Mapping[str, str], cwd: Path
) -> subprocess.CompletedProcess[str]:
    """Run `python -m MODULE …` in a process that is forked from one that has imported the module."""
    with tempfile.NamedTemporaryFile("r") as stdout, tempfile.NamedTemporaryFile("r") as stderr:
        process = ForkedProcess(arguments, variables, Path(stdout.name), Path(stderr.name), module=module, cwd=cwd)
        try:
            status = process.wait(TIMEOUT)
        finally:
            process.kill()
        return subprocess.CompletedProcess(process.args, status, stdout.read(), stderr.read())


def run_command(capsys: pytest.CaptureFixture[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command in this process, which saves a second. The command must not start an event loop."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["app", *arguments])
        patch.setattr(sys, "stdin", io.StringIO())
        patch.setattr(
            "app.cli.serve.configure_logs", lambda settings: None
        )  # it would keep the stream of capsys after the test
        with pytest.raises(SystemExit) as exit_:
            main()
    printed = capsys.readouterr()
    return subprocess.CompletedProcess([*arguments], int(exit_.value.code or 0), printed.out, printed.err)


def assert_one_line_error(result: subprocess.CompletedProcess[str], *, naming: str) -> None:
    """Assert exit status 2 and one line on standard error that contains `naming`."""
    assert (result.returncode, result.stdout) == (2, ""), result
    assert result.stderr.startswith("error: "), result.stderr
    assert result.stderr.count("\n") == 1, result.stderr
    assert naming in result.stderr, result.stderr
