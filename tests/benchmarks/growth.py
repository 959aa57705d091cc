"""Measure how each operation's time grows with the number of interviews and of messages in one interview."""

import asyncio
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click

from tests.benchmarks.dataset import add_interviews, delete_rows, lengthen, shorten
from tests.benchmarks.machine import describe_machine, ensure_installed, format_machine
from tests.benchmarks.one_client import Client
from tests.benchmarks.plot import draw_lines
from tests.benchmarks.questions import Questions
from tests.benchmarks.report import format_number, table, write_json
from tests.benchmarks.servers import OURS, create_server, fresh_database

Points = list[tuple[int, float]]
"""Pairs of a size and the p50 in milliseconds."""

_FLAT = 1.3
_FLAT_IN_INTERVIEWS = ("get", "patch", "continue", "list, first by cursor", "list, deep by cursor")
_FLAT_IN_MESSAGES = ("patch", "continue")


def measure_growth(to: int, output: Path, *, brief: bool) -> None:
    """Measure both, print the tables, and write growth.json and growth.svg."""
    ensure_installed("matplotlib")
    interviews = [100, 1_000] if brief else [size for size in (10**power for power in range(3, 8)) if size <= to]
    messages = [11, 51] if brief else [11, 51, 101, 501, 2_001]
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as name, fresh_database() as url:
        folder = Path(name)
        with create_server(OURS, url, folder) as service, Client(service.url, repeats=20 if brief else 300) as client:
            questions = Questions(folder / "keys")
            results = {
                "interviews": _series(_by_interviews(url, client, questions, interviews)),
                "messages": _series(_by_messages(url, client, questions, messages)),
            }
        environment = asyncio.run(describe_machine(url))
    _publish(results, environment, output)


def _by_interviews(url: str, client: Client, questions: Questions, sizes: Sequence[int]) -> Iterator[tuple[int, dict]]:
    asyncio.run(delete_rows(url))
    have = 0
    for size in sizes:
        asyncio.run(add_interviews(url, range(have + 1, size + 1)))
        have = size
        yield (
            size,
            {name: client.median_ms(requests) for name, requests in questions.requests_for_interviews(size).items()},
        )


def _by_messages(url: str, client: Client, questions: Questions, sizes: Sequence[int]) -> Iterator[tuple[int, dict]]:
    asyncio.run(delete_rows(url))
    have = 0
    for size in sizes:
        asyncio.run(lengthen(url, have, size))
        have = size
        undo: Callable[[], None] = lambda size=size: asyncio.run(shorten(url, size))  # noqa: E731 - binds this size
        yield (
            size,
            {
                name: client.median_ms(requests, undo)
                for name, requests in questions.requests_for_long_interviews().items()
            },
        )


def _series(runs: Iterator[tuple[int, dict[str, float]]]) -> dict[str, Points]:
    series: dict[str, Points] = {}
    for size, results in runs:
        click.echo(f"{size:,}: " + ", ".join(f"{name} {format_number(value)} ms" for name, value in results.items()))
        for name, value in results.items():
            series.setdefault(name, []).append((size, value))
    return series


def _publish(results: dict[str, dict[str, Points]], environment: dict[str, object], output: Path) -> None:
    for grows, flat in (("interviews", _FLAT_IN_INTERVIEWS), ("messages", _FLAT_IN_MESSAGES)):
        series = results[grows]
        sizes = [f"{size:,}" for size, _ in next(iter(series.values()))]
        head = (f"p50 ms, {grows}", *sizes, "last / first", f"at most {_FLAT:g}")
        rows = [_row(name, points, flat=name in flat) for name, points in series.items()]
        click.echo(f"\n{table(head, rows)}")
    click.echo(f"\none client; {format_machine(environment)}")
    ratios = {grows: {name: _ratio(points) for name, points in series.items()} for grows, series in results.items()}
    write_json(output, "growth", {"machine": environment, "p50_ms": results, "last_beside_first": ratios})
    panels = {"interviews of one employee": results["interviews"], "messages of one interview": results["messages"]}
    draw_lines(output / "growth.svg", format_machine(environment), panels)


def _row(name: str, points: Points, *, flat: bool) -> list[str]:
    verdict = "reached" if _ratio(points) <= _FLAT else "not reached"
    return [name, *(format_number(value) for _, value in points), f"{_ratio(points):.2f}", verdict if flat else ""]


def _ratio(points: Points) -> float:
    return points[-1][1] / points[0][1]
