"""The command line in a process of its own, and a small contract for it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.harness.contract.samples import operation, raw
from tests.support.timeouts import TIMEOUT

CHECKOUT = Path(__file__).parents[3]
ENVIRONMENT = {**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(CHECKOUT / "contracts")}
PINS: dict[str, Any] = {
    "actors": {"anonymous": {"anonymous": True}, "owner": {}},
    "pins": {"list_a": {"rows": [{"actor": "any", "answer": 200}]}},
}


def document(version: str = "1.0.0", *statuses: str) -> dict[str, Any]:
    read = raw({"/a": {"get": operation("list_a", *(statuses or ("200",)))}})
    return {**read, "info": {"title": "Small", "version": version}}


def ran(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "statuspin", *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd or CHECKOUT, env=ENVIRONMENT, capture_output=True, text=True, timeout=TIMEOUT
    )


def refused(*arguments: str | Path, naming: str, cwd: Path | None = None) -> None:
    """Assert that a command could not run, and said so in one line."""
    ended = ran(*arguments, cwd=cwd)
    assert (ended.returncode, ended.stdout) == (2, ""), ended
    assert ended.stderr.startswith("error: "), ended.stderr
    assert ended.stderr.count("\n") == 1, ended.stderr
    assert naming in ended.stderr, ended.stderr
