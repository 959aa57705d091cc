"""How each operation's time grows with the number of interviews, and with the number of messages in one."""

import asyncio
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click

from tests.benchmarks.growing import add_interviews, empty, lengthen, shorten
from tests.benchmarks.machine import ensure_installed, in_words, machine
from tests.benchmarks.one_client import Client
from tests.benchmarks.plot import draw_lines
from tests.benchmarks.questions import Questions
from tests.benchmarks.report import number, table, write_json
from tests.benchmarks.servers import OURS, fresh_database, server

Points = list[tuple[int, float]]
"""Size and p50 in milliseconds."""

_FLAT = 1.3
_FLAT_IN_INTERVIEWS = ("get", "patch", "continue", "list, first by cursor", "list, deep by cursor")
_FLAT_IN_MESSAGES = ("patch", "continue")


def measure_growth(to: int, output: Path, *, brief: bool) -> None:
    """Measure both, print the tables with last beside first, write growth.json and growth.svg."""
    ensure_installed("matplotlib")
    interviews = [100, 1_000] if brief else [size for size in (10**power for power in range(3, 8)) if size <= to]
    messages = [11, 51] if brief else [11, 51, 101, 501, 2_001]
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as name, fresh_database() as url:
        folder = Path(name)
        with server(OURS, url, folder) as service, Client(service.url, repeats=20 if brief else 300) as client:
            questions = Questions(folder / "keys")
            found = {
                "interviews": _series(_by_interviews(url, client, questions, interviews)),
                "messages": _series(_by_messages(url, client, questions, messages)),
            }
        told = asyncio.run(machine(url))
    _publish(found, told, output)


def _by_interviews(url: str, client: Client, questions: Questions, sizes: Sequence[int]) -> Iterator[tuple[int, dict]]:
    asyncio.run(empty(url))
    have = 0
    for size in sizes:
        asyncio.run(add_interviews(url, range(have + 1, size + 1)))
        have = size
        yield size, {name: client.median_ms(asked) for name, asked in questions.among_interviews(size).items()}


def _by_messages(url: str, client: Client, questions: Questions, sizes: Sequence[int]) -> Iterator[tuple[int, dict]]:
    asyncio.run(empty(url))
    have = 0
    for size in sizes:
        asyncio.run(lengthen(url, have, size))
        have = size
        undone: Callable[[], None] = lambda size=size: asyncio.run(shorten(url, size))  # noqa: E731 - of this size
        yield size, {name: client.median_ms(asked, undone) for name, asked in questions.in_long_ones().items()}


def _series(measured: Iterator[tuple[int, dict[str, float]]]) -> dict[str, Points]:
    series: dict[str, Points] = {}
    for size, found in measured:
        click.echo(f"{size:,}: " + ", ".join(f"{name} {number(value)} ms" for name, value in found.items()))
        for name, value in found.items():
            series.setdefault(name, []).append((size, value))
    return series


def _publish(found: dict[str, dict[str, Points]], told: dict[str, object], output: Path) -> None:
    for grows, flat in (("interviews", _FLAT_IN_INTERVIEWS), ("messages", _FLAT_IN_MESSAGES)):
        series = found[grows]
        sizes = [f"{size:,}" for size, _ in next(iter(series.values()))]
        head = (f"p50 ms, {grows}", *sizes, "last beside first", f"at most {_FLAT:g}")
        rows = [_row(name, points, flat=name in flat) for name, points in series.items()]
        click.echo(f"\n{table(head, rows)}")
    click.echo(f"\none client; {in_words(told)}")
    ratios = {grows: {name: _ratio(points) for name, points in series.items()} for grows, series in found.items()}
    write_json(output, "growth", {"machine": told, "p50_ms": found, "last_beside_first": ratios})
    panels = {"interviews of one employee": found["interviews"], "messages of one interview": found["messages"]}
    draw_lines(output / "growth.svg", in_words(told), panels)


def _row(name: str, points: Points, *, flat: bool) -> list[str]:
    verdict = "reached" if _ratio(points) <= _FLAT else "not reached"
    return [name, *(number(value) for _, value in points), f"{_ratio(points):.2f}", verdict if flat else ""]


def _ratio(points: Points) -> float:
    return points[-1][1] / points[0][1]
