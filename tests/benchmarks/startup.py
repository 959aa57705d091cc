"""Measure the time of the imports, and the time to the first response with an existing state folder."""

import asyncio
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import click

from app.embedded_postgres.cluster import read_record
from tests.benchmarks.machine import describe_machine, format_machine
from tests.benchmarks.report import table, write_json
from tests.support.command_line import CHECKOUT, environment
from tests.support.service import Service

_IMPORTS = "import app.__main__, app.application"
_TARGETS = {"import": 0.45, "first 200": 0.9}
"""The targets in seconds."""


def measure_startup(rounds: int, output: Path | None) -> None:
    """Print medians of import time and of the time to the first 200, in seconds."""
    found = {
        "import": [_import_seconds() for _ in range(rounds)],
        "import, by -X importtime": [_importtime_seconds() for _ in range(rounds)],
        "interpreter only": [_wall_seconds("pass") for _ in range(rounds)],
        "interpreter and import": [_wall_seconds(_IMPORTS) for _ in range(rounds)],
        "first 200": _first_answers(rounds),
    }
    rows = [(what, f"{median(seconds):.3f}", _verdict(what, median(seconds))) for what, seconds in found.items()]
    environment = asyncio.run(describe_machine())
    click.echo(f"{table(('what', 'seconds', 'at most'), rows)}\n\nmedian of {rounds}; {format_machine(environment)}")
    if output:
        write_json(output, "startup", {"machine": environment, "seconds": found})


def _verdict(what: str, seconds: float) -> str:
    if what not in _TARGETS:
        return ""
    return f"{_TARGETS[what]:g}: {'reached' if seconds <= _TARGETS[what] else 'not reached'}"


def _python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=CHECKOUT,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )


def _import_seconds() -> float:
    code = f"import time; start = time.perf_counter(); {_IMPORTS}; print(time.perf_counter() - start)"
    return float(_python("-c", code).stdout)


def _importtime_seconds() -> float:
    """Return the cumulative time of the direct imports in seconds. -X importtime itself adds to it."""
    lines = _python("-X", "importtime", "-c", _IMPORTS).stderr.splitlines()
    found = (re.fullmatch(r"import time:\s+\d+ \|\s+(\d+) \| (app\S*)", line) for line in lines)
    return sum(int(line[1]) for line in found if line) / 1e6


def _wall_seconds(code: str) -> float:
    start = time.perf_counter()
    _python("-c", code)
    return time.perf_counter() - start


def _first_answers(rounds: int) -> list[float]:
    """Return the seconds from `python -m app serve` with embedded PostgreSQL to the first 200."""
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as name:
        folder, state = Path(name), Path(name) / "state"
        service = Service(folder, forks=False, STATE_DIR=str(state), LOG_LEVEL="warning")
        try:
            with service:
                pass
            return [_first_answer(service) for _ in range(rounds)]
        finally:
            record = read_record(state)
            if record:
                shutil.rmtree(record.home, ignore_errors=True)


def _first_answer(service: Service) -> float:
    start = time.perf_counter()
    with service:
        return time.perf_counter() - start
