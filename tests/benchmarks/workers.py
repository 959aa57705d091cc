"""Compare two workers with one on the same database, and measure the load of the processors."""

import asyncio
import tempfile
from collections.abc import Mapping
from pathlib import Path
from statistics import median

import click

from tests.benchmarks.machine import describe_machine, format_machine
from tests.benchmarks.operations import operations
from tests.benchmarks.processes import cpu_seconds, machine_seconds
from tests.benchmarks.report import format_number, table, write_json
from tests.benchmarks.rows import fill
from tests.benchmarks.servers import OURS, create_server, fresh_database, server_pid
from tests.benchmarks.wrk import ensure_wrk, run_wrk, write_requests
from tests.support.service import Service

_OPERATIONS = ("get", "list", "422")
_TARGET = 1.6
_HEAD = ("operation", "workers", "requests/s", "machine busy", "share of the service", "2 / 1", "target")

Run = dict[str, float]


def measure_workers(rounds: int, seconds: int, output: Path | None) -> None:
    """Alternate between one worker and two. Print the medians, their ratio, and the load of the processors."""
    ensure_wrk()
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as name, fresh_database() as url:
        folder = Path(name)
        asyncio.run(fill(url))
        chosen = [each for each in operations(folder / "keys") if each.name in _OPERATIONS]
        with create_server(OURS, url, folder) as one, create_server(OURS, url, folder, workers=2) as two:
            services, runs = {"1": one, "2": two}, dict[str, list[dict[str, Run]]]()
            for operation in chosen:
                requests = folder / f"{operation.name}.tsv"
                write_requests(requests, operation.requests)
                runs[operation.name] = [_round(services, requests, seconds) for _ in range(rounds)]
        environment = asyncio.run(describe_machine(url))
    rows = [row for name, taken in runs.items() for row in _rows(name, taken)]
    click.echo(f"{table(_HEAD, rows)}\n\n{rounds} rounds of {seconds} s; {format_machine(environment)}")
    if output:
        write_json(output, "workers", {"machine": environment, "operations": runs})


def _round(services: Mapping[str, Service], requests: Path, seconds: int) -> dict[str, Run]:
    return {workers: _run(service, requests, seconds) for workers, service in services.items()}


def _run(service: Service, requests: Path, seconds: int) -> Run:
    """Return the requests per second, the busy share of all processors, and the service's share of the busy time."""
    ours, (busy, whole) = cpu_seconds(server_pid(service)), machine_seconds()
    load = run_wrk(service.url, requests, seconds)
    busy_after, whole_after = machine_seconds()
    used = busy_after - busy
    return {
        "requests_per_second": load.requests / load.seconds,
        "machine_busy": used / (whole_after - whole),
        "service_share": (cpu_seconds(server_pid(service)) - ours) / used,
    }


def _rows(name: str, taken: list[dict[str, Run]]) -> list[list[str]]:
    ratio = median(each["2"]["requests_per_second"] / each["1"]["requests_per_second"] for each in taken)
    verdict = f"{_TARGET}: {'reached' if ratio >= _TARGET else 'not reached'}"
    rows = []
    for workers in ("1", "2"):
        middle = {what: median(each[workers][what] for each in taken) for what in taken[0][workers]}
        shares = [f"{middle[what]:.0%}" for what in ("machine_busy", "service_share")]
        end = [f"{ratio:.2f}", verdict] if workers == "2" else ["", ""]
        rows.append(
            [name if workers == "1" else "", workers, format_number(middle["requests_per_second"]), *shares, *end]
        )
    return rows
