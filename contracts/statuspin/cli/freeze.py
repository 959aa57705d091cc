"""`statuspin freeze VERSION`: keep the contract in force as a release."""

from pathlib import Path

import click

from statuspin.cli.output import contract_option, format_options, write_report
from statuspin.contract.folder import Contract
from statuspin.formats import Report, Words
from statuspin.releases.freezing import find_obstacles, freeze_contract


@click.command()
@click.argument("version")
@contract_option
@format_options
def freeze(version: str, folder: Path, style: str, output: Path | None) -> int:
    """Copy the contract into a folder named VERSION beside it, which from then on `replay` holds every build to.

    Exits with 1, and copies nothing, where lint finds something, or where it breaks clients of the release before it
    without a new major version.
    """
    contract = Contract.read(folder)
    found = tuple(find_obstacles(contract, version))
    words = Words(error="in the way", nothing=f"frozen as {version}")
    if not found:
        freeze_contract(contract, version)
    report = Report("statuspin freeze", f"{folder} as {version}", contract.document.name, found, words)
    write_report(report, style, output)
    return report.status
