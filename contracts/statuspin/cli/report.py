"""`statuspin report`: the record of a run as a page, or in another format."""

from pathlib import Path

import click

from statuspin.cli.output import a_path, write_file, write_report
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
    "--run", "record", type=a_path, default=DEFAULT, show_default=True, help="The record that `verify` wrote."
)
@click.option("--format", "style", type=click.Choice((*FORMATS, "badge")), default="html", show_default=True,
              help="html is the page, badge an SVG image.")  # fmt: skip
@click.option("--earlier", type=a_path, multiple=True, help="An earlier record, for the trend on the page; repeatable.")
@click.option("--mutants", type=a_path, help="The kill table of a run of mutants, JSON.")
@click.option("--output", type=a_path, help=f"The file; {_PAGE} for the page, else standard output.")
def report(record: Path, style: str, earlier: tuple[Path, ...], mutants: Path | None, output: Path | None) -> int:
    """Write one self-contained page: what was promised and observed, and the exchange behind each cell.

    In another format, write the findings and cases of the run as `verify` does. Exits with 0 whatever was found.
    """
    run = read(record)
    if style == "html":
        table = read_mapping(mutants) if mutants else None
        write_file(output or _PAGE, render_page(run, table, [read(file) for file in earlier]))
        click.echo(f"{output or _PAGE} shows the run; open it in a browser")
        return 0
    if earlier or mutants:
        raise CannotRun(f"--earlier and --mutants go with --format html, not {style}")
    if style == "badge":
        if output is None:
            click.echo(draw_badge(run), nl=False)
        else:
            write_file(output, draw_badge(run))
        return 0
    write_report(convert_record(run), style, output)
    return 0
