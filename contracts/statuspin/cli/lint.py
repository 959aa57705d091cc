"""`statuspin lint`: are the files valid, complete, and do they say the same?"""

from pathlib import Path

import click

from statuspin.cli.output import contract_option, format_options, remote_option, write_report
from statuspin.contract.folder import Contract
from statuspin.formats import Report, Words
from statuspin.lint import document_findings, matrix_findings


@click.command()
@contract_option
@remote_option
@format_options
def lint(folder: Path, *, allow_remote: bool, style: str, output: Path | None) -> int:
    """Check openapi.yaml and pins.yaml, each by itself and beside the other.

    Exits with 0 if nothing is wrong, 1 if something is, 2 if a file cannot be used at all.
    """
    contract = Contract.read(folder, allow_remote=allow_remote)
    findings = (*document_findings(contract.document), *matrix_findings(contract))
    words = Words(nothing=f"{len(contract.document.operations)} operations, {len(contract.matrix)} pins: nothing wrong")
    report = Report("statuspin lint", str(folder), contract.document.name, findings, words)
    write_report(report, style, output)
    return report.status
