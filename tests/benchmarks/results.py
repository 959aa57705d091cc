"""The results of a side-by-side run: medians, ratios per round, and targets."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from pathlib import Path
from statistics import median

import click

from tests.benchmarks.baseline import baseline_path, compare_with_baseline, write_baseline
from tests.benchmarks.estimates import Estimate, estimate
from tests.benchmarks.machine import describe_machine, format_machine
from tests.benchmarks.operations import MeasuredOperation
from tests.benchmarks.plot import draw_bars
from tests.benchmarks.report import format_number, table, write_json
from tests.benchmarks.servers import OURS
from tests.benchmarks.wrk import CONNECTIONS

_HEAD = ("operation", "server", "requests/s", "p50 ms", "p99 ms", "CPU s per 1,000", "MiB", "wrong", "ratio")


@dataclass(frozen=True, slots=True)
class Plan:
    """The operations (all if `only` is empty), the number of rounds, and the seconds of each run.

    keep: the results become those that the next run is compared with.
    """

    only: Sequence[str] = ()
    rounds: int = 9
    seconds: int = 4
    warm: bool = True
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """One run of one server. `wrong` counts responses with an unexpected status and requests without a response."""

    requests_per_second: float
    p50_ms: float
    p99_ms: float
    cpu_seconds_per_1000: float
    resident_mib: float
    wrong: float


@dataclass(frozen=True, slots=True)
class Target:
    """The target and the measured value of a ratio."""

    operation: str
    server: str
    reach: float
    measured: Estimate

    @property
    def reached(self) -> bool:
        """Return whether the median reached the target, without rounding."""
        return self.measured.median >= self.reach


@dataclass(frozen=True)
class Result:
    """The runs of one operation, by server, in the order of rounds."""

    operation: MeasuredOperation
    samples: Mapping[str, Sequence[Sample]]

    def medians(self, server: str) -> Sample:
        """Return the median of each figure over the rounds, and the sum of `wrong`."""
        taken = [asdict(sample) for sample in self.samples[server]]
        of_each = {each.name: median(sample[each.name] for sample in taken) for each in fields(Sample)}
        return Sample(**{**of_each, "wrong": sum(sample["wrong"] for sample in taken)})

    @cached_property
    def ratios(self) -> dict[str, Estimate]:
        """The ratios of our speed to that of every other server: of requests per second, or per CPU second."""
        return {server: self._ratio(server) for server in self.samples if server != OURS}

    def _ratio(self, server: str) -> Estimate:
        rounds = zip(self.samples[OURS], self.samples[server], strict=True)
        if self.operation.is_by_cpu(server):
            return estimate([theirs.cpu_seconds_per_1000 / ours.cpu_seconds_per_1000 for ours, theirs in rounds])
        return estimate([ours.requests_per_second / theirs.requests_per_second for ours, theirs in rounds])

    def targets(self) -> list[Target]:
        """Return the targets of this operation."""
        name, limit = self.operation.name, self.operation.limit
        wanted = ((limit, self.operation.target_of_limit), ("fastapi", self.operation.target_of_fastapi))
        return [Target(name, server, reach, self.ratios[server]) for server, reach in wanted if reach is not None]

    def summarize(self) -> str:
        """Return the ratios as one line of progress."""
        ratios = (f"{ratio} × {server}" for server, ratio in self.ratios.items())
        return f"{self.operation.name}: {', '.join(ratios)}"


def publish(results: Sequence[Result], plan: Plan, url: str, output: Path) -> None:
    """Print both tables and what moved since the last results; write side-by-side.json and side-by-side.svg."""
    environment = asyncio.run(describe_machine(url))
    targets = [target for result in results for target in result.targets()]
    load = f"{plan.rounds} rounds of {plan.seconds} s, {CONNECTIONS} connections, one worker each"
    how = f"{load}; {format_machine(environment)}"
    click.echo(f"\n{table(_HEAD, [row for result in results for row in _rows(result)], texts=2)}\n\n{how}\n")
    head = ("operation", "compared with", "result", "target", "measured")
    click.echo(table(head, [_target_row(each) for each in targets], texts=3))
    kept, ratios = baseline_path(environment), {result.operation.name: result.ratios for result in results}
    click.echo(f"\n{compare_with_baseline(kept, ratios)}\n")
    if plan.keep:
        write_baseline(kept, environment, ratios)
    content = {
        "machine": environment,
        "rounds": plan.rounds,
        "seconds": plan.seconds,
        "connections": CONNECTIONS,
        "operations": [_to_json(result) for result in results],
        "targets": [{**asdict(target), "reached": target.reached} for target in targets],
    }
    write_json(output, "side-by-side", content)
    names = dict.fromkeys(_bar_name(server) for result in results for server in result.samples)
    bars = {name: [_speed(result, name) for result in results] for name in names}
    draw_bars(output / "side-by-side.svg", how, [result.operation.name for result in results], bars)


def _rows(result: Result) -> list[list[str]]:
    rows = []
    for server in result.samples:
        middle = result.medians(server)
        ratio = "" if server == OURS else f"{result.ratios[server]} ×"
        figures = [format_number(each) for each in asdict(middle).values()]
        rows.append([result.operation.name if server == OURS else "", server, *figures, ratio])
    return rows


def _target_row(target: Target) -> list[str]:
    outcome = "reached" if target.reached else "not reached"
    return [target.operation, target.server, outcome, f"{target.reach:g}", str(target.measured)]


def _to_json(result: Result) -> dict[str, object]:
    return {
        "name": result.operation.name,
        "servers": {
            server: {**asdict(result.medians(server)), "rounds": [asdict(sample) for sample in samples]}
            for server, samples in result.samples.items()
        },
        "ratios": {server: asdict(ratio) for server, ratio in result.ratios.items()},
    }


def _bar_name(server: str) -> str:
    """Return the name of a server's bars. The constant responses are the limit of error responses."""
    return server if not server.startswith("constant") else "limit"


def _speed(result: Result, shown: str) -> float | None:
    found = [result.medians(each).requests_per_second for each in result.samples if _bar_name(each) == shown]
    return found[0] if found else None
