"""Compare the service with its limit and with other frameworks: the same requests on the same rows."""

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from tests.benchmarks.comparison import find_differences
from tests.benchmarks.machine import ensure_installed
from tests.benchmarks.operations import MeasuredOperation, operations
from tests.benchmarks.processes import cpu_seconds, resident_bytes
from tests.benchmarks.results import Plan, Result, Sample, publish
from tests.benchmarks.rows import fill
from tests.benchmarks.servers import OURS, fresh_database, run_servers, server_pid
from tests.benchmarks.wrk import ensure_wrk, run_wrk, write_requests
from tests.support.service import Service

BRIEF_OPERATIONS = ("get", "start")
_WARM_UP = 1
"""Seconds of load on each server before the first round."""


def measure_side_by_side(plan: Plan, output: Path) -> None:
    """Compare all answers, measure, print the tables, and write them to `output`."""
    ensure_wrk()
    ensure_installed("fastapi", "sqlalchemy", "litestar", "orjson", "matplotlib")
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as name:
        folder = Path(name)
        known = operations(folder / "keys")
        chosen = _select(known, plan.only)
        with fresh_database() as url:
            asyncio.run(fill(url))
            names = dict.fromkeys(server for operation in known for server in _servers(operation))
            with run_servers(names, url, folder) as servers:
                _ensure_same(known, servers, url)
                results = [_measure(operation, servers, plan, url, folder) for operation in chosen]
            publish(results, plan, url, output)


def _select(known: Sequence[MeasuredOperation], only: Sequence[str]) -> list[MeasuredOperation]:
    unknown = set(only) - {each.name for each in known}
    if unknown:
        names = ", ".join(each.name for each in known)
        raise click.UsageError(f"unknown operations: {', '.join(sorted(unknown))}; choose from {names}")
    return [each for each in known if not only or each.name in only]


def _servers(operation: MeasuredOperation) -> tuple[str, ...]:
    """Return the names of the servers in their order within a round."""
    return OURS, operation.limit, "fastapi", "litestar"


def _ensure_same(known: Sequence[MeasuredOperation], servers: Mapping[str, Service], url: str) -> None:
    found = [
        text
        for operation in known
        for text in find_differences(operation, {name: servers[name] for name in _servers(operation)}, url)
    ]
    for text in found:
        click.echo(text)
    if found:
        raise click.ClickException(
            f"the responses of the servers differ in {len(found)} places, so nothing was measured"
        )
    click.echo(f"All servers give equal responses: {', '.join(operation.name for operation in known)}")


def _measure(
    operation: MeasuredOperation, servers: Mapping[str, Service], plan: Plan, url: str, folder: Path
) -> Result:
    requests = folder / f"{operation.name}.tsv"
    write_requests(requests, operation.requests)
    asyncio.run(fill(url))
    samples: dict[str, list[Sample]] = {name: [] for name in _servers(operation)}
    for name in samples if plan.warm else ():
        _sample(operation, servers[name], requests, _WARM_UP, url)
    for _ in range(plan.rounds):
        for name, taken in samples.items():
            taken.append(_sample(operation, servers[name], requests, plan.seconds, url))
    result = Result(operation, samples)
    click.echo(result.summarize())
    return result


def _sample(operation: MeasuredOperation, service: Service, requests: Path, seconds: int, url: str) -> Sample:
    if operation.writes:
        asyncio.run(fill(url))
    before = cpu_seconds(server_pid(service))
    load = run_wrk(service.url, requests, seconds)
    used = cpu_seconds(server_pid(service)) - before
    wrong = load.refused if operation.status < 400 else load.requests - load.refused
    return Sample(
        requests_per_second=load.requests / load.seconds,
        p50_ms=load.p50 * 1000,
        p99_ms=load.p99 * 1000,
        cpu_seconds_per_1000=used / max(load.requests, 1) * 1000,
        resident_mib=resident_bytes(server_pid(service)) / 2**20,
        wrong=wrong + load.broken,
    )
