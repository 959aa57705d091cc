"""Measure the service's resident memory during a mixture of all operations."""

import asyncio
import tempfile
from pathlib import Path

import click

from tests.benchmarks.machine import describe_machine, format_machine
from tests.benchmarks.operations import operations
from tests.benchmarks.processes import resident_bytes
from tests.benchmarks.report import table, write_json
from tests.benchmarks.rows import fill
from tests.benchmarks.servers import OURS, create_server, fresh_database, server_pid
from tests.benchmarks.wrk import Request, ensure_wrk, run_wrk, write_requests

_MOST = 5.0
"""The target of the growth from the first tenth to the end, in percent."""


def measure_memory(requests: int, output: Path | None) -> None:
    """Send `requests` requests. Print the resident memory after each tenth, and its growth."""
    ensure_wrk()
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as name, fresh_database() as url:
        folder = Path(name)
        asyncio.run(fill(url))
        write_requests(folder / "mixture.tsv", _mixture(folder / "keys"))
        with create_server(OURS, url, folder) as service:
            points = [(0, resident_bytes(server_pid(service)))]
            sent = 0
            for tenth in range(1, 11):
                if sent >= requests * tenth / 10:
                    continue
                while sent < requests * tenth / 10:
                    sent += run_wrk(service.url, folder / "mixture.tsv", 1).requests
                points.append((sent, resident_bytes(server_pid(service))))
        environment = asyncio.run(describe_machine(url))
    _publish(points, environment, output)


def _mixture(key_dir: Path) -> list[Request]:
    """Return requests of all operations in turn. A continue is rejected after its interview has ended."""
    known = operations(key_dir)
    return [operation.requests[number % len(operation.requests)] for number in range(600) for operation in known]


def _publish(points: list[tuple[int, int]], environment: dict[str, object], output: Path | None) -> None:
    grew = (points[-1][1] / points[1][1] - 1) * 100
    click.echo(table(("requests", "MiB"), [(f"{sent:,}", f"{used / 2**20:.1f}") for sent, used in points]))
    verdict = "reached" if grew <= _MOST else "not reached"
    click.echo(
        f"\nGrowth after the first tenth: {grew:.1f} %; at most {_MOST:g} %: {verdict}\n{format_machine(environment)}"
    )
    if output:
        recorded = [{"requests": sent, "resident_bytes": used} for sent, used in points]
        write_json(output, "memory", {"machine": environment, "points": recorded, "growth_percent": grew})
