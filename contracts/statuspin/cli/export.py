"""`statuspin export`: write pins as tests that do not need statuspin."""

from pathlib import Path

import click

from statuspin.cli.output import contract_option, path_type, write_file
from statuspin.contract.folder import Contract
from statuspin.contract.matrix import Pin
from statuspin.errors import CannotRun
from statuspin.export import find_omissions, pytest_file
from statuspin.verify.record import DEFAULT, read


@click.command()
@contract_option
@click.option("--pytest", "as_pytest", is_flag=True, help="Write a pytest file. It needs only pytest and httpx2.")
@click.option("--only", default="", help="Export the pins whose names contain this text, not those that failed.")
@click.option("--run", "record", type=path_type, default=DEFAULT, show_default=True, help="Record of the run.")
@click.option("--output", type=path_type, help="Write to this file.  [default: standard output]")
def export(folder: Path, record: Path, only: str, output: Path | None, *, as_pytest: bool) -> int:
    """Write tests that repeat the failed pins of a run, or the pins that --only selects."""
    if not as_pytest:
        raise CannotRun("name the format: --pytest")
    contract = Contract.read(folder)
    pins = _select_pins(contract, only, record)
    text = pytest_file(contract, pins)
    click.echo(f"note: the tests do not repeat {'; '.join(find_omissions(contract, pins))}", err=True)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_file(output, text)
    return 0


def _select_pins(contract: Contract, only: str, record: Path) -> list[Pin]:
    """Return the pins to export. Raises CannotRun if no pin is selected."""
    if only:
        chosen = [pin for pin in contract.matrix if only in pin.id]
        missing = f"--only {only}: no pin has this text in its name"
    else:
        failed = {pin["id"] for pin in read(record)["pins"] if pin["verdict"] == "broken"}
        chosen = [pin for pin in contract.matrix if pin.id in failed]
        missing = f"{record}: no pin failed; select pins with --only"
    if not chosen:
        raise CannotRun(missing)
    return chosen
