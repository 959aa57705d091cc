"""Run the command line in a new process, on a small contract."""

import os
import subprocess
from pathlib import Path
from typing import Any

from tests.harness.contract.samples import operation, raw
from tests.support.command_line import CHECKOUT, run_forked

ENVIRONMENT = {**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(CHECKOUT / "contracts")}
PINS: dict[str, Any] = {
    "actors": {"anonymous": {"anonymous": True}, "owner": {}},
    "pins": {"list_a": {"rows": [{"actor": "any", "answer": 200}]}},
}


def document(version: str = "1.0.0", *statuses: str) -> dict[str, Any]:
    read = raw({"/a": {"get": operation("list_a", *(statuses or ("200",)))}})
    return {**read, "info": {"title": "Small", "version": version}}


def run_command(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return run_forked("statuspin", [*map(str, arguments)], ENVIRONMENT, cwd or CHECKOUT)


def assert_one_line_error(*arguments: str | Path, naming: str, cwd: Path | None = None) -> None:
    """Assert that a command ends with 2 and one line that contains `naming`."""
    result = run_command(*arguments, cwd=cwd)
    assert (result.returncode, result.stdout) == (2, ""), result
    assert result.stderr.startswith("error: "), result.stderr
    assert result.stderr.count("\n") == 1, result.stderr
    assert naming in result.stderr, result.stderr
