"""`statuspin report`: the record of a run as a page."""

from pathlib import Path

import click

from statuspin.cli.output import a_path, write_file
from statuspin.loading.files import read_mapping
from statuspin.report.rendering import page
from statuspin.verify.record import DEFAULT, read


@click.command()
@click.option("--run", "record", type=a_path, default=DEFAULT, show_default=True, help="What `verify` wrote.")
@click.option("--mutants", type=a_path, help="The kill table of a run of mutants, JSON.")
@click.option("--output", type=a_path, default=Path("contract-report.html"), show_default=True, help="The page.")
def report(record: Path, mutants: Path | None, output: Path) -> int:
    """Write one self-contained page: what was promised and observed, and the exchange behind each cell."""
    write_file(output, page(read(record), read_mapping(mutants) if mutants else None))
    click.echo(f"{output} shows the run; open it in a browser")
    return 0
