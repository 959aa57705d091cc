"""The command line as scripts use it: a process of its own, with nothing of this machine's settings."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.__main__ import main
from app.settings import Settings
from tests.support.patience import PATIENCE
from tests.support.reaching import reached

CHECKOUT = Path(__file__).parent.parent.parent


def environment(**settings: str) -> dict[str, str]:
    """The environment of a process that has these settings and no others."""
    known = {name.upper() for name in Settings.model_fields}
    if "DATABASE_URL" in settings:
        settings = {**settings, **reached(settings["DATABASE_URL"])}
    return {**{name: value for name, value in os.environ.items() if name not in known}, **settings}


def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m app …` to its end, without a terminal to ask on."""
    return subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        cwd=CHECKOUT,
        env=environment(**settings),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def called(capsys: pytest.CaptureFixture[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Call the command line in this process, which is faster by a second; for calls that come to no event loop."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["app", *arguments])
        patch.setattr(sys, "stdin", io.StringIO())
        patch.setattr("app.cli.serve.configure_logs", lambda settings: None)  # it would last, and capsys does not
        with pytest.raises(SystemExit) as left:
            main()
    printed = capsys.readouterr()
    return subprocess.CompletedProcess([*arguments], int(left.value.code or 0), printed.out, printed.err)


def failed_in_one_line(result: subprocess.CompletedProcess[str], *, naming: str) -> None:
    """Assert exit status 2 and one line on standard error that names the place; no traceback."""
    assert (result.returncode, result.stdout) == (2, ""), result
    assert result.stderr.startswith("error: "), result.stderr
    assert result.stderr.count("\n") == 1, result.stderr
    assert naming in result.stderr, result.stderr
