"""Write reports, and define the options that several commands share."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from statuspin.errors import CannotRun
from statuspin.formats import FORMATS, Report, render

DEFAULT = Path("contracts/specs/current")
path_type = click.Path(path_type=Path)

contract_option = click.option(
    "--contract", "folder", type=path_type, default=DEFAULT, show_default=True, help="Folder of the contract."
)


remote_option = click.option("--allow-remote", is_flag=True, help="Load references to other servers over HTTP, too.")


def format_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --format and --output to a command."""
    style = click.option("--format", "style", type=click.Choice(FORMATS), default="text", show_default=True,
                         help="Format of the report.")  # fmt: skip
    output = click.option("--output", type=path_type, help="Write the report to this file.  [default: standard output]")
    return style(output(command))


def write_report(report: Report, style: str, output: Path | None) -> None:
    """Write a report to a file, or to standard output.

    style: one of FORMATS. output: the file, or None for standard output. Raises CannotRun if it cannot be written.
    """
    if output is None:
        colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        click.echo(render(report, style, colour=colour), nl=False)
        return
    write_file(output, render(report, style))


def write_file(path: Path, text: str) -> None:
    """Write a text file and create its folder. Raises CannotRun if it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CannotRun(f"{path}: {(error.strerror or str(error)).lower()}") from None
