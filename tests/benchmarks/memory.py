"""Whether the service's memory stays what it is: a mixture of all operations, and what is resident meanwhile."""

import asyncio
import tempfile
from pathlib import Path

import click

from tests.benchmarks.machine import in_words, machine
from tests.benchmarks.operations import operations
from tests.benchmarks.processes import resident_bytes
from tests.benchmarks.report import table, write_json
from tests.benchmarks.rows import fill
from tests.benchmarks.servers import OURS, fresh_database, pid, server
from tests.benchmarks.wrk import Request, ensure_wrk, run_wrk, write_requests

_MOST = 5.0
"""Percent that it may grow from the first tenth to the end."""


def measure_memory(requests: int, output: Path | None) -> None:
    """Send so many requests; print resident memory after each tenth, and what it grew by."""
    ensure_wrk()
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as name, fresh_database() as url:
        folder = Path(name)
        asyncio.run(fill(url))
        write_requests(folder / "mixture.tsv", _mixture(folder / "keys"))
        with server(OURS, url, folder) as service:
            points = [(0, resident_bytes(pid(service)))]
            sent = 0
            for tenth in range(1, 11):
                if sent >= requests * tenth / 10:
                    continue
                while sent < requests * tenth / 10:
                    sent += run_wrk(service.url, folder / "mixture.tsv", 1).requests
                points.append((sent, resident_bytes(pid(service))))
        told = asyncio.run(machine(url))
    _publish(points, told, output)


def _mixture(key_dir: Path) -> list[Request]:
    """Requests of all operations in turn. Those that go on with an interview are refused once it has ended."""
    known = operations(key_dir)
    return [operation.requests[number % len(operation.requests)] for number in range(600) for operation in known]


def _publish(points: list[tuple[int, int]], told: dict[str, object], output: Path | None) -> None:
    grew = (points[-1][1] / points[1][1] - 1) * 100
    click.echo(table(("requests", "MiB"), [(f"{sent:,}", f"{used / 2**20:.1f}") for sent, used in points]))
    verdict = "reached" if grew <= _MOST else "not reached"
    click.echo(f"\nAfter the first tenth it grew by {grew:.1f} %; at most {_MOST:g} %: {verdict}\n{in_words(told)}")
    if output:
        recorded = [{"requests": sent, "resident_bytes": used} for sent, used in points]
        write_json(output, "memory", {"machine": told, "points": recorded, "growth_percent": grew})
