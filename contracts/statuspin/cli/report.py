"""`statuspin report`: write the record of a run as an HTML page, or in another format."""

from pathlib import Path

import click

from statuspin.cli.output import path_type, write_file, write_report
from statuspin.errors import CannotRun
from statuspin.formats import FORMATS
from statuspin.loading.files import read_mapping
from statuspin.report.badge import draw_badge
from statuspin.report.conversion import convert_record
from statuspin.report.rendering import render_page
from statuspin.verify.record import DEFAULT, read

_PAGE = Path("contract-report.html")


@click.command()
@click.option(
    "--run", "record", type=path_type, default=DEFAULT, show_default=True, help="Record of the run, from `verify`."
)
@click.option("--format", "style", type=click.Choice((*FORMATS, "badge")), default="html", show_default=True,
              help="Format: html is a page, badge an SVG image.")  # fmt: skip
@click.option("--earlier", type=path_type, multiple=True, help="Earlier record, for the trend on the page. Repeatable.")
@click.option("--mutants", type=path_type, help="Kill table of a run of mutants (JSON), for the page.")
@click.option(
    "--output", type=path_type, help=f"Write to this file.  [default: {_PAGE} for html, else standard output]"
)
def report(record: Path, style: str, earlier: tuple[Path, ...], mutants: Path | None, output: Path | None) -> int:
    """Write a self-contained page that shows each promise, its observations, and their requests and responses.

    Other formats contain the findings and cases of the run, as in `verify`. Exit status: 0, even with findings.
    """
    run = read(record)
    if style == "html":
        table = read_mapping(mutants) if mutants else None
        write_file(output or _PAGE, render_page(run, table, [read(file) for file in earlier]))
        click.echo(f"{output or _PAGE} written; open it in a browser")
        return 0
    if earlier or mutants:
        raise CannotRun(f"--earlier and --mutants need --format html, not {style}")
    if style == "badge":
        if output is None:
            click.echo(draw_badge(run), nl=False)
        else:
            write_file(output, draw_badge(run))
        return 0
    write_report(convert_record(run), style, output)
    return 0
