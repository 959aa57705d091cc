"""python -m tests.benchmarks side-by-side · growth · memory · startup · workers · size. See README.md."""

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from tests.benchmarks.growth import measure_growth
from tests.benchmarks.memory import measure_memory
from tests.benchmarks.results import Plan
from tests.benchmarks.side_by_side import BRIEF_OPERATIONS, measure_side_by_side
from tests.benchmarks.size import measure_size
from tests.benchmarks.startup import measure_startup
from tests.benchmarks.workers import measure_workers

_FOLDER = click.Path(file_okay=False, path_type=Path)
_brief = click.option("--brief", is_flag=True, help="Run for a few seconds, only to check that it works.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Measure the speed of the service and the growth of its costs. No benchmark fails because of a time."""


@cli.command()
@click.option("--rounds", default=9, show_default=True, type=click.IntRange(1, 1000))
@click.option("--seconds", default=4, show_default=True, type=click.IntRange(1, 600), help="Of each run.")
@click.option("--only", default="", help="Operations, separated by commas. Default: all.")
@click.option("--output", required=True, type=_FOLDER, help="Folder for JSON and SVG.")
@click.option("--keep", is_flag=True, help="Keep the results in the checkout for the next comparison.")
@_brief
def side_by_side(rounds: int, seconds: int, only: str, output: Path, *, keep: bool, brief: bool) -> None:
    """Compare the service with its limit, FastAPI and Litestar, and with the last results that were kept."""
    names = [name.strip() for name in only.split(",") if name.strip()]
    plan = Plan(names, rounds, seconds, keep=keep)
    if brief:
        plan = Plan(names or BRIEF_OPERATIONS, rounds=1, seconds=1, warm=False)
    measure_side_by_side(plan, output)


@cli.command()
@click.option("--to", default=1_000_000, show_default=True, type=click.IntRange(1_000, 10_000_000), help="Interviews.")
@click.option("--output", required=True, type=_FOLDER, help="Folder for JSON and SVG.")
@_brief
def growth(to: int, output: Path, *, brief: bool) -> None:
    """Measure each operation's p50 by the number of interviews, and of messages in one."""
    measure_growth(to, output, brief=brief)


@cli.command()
@click.option("--requests", default=100_000, show_default=True, type=click.IntRange(1_000))
@click.option("--output", type=_FOLDER, help="Folder for JSON.")
def memory(requests: int, output: Path | None) -> None:
    """Measure resident memory after the first tenth of the requests and at the end."""
    measure_memory(requests, output)


@cli.command()
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(1, 100))
@click.option("--output", type=_FOLDER, help="Folder for JSON.")
def startup(rounds: int, output: Path | None) -> None:
    """Measure the import time, and the time to the first 200 with an existing state folder."""
    measure_startup(rounds, output)


@cli.command()
@click.option("--rounds", default=9, show_default=True, type=click.IntRange(1, 1000))
@click.option("--seconds", default=4, show_default=True, type=click.IntRange(1, 600), help="Of each run.")
@click.option("--output", type=_FOLDER, help="Folder for JSON.")
def workers(rounds: int, seconds: int, output: Path | None) -> None:
    """Compare two workers with one."""
    measure_workers(rounds, seconds, output)


@cli.command()
@click.option("--interviews", default=400, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--output", type=_FOLDER, help="Folder for JSON.")
def size(interviews: int, output: Path | None) -> None:
    """Measure the bytes of an interview on disk and in the write-ahead log."""
    measure_size(interviews, output)


def main() -> None:
    """Run the command line and exit, with one line and 2 after an error."""
    signal.signal(signal.SIGTERM, _leave)
    try:
        sys.exit(cli.main(sys.argv[1:] or ["--help"], prog_name="python -m tests.benchmarks", standalone_mode=False))
    except click.Abort:
        _fail("stopped")
    except click.ClickException as error:
        _fail(error.format_message())


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    """Exit, so that the servers stop."""
    raise SystemExit(128 + number)


def _fail(text: str) -> NoReturn:
    click.echo(f"error: {' '.join(text.split())}", err=True)
    sys.exit(2)


if __name__ == "__main__":
    main()
