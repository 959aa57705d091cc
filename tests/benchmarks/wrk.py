"""Run wrk, the load generator, which sends requests on several connections for some seconds."""

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
"""Seconds after the end of its run before wrk is stopped."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `token` is a bearer token and `body` is JSON. Both may be empty."""

    method: str
    path: str
    token: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class WrkResult:
    """The results of wrk. `p50` and `p99` are in seconds. `refused` counts responses with a status of at least 400, and
    `broken` counts requests without a response.
    """

    requests: int
    seconds: float
    p50: float
    p99: float
    refused: int
    broken: int


def ensure_wrk() -> None:
    """Raise an error if wrk is missing."""
    if shutil.which("wrk") is None:
        raise click.ClickException("wrk, the load generator, is missing: apt-get install wrk")


def write_requests(file: Path, requests: Sequence[Request]) -> None:
    """Write requests to a file for `run_wrk`."""
    lines = ("\t".join((each.method, each.path, each.token, each.body)) for each in requests)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def run_wrk(url: str, requests: Path, seconds: int) -> WrkResult:
    """Send the requests of a file in turn for `seconds` seconds."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s", "-s", str(_SCRIPT), url]
    result = subprocess.run([*command, "--", str(requests)], capture_output=True, text=True, timeout=seconds + _GRACE)
    found = [line for line in result.stdout.splitlines() if line.startswith('{"requests"')]
    if result.returncode or not found:
        raise click.ClickException(f"wrk failed: {(result.stderr or result.stdout).strip()[-300:]}")
    return WrkResult(**json.loads(found[-1]))
