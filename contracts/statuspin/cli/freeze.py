"""`statuspin freeze VERSION`: store the current contract as a release."""

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
    """Copy the contract into a folder named VERSION next to it. `statuspin replay` then tests every build against it.

    Exit status: 0 if the contract was copied. 1, without a copy, if lint has findings, or if the contract breaks
    clients of the previous release and VERSION is no new major version. 2 if a file is invalid.
    """
    contract = Contract.read(folder)
    found = tuple(find_obstacles(contract, version))
    words = Words(error="blocking", nothing=f"frozen as {version}")
    if not found:
        freeze_contract(contract, version)
    report = Report("statuspin freeze", f"{folder} as {version}", contract.document.name, found, words)
    write_report(report, style, output)
    return report.status
