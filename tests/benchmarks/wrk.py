"""wrk, the load: a program of Debian's that keeps some connections busy for some seconds."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

CONNECTIONS = 16
_SCRIPT = Path(__file__).parent / "load.lua"
_GRACE = 30
"""Seconds beyond its own after which wrk is taken for stuck."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request. token: a bearer token, empty for none. body: JSON, empty for none."""

    method: str
    path: str
    token: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk saw. p50, p99: seconds. refused: answers from status 400 on. broken: requests without an answer."""

    requests: int
    seconds: float
    p50: float
    p99: float
    refused: int
    broken: int


def ensure_wrk() -> None:
    """Raise where wrk is missing."""
    if shutil.which("wrk") is None:
        raise click.ClickException("wrk is missing, the program that makes the load: apt-get install wrk")


def write_requests(file: Path, requests: Sequence[Request]) -> None:
    """Write requests as `run_wrk` reads them."""
    lines = ("\t".join((each.method, each.path, each.token, each.body)) for each in requests)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def run_wrk(url: str, requests: Path, seconds: int) -> Load:
    """Send the requests of a file in turn, for so many whole seconds."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s", "-s", str(_SCRIPT), url]
    result = subprocess.run([*command, "--", str(requests)], capture_output=True, text=True, timeout=seconds + _GRACE)
    found = [line for line in result.stdout.splitlines() if line.startswith('{"requests"')]
    if result.returncode or not found:
        raise click.ClickException(f"wrk failed: {(result.stderr or result.stdout).strip()[-300:]}")
    return Load(**json.loads(found[-1]))
